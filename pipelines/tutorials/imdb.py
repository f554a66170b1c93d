"""IMDB: the sentiment of movie reviews."""

from pipelines.datasets.remote import RemoteFile
from pipelines.datasets.samples import imdb as sample
from pipelines.spec import PipelineSpec, Source, Threshold
from pipelines.tasks import BINARY
from trainer_modules.imdb.parameters import ImdbParameters

_ARCHIVE = "aclImdb_v1.tar.gz"
_FOLDER = {split: f"aclImdb/{split}/*/*.txt" for split in ("train", "test")}

PIPELINE = PipelineSpec(
    name="imdb",
    title="Naive-Bayes-weighted n-grams on IMDB reviews",
    task=BINARY,
    label="label",
    source=Source(
        name="Large Movie Review Dataset",
        url="https://ai.stanford.edu/~amaas/data/sentiment/",
        rows="25,000 to train, 25,000 to test",
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
        test_digest="aeacade4592f995d7e4395d2bdcfc411",
        options={
            "text": {
                "path": r"(?:^|/)(?P<split>train|test)/(?P<label>[^/]+)"
                r"/(?P<id>[0-9]+_(?P<rating>[0-9]{1,2}))\.txt$",
                "example": "train/pos/0_9.txt",
            }
        },
    ),
    model="n-grams weighted by naive Bayes",
    trainer="trainer_modules.imdb",
    parameters=ImdbParameters,
    thresholds=(Threshold("accuracy", limit=0.80, max_drop=0.01),),
    slices=(("length_quartile",), ("rating_band",)),
    error_features=("text", "rating", "id"),
    reference_url="https://www.tensorflow.org/tutorials/keras/text_classification",
    reference_metrics={"accuracy": 0.87256, "loss": 0.3107},
    model_card={
        "Use": "Shows text classification. It separates movie reviews that recommend the movie "
        "from those that do not.",
        "Not for": "Other kinds of text, other languages, or opinions about people.",
        "Data": "50,000 English reviews from IMDB (Maas et al. 2011), half of them to test, at "
        "most 30 per movie, with ratings of 1 to 4 or 7 to 10.",
        "Limits": "There are no lukewarm reviews. The data does not name the movie, so reviews of "
        "one movie can be in both train and eval.",
    },
)
