"""Training on reviews and serving."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from tensorflow_transform.tf_metadata import dataset_metadata

from schemas.reader import read_schema
from trainer_modules.imdb import features as f
from trainer_modules.imdb import training
from trainer_modules.imdb.parameters import ImdbParameters
from trainer_modules.imdb.preprocessing import hashed, preprocessing_fn, words
from trainer_modules.shared.training_run import TrainingRun

SCHEMA_FILE = Path("schemas/imdb.pbtxt").resolve()
PHRASES = {
    "pos": ["so good", "not bad", "a <br />MUST see", "caf\u00e9 charm"],
    "neg": ["so bad", "not good", "avoid!", "isn't fun"],
}


def _reviews() -> list[dict]:
    random = np.random.default_rng(0)
    return [
        {
            "text": f"{random.choice(['this', 'that'])} film is {random.choice(PHRASES[label])}",
            "label": label,
            "rating": 9 if label == "pos" else 2,
            "id": f"train/{label}/{number}",
        }
        for number in range(120)
        for label in ("pos", "neg")
    ]


@pytest.fixture(scope="module")
def transformed(tmp_path_factory) -> Path:
    """The reviews in `rows.gz`, and Transform's outputs `graph` and `transformed.gz`."""
    folder = tmp_path_factory.mktemp("transformed")
    schema = read_schema(SCHEMA_FILE)
    metadata = dataset_metadata.DatasetMetadata(schema)
    rows = [{name: np.array([value]) for name, value in review.items()} for review in _reviews()]
    with tft_beam.Context(temp_dir=str(folder / "temp")):
        (dataset, after), function = (rows, metadata) | tft_beam.AnalyzeAndTransformDataset(
            preprocessing_fn
        )
        function | tft_beam.WriteTransformFn(str(folder / "graph"))
    for file, content, schema in (
        ("rows.gz", rows, metadata.schema),
        ("transformed.gz", dataset, after.schema),
    ):
        coder = tft.coders.ExampleProtoCoder(schema)
        with tf.io.TFRecordWriter(str(folder / file), "GZIP") as writer:
            for row in content:
                writer.write(coder.encode(row))
    return folder


@pytest.fixture
def embedding(tmp_path) -> str:
    """A SavedModel that embeds a text by its length and its exclamation marks."""

    class Embedding(tf.Module):
        def __init__(self):
            self.scale = tf.Variable([0.1, 1.0])

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def __call__(self, texts):
            marks = tf.strings.length(tf.strings.regex_replace(texts, "[^!]", ""))
            numbers = tf.stack([tf.strings.length(texts), marks], axis=1)
            return tf.cast(numbers, tf.float32) * self.scale

    tf.saved_model.save(Embedding(), str(tmp_path / "embedding"))
    return str(tmp_path / "embedding")


def _fn_args(transformed: Path, folder: Path, **parameters) -> SimpleNamespace:
    rows = [str(transformed / "rows.gz")]
    return SimpleNamespace(
        train_files=rows,
        eval_files=rows,
        transform_output=str(transformed / "graph"),
        schema_path=str(SCHEMA_FILE),
        serving_model_dir=str(folder / "model"),
        model_run_dir=str(folder / "run"),
        custom_config={
            "parameters": ImdbParameters(**parameters).model_dump(mode="json"),
            "seed": 0,
            "checkpoints": str(folder / "checkpoints"),
            "source": {},
        },
    )


def _run(fn_args: SimpleNamespace) -> TrainingRun[ImdbParameters]:
    return TrainingRun.from_fn_args(fn_args, ImdbParameters, f.LABEL)


QUICK = {"epochs": 2, "batch_size": 60, "learning_rate": 0.02}


@pytest.mark.parametrize(
    "parameters",
    [
        {"model_type": "ngram", "min_reviews": 2},
        {"model_type": "embedding", "length": 16, **QUICK},
        {"model_type": "multi_hot", "dropout": 0.1, "l2": 0.0001, **QUICK},
        {"model_type": "saved_embedding", "train_embedding": True, **QUICK},
    ],
    ids=lambda parameters: parameters["model_type"],
)
def test_raw_reviews_score_as_their_transformed_rows_to_the_bit(
    transformed, tmp_path, request, parameters
):
    if parameters["model_type"] == "saved_embedding":
        parameters = {**parameters, "embedding_path": request.getfixturevalue("embedding")}
    fn_args = _fn_args(transformed, tmp_path, **parameters)

    run = _run(fn_args)
    track, logits = training.train(run)
    training.export(run, track, logits)

    rows = tf.data.TFRecordDataset(str(transformed / "transformed.gz"), "GZIP").batch(1000)
    spec = tft.TFTransformOutput(fn_args.transform_output).transformed_feature_spec()
    parsed = tf.io.parse_example(rows.get_single_element(), spec)
    expected = tf.function(lambda row: tf.sigmoid(logits(row)), autograph=False)(parsed).numpy()
    served = tf.saved_model.load(fn_args.serving_model_dir).signatures
    texts = parsed[f.TEXT][:, 0]
    found = served["text"](text=texts)
    assert found["classes"].numpy()[0].tolist() == [b"neg", b"pos"]
    assert found["scores"].numpy()[:, 1].tobytes() == expected.tobytes()
    examples = [
        tf.train.Example(
            features=tf.train.Features(
                feature={"text": tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))}
            )
        ).SerializeToString()
        for text in texts.numpy()
    ]
    by_example = served["serving_default"](examples=tf.constant(examples))["scores"].numpy()
    assert by_example.tobytes() == found["scores"].numpy().tobytes()
    assert len(np.unique(expected)) > 4


def test_the_heaviest_ngrams_are_told_in_words(transformed, tmp_path):
    fn_args = _fn_args(transformed, tmp_path, min_reviews=2)

    training.train(_run(fn_args))

    bars = json.loads((tmp_path / "run/insights/ngrams.json").read_text())["bars"]
    weights = dict(bars)
    assert weights["not bad"] > 0 > weights["not good"]
    assert [weight for _, weight in bars] == sorted(weights.values(), reverse=True)
    history = (tmp_path / "run/history.csv").read_text().splitlines()
    assert history[0] == "epoch,accuracy,loss,val_accuracy,val_loss"


def test_ngrams_are_learnt_again_from_train_and_eval(transformed, tmp_path):
    rows = tf.data.TFRecordDataset(str(transformed / "rows.gz"), "GZIP").as_numpy_iterator()
    with (
        tf.io.TFRecordWriter(str(tmp_path / "train"), "GZIP") as train,
        tf.io.TFRecordWriter(str(tmp_path / "eval"), "GZIP") as evaluation,
    ):
        for row in rows:
            (evaluation if b"fun" in row else train).write(row)
    (fun,) = hashed(words(tf.constant(["fun"]))).flat_values.numpy()
    knows, histories = [], []
    for refit in (False, True):
        fn_args = _fn_args(transformed, tmp_path / str(refit), min_reviews=1, refit=refit)
        fn_args.train_files = [str(tmp_path / "train")]
        fn_args.eval_files = [str(tmp_path / "eval")]
        track, _ = training.train(_run(fn_args))
        knows.append(fun in track[0].weights[0])
        histories.append((tmp_path / str(refit) / "run/history.csv").read_text())

    assert knows == [False, True]
    assert histories[0] == histories[1]


def test_a_frozen_embedding_stays_and_a_trained_one_moves(transformed, tmp_path, embedding):
    scales = []
    for trained in (False, True):
        fn_args = _fn_args(
            transformed,
            tmp_path / str(trained),
            model_type="saved_embedding",
            embedding_path=embedding,
            train_embedding=trained,
            **{**QUICK, "epochs": 2},
        )
        track, _ = training.train(_run(fn_args))
        (scale,) = (v for v in track[-1].variables if v.shape == (2,))
        scales.append(np.asarray(scale).tolist())

    assert scales[0] == pytest.approx([0.1, 1.0])
    assert scales[1] != pytest.approx([0.1, 1.0])


def test_slices_are_quartiles_of_length_and_bands_of_rating():
    texts = [" ".join(["word"] * count) for count in (1, 127, 128, 284, 285)]
    ratings = [1, 4, 7, 10, 5]

    found = training.slices(
        {
            "text": tf.constant(texts)[:, tf.newaxis],
            "rating": tf.constant(ratings, tf.int64)[:, tf.newaxis],
        }
    )

    quartiles = [f.LENGTH_NAMES[index] for index in (0, 0, 1, 2, 3)]
    assert [value.decode() for value in found["length_quartile"].numpy()[:, 0]] == quartiles
    bands = ["1-4", "1-4", "7-10", "7-10", "5-6"]
    assert [value.decode() for value in found["rating_band"].numpy()[:, 0]] == bands
