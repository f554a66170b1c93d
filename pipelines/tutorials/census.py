"""Census: wide & deep on UCI Adult."""

from pipelines.datasets.remote import RemoteFile
from pipelines.datasets.samples import census as sample
from pipelines.spec import PipelineSpec, Source, Threshold
from pipelines.tasks import BINARY
from trainer_modules.census.parameters import CensusParameters

_UCI = "https://archive.ics.uci.edu/ml/machine-learning-databases/adult"

PIPELINE = PipelineSpec(
    name="census",
    title="Wide & deep on the UCI Adult census",
    task=BINARY,
    label="income_bracket",
    source=Source(
        name="UCI Adult",
        url="https://archive.ics.uci.edu/dataset/2/adult",
        rows="32,561 to train, 16,281 to test",
        example_gen="components.csv_example_gen.component.CsvExampleGen",
        layouts=({"train": "adult.data", "eval": "adult.data", "test": "adult.test"},),
        hash_buckets={"train": 9, "eval": 1},
        remote=(
            RemoteFile(
                "adult.data",
                (f"{_UCI}/adult.data",),
                3_974_305,
                "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
            ),
            RemoteFile(
                "adult.test",
                (f"{_UCI}/adult.test",),
                2_003_153,
                "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
            ),
            RemoteFile(
                "adult.names",
                (f"{_UCI}/adult.names",),
                5_229,
                "c248284c0b5de30c9e1958d6cdd168a34a654758b620e68f46aefa83fc0a576a",
            ),
        ),
        sample=sample.write,
        test_digest="a3023a7e0d5e6d8aef3680c529d2b1ec",
        options={
            "csv": {
                "null_values": ["?"],
                "comment": "|",
                "strip_suffix": {"income_bracket": "."},
            }
        },
    ),
    model="wide & deep",
    trainer="trainer_modules.census",
    parameters=CensusParameters,
    thresholds=(
        Threshold("accuracy", limit=0.80, max_drop=0.01),
        Threshold("auc", limit=0.85, max_drop=0.01),
    ),
    slices=(("gender",), ("race",), ("education",), ("gender", "race")),
    fairness_slices=(("gender",), ("race",), ("gender", "race")),
    reference_url="https://github.com/tensorflow/models/tree/r1.11/official/wide_deep",
    reference_metrics={"accuracy": 0.8543, "precision": 0.738},
    model_card={
        "Use": "Shows how to learn from tabular data. It predicts which people in the 1994 US "
        "census had an income of more than 50,000 dollars.",
        "Not for": "Decisions about people, such as on credit, housing, or jobs.",
        "Data": "32,561 adults of the US census of 1994 to train, 16,281 to test (UCI Adult).",
        "Limits": "Sex and race are the census's categories. Metrics of small groups are "
        "uncertain, and the model reproduces the inequality of its time.",
    },
)
