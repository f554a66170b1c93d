"""IMDB: the sentiment of film reviews."""

from pipelines.datasets.remote import RemoteFile
from pipelines.datasets.samples import imdb as sample
from pipelines.tutorial import Source, Threshold, Tutorial
from trainer_modules.imdb.parameters import ImdbParameters

_ARCHIVE = "aclImdb_v1.tar.gz"
_FOLDER = {split: f"aclImdb/{split}/*/*.txt" for split in ("train", "test")}

TUTORIAL = Tutorial(
    name="imdb",
    title="Naive-Bayes-weighted n-grams on IMDB reviews",
    task="binary",
    label="label",
    source=Source(
        example_gen="components.text_example_gen.component.TextExampleGen",
        layouts=(
            dict.fromkeys(("train", "eval", "test"), _ARCHIVE),
            {"train": _FOLDER["train"], "eval": _FOLDER["train"], "test": _FOLDER["test"]},
        ),
        hash_buckets={"train": 9, "eval": 1},
        remote=(
            RemoteFile(
                _ARCHIVE,
                (f"https://ai.stanford.edu/~amaas/data/sentiment/{_ARCHIVE}",),
                84_125_825,
                "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
            ),
        ),
        sample=sample.write,
        options={
            "text": {
                "path": r"(?:^|/)(?P<split>train|test)/(?P<label>[^/]+)"
                r"/(?P<id>[0-9]+_(?P<rating>[0-9]{1,2}))\.txt$"
            }
        },
    ),
    trainer="trainer_modules.imdb",
    parameters=ImdbParameters,
    thresholds=(Threshold("accuracy", minimum=0.80, largest_drop=0.01),),
    slices=(("length_quartile",), ("rating_band",)),
    errors=("text", "rating", "id"),
    published={"accuracy": 0.87256, "loss": 0.3107},
    about={
        "Use": "Shows text classification. It tells film reviews that recommend from those that do "
        "not.",
        "Not for": "Other kinds of text, other languages, or what people think of people.",
        "Data": "50,000 English reviews of IMDB (Maas et al. 2011), half of them to test, at most "
        "30 of one film, with ratings of 1 to 4 or 7 to 10.",
        "Limits": "There are no lukewarm reviews. Which film a review is of is not known, so "
        "reviews of one film may be in train and eval.",
    },
)
