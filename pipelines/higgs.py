"""HIGGS: boosted trees on UCI HIGGS, simulated collisions with and without a Higgs boson.

The original tutorial prints no figures. Baldi, Sadowski and Whiteson, who made the data, report an
AUC of 0.81 for boosted trees on all of it and of 0.885 for deep networks (2014, Nature
Communications 5:4308, table 1).
"""

from components.example_gen.tail import Tail
from components.metrics import SIGNAL_EFFICIENCY
from pipelines.datasets.remote import RemoteFile
from pipelines.datasets.samples import higgs as sample
from pipelines.tutorial import Metrics, Source, Threshold, Tutorial
from trainer_modules.higgs import features as f
from trainer_modules.higgs.parameters import HiggsParameters

_FILE = "HIGGS.csv.gz"

TUTORIAL = Tutorial(
    name="higgs",
    title="Boosted trees on UCI HIGGS",
    task="binary",
    label=f.LABEL,
    source=Source(
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
    trainer="trainer_modules.higgs",
    parameters=HiggsParameters,
    thresholds=(Threshold("auc", minimum=0.70, largest_drop=0.01),),
    slices=((f.M_BB_QUARTILE,), (f.B_TAGGED_JETS,)),
    extra_metrics=(
        Metrics("components.metrics.signal_efficiency", "SignalEfficiency", SIGNAL_EFFICIENCY),
    ),
    transform=False,
    about={
        "Use": "Shows boosted trees on measurements. It tells collisions that made a Higgs boson "
        "from those that made top quarks.",
        "Not for": "Physics: the collisions are simulated, and systematic errors are not.",
        "Data": "Monte Carlo simulations of Baldi, Sadowski and Whiteson (2014), 21 measurements "
        "and 7 masses computed from them; the last rows of the file to test.",
        "Limits": "About half of the rows are signal, in nature next to none are.",
    },
)
