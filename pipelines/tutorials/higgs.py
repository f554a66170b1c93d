"""HIGGS: boosted trees on UCI HIGGS, simulated collisions with and without a Higgs boson.

The original tutorial prints no metrics. Baldi, Sadowski and Whiteson, who made the data, report an
AUC of 0.81 for boosted trees on all of it and of 0.885 for deep networks (2014, Nature
Communications 5:4308, table 1).
"""

from components.example_gen.tail import Tail
from components.metrics import SIGNAL_EFFICIENCY
from pipelines.datasets.remote import RemoteFile
from pipelines.datasets.samples import higgs as sample
from pipelines.spec import PipelineSpec, Source, Threshold
from pipelines.tasks import BINARY
from trainer_modules.higgs import features as f
from trainer_modules.higgs.parameters import HiggsParameters

_FILE = "HIGGS.csv.gz"

PIPELINE = PipelineSpec(
    name="higgs",
    title="Boosted trees on UCI HIGGS",
    task=BINARY,
    label=f.LABEL,
    source=Source(
        name="UCI HIGGS",
        url="https://archive.ics.uci.edu/dataset/280/higgs",
        rows="11,000,000, the last 500,000 to test",
        example_gen="components.csv_example_gen.component.CsvExampleGen",
        layouts=({"train": _FILE, "eval": _FILE, "test": _FILE},),
        hash_buckets={"train": 9, "eval": 1},
        tail=Tail("test", share=0.2, official_rows=11_000_000, official_tail=500_000),
        remote=(
            RemoteFile(
                _FILE,
                (f"https://archive.ics.uci.edu/ml/machine-learning-databases/00280/{_FILE}",),
                2_816_407_858,
                "ea302c18164d4e3d916a1e2e83a9a8d07069fa6ebc7771e4c0540d54e593b698",
            ),
        ),
        sample=sample.write,
        options={"csv": {"map_values": {f.LABEL: {"0": "background", "1": "signal"}}}},
    ),
    model="boosted trees",
    trainer="trainer_modules.higgs",
    parameters=HiggsParameters,
    thresholds=(Threshold("auc", limit=0.70, max_drop=0.01),),
    slices=((f.M_BB_QUARTILE,), (f.B_TAGGED_JETS,)),
    extra_metrics=(SIGNAL_EFFICIENCY,),
    reference_url="https://github.com/tensorflow/models/tree/r1.11/official/boosted_trees",
    model_card={
        "Use": "Shows boosted trees on measurements. It separates collisions that produced a Higgs "
        "boson from those that produced top quarks.",
        "Not for": "Physics: the collisions are simulated, without systematic errors.",
        "Data": "Monte Carlo simulations of Baldi, Sadowski and Whiteson (2014), 21 measurements "
        "and 7 masses computed from them. The last rows of the file are the test split.",
        "Limits": "About half of the rows are signal. In nature almost none are.",
    },
)
