"""What people write before they need a pipeline: read the files, train, evaluate, print.

The models are those of the trainer modules, with the same epochs, batches, and seed. Nothing is
validated, kept, exported, compared, or resumed, and all data is in memory.
"""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer

from benchmarks.measure import METRICS_FILE
from pipelines import registry
from pipelines.parameters import parse
from schemas.reader import domain, read_schema

Metrics = dict[str, float]
EVAL_SHARE = 0.1


def census(folder: Path, parameters: Any, seed: int) -> Metrics:
    """Uses pandas, quantiles, and the wide & deep network."""
    import keras

    from trainer_modules.census import features as f
    from trainer_modules.census.model import build_model

    schema = read_schema(registry.load("census").schema_file)
    names = [feature.name for feature in schema.feature]
    train, test = (
        pd.read_csv(folder / file, names=names, skipinitialspace=True, na_values="?", comment="|")
        for file in ("adult.data", "adult.test")
    )
    numbers = train[list(f.NUMERIC)].astype(float)
    for name in f.MOSTLY_ZERO:
        numbers[name] = numbers[name].where(numbers[name] > 0)
    quantiles = np.linspace(0, 1, f.QUANTILE_BINS + 1)[1:-1]
    edges = {name: np.nanquantile(numbers[name], quantiles) for name in f.NUMERIC}

    def prepared(rows: pd.DataFrame) -> tuple[dict[str, Any], Any]:
        columns = {}
        for name in f.CATEGORICAL:
            values = {value: index + 1 for index, value in enumerate(domain(schema, name))}
            columns[name] = rows[name].map(values).fillna(0).to_numpy("int64")
        columns[f.AGE_BUCKET] = np.digitize(rows["age"], f.AGE_BOUNDARIES).astype("int64")
        for name in f.NUMERIC:
            places = np.linspace(0, 1, len(edges[name]))
            columns[f.position(name)] = np.interp(rows[name], edges[name], places).astype("float32")
        label = rows[f.LABEL].str.rstrip(".") == domain(schema, f.LABEL)[1]
        inputs = {name: values[:, None] for name, values in columns.items()}
        return inputs, label.to_numpy(int)[:, None]

    sizes = {name: len(domain(schema, name)) + 1 for name in f.CATEGORICAL}
    sizes[f.AGE_BUCKET] = len(f.AGE_BOUNDARIES) + 1
    rows, labels = prepared(train)
    steps = int(len(train) * (1 - EVAL_SHARE)) // parameters.batch_size
    model = build_model(parameters, sizes, steps * parameters.epochs)
    model.fit(
        rows,
        labels,
        validation_split=EVAL_SHARE,
        batch_size=parameters.batch_size,
        epochs=parameters.epochs,
        callbacks=[
            keras.callbacks.EarlyStopping(
                "val_log_loss",
                mode="min",
                patience=parameters.patience,
                restore_best_weights=True,
            )
        ],
        verbose=0,
    )
    rows, labels = prepared(test)
    return _binary(labels[:, 0], model.predict(rows, batch_size=4096, verbose=0)[:, 0])


def higgs(folder: Path, parameters: Any, seed: int) -> Metrics:
    """Uses pandas and XGBoost. The last fifth of the rows is test, as in the pipeline."""
    import xgboost as xgb

    from trainer_modules.higgs import features as f

    table = pd.read_csv(folder / "HIGGS.csv.gz", names=[f.LABEL, *f.FEATURES], dtype="float32")
    labels, features = table[f.LABEL], table[list(f.FEATURES)]
    end = int(len(table) * 0.8)
    start = int(end * (1 - EVAL_SHARE))
    parameters = parameters.for_rows(start)
    # Not imported from the trainer, whose module imports TensorFlow for nothing that is used here.
    settings = {
        "objective": "binary:logistic",
        "seed": seed,
        "max_bin": parameters.max_bins,
        "max_depth": parameters.depth,
        "num_parallel_tree": parameters.parallel_trees,
        "learning_rate": parameters.learning_rate,
        "subsample": parameters.row_fraction,
        "colsample_bynode": parameters.feature_fraction,
        "reg_lambda": parameters.l2,
        "min_child_weight": parameters.min_child_weight,
    }
    train = xgb.QuantileDMatrix(features[:start], labels[:start], max_bin=parameters.max_bins)
    held_out = xgb.QuantileDMatrix(
        features[start:end], labels[start:end], max_bin=parameters.max_bins, ref=train
    )
    booster = xgb.train(
        settings,
        train,
        parameters.trees,
        evals=[(held_out, "eval")],
        early_stopping_rounds=parameters.patience or None,
        verbose_eval=False,
    )
    return _binary(labels[end:], booster.inplace_predict(features[end:], predict_type="margin"))


def imdb(folder: Path, parameters: Any, seed: int) -> Metrics:
    """Uses scikit-learn: binary n-grams, the naive Bayes log-ratio, logistic regression."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import normalize

    texts: dict[str, list[str]] = {"train": [], "test": []}
    labels: dict[str, list[bool]] = {"train": [], "test": []}
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            place = re.fullmatch(r"aclImdb/(train|test)/(pos|neg)/.+\.txt", member.name)
            content = members.extractfile(member) if place else None
            if place and content:
                texts[place[1]].append(content.read().decode().replace("<br />", " "))
                labels[place[1]].append(place[2] == "pos")
    ngrams = CountVectorizer(
        binary=True, ngram_range=(1, 3), min_df=3, token_pattern=r"\w+|[^\w\s]"
    )
    train, positive = ngrams.fit_transform(texts["train"]), np.array(labels["train"])
    ratio = np.log(_shares(train[positive]) / _shares(train[~positive]))
    model = LogisticRegression(C=10.0, max_iter=200, random_state=seed)
    model.fit(normalize(train.multiply(ratio).tocsr()), positive)
    test = normalize(ngrams.transform(texts["test"]).multiply(ratio).tocsr())
    return _binary(np.array(labels["test"]), model.decision_function(test))


def _shares(rows: Any) -> Any:
    counts = np.asarray(rows.sum(axis=0))[0] + 1
    return counts / counts.sum()


def mnist(folder: Path, parameters: Any, seed: int) -> Metrics:
    """Uses NumPy and the convolutional network."""
    from trainer_modules.mnist.model import build_network, for_training

    def read(name: str, header: int) -> Any:
        (file,) = folder.glob(f"{name}*.gz")
        return np.frombuffer(gzip.decompress(file.read_bytes()), np.uint8, offset=header)

    def pixels(name: str) -> Any:
        return read(name, 16).reshape(-1, 28, 28).astype(np.float32) / 255

    images, labels = pixels("train-images"), read("train-labels", 8)
    steps = int(len(images) * (1 - EVAL_SHARE)) // parameters.batch_size
    network = build_network(parameters, 10)
    model = for_training(network, parameters, steps * parameters.epochs)
    model.fit(
        images,
        labels,
        validation_split=EVAL_SHARE,
        batch_size=parameters.batch_size,
        epochs=parameters.epochs,
        verbose=0,
    )
    images, labels = pixels("t10k-images"), read("t10k-labels", 8)
    return {"accuracy": model.evaluate(images, labels, batch_size=1024, verbose=0)[1]}


SCRIPTS: dict[str, Callable[[Path, Any, int], Metrics]] = {
    "census": census,
    "higgs": higgs,
    "imdb": imdb,
    "mnist": mnist,
}


def run(name: str, data: Path, root: Path, seed: int = 0, param: list[str] | None = None) -> None:
    """Runs a script and writes its metrics to the root."""
    if name in ("census", "mnist"):
        import keras

        keras.utils.set_random_seed(seed)
    parameters = parse(registry.load(name).parameters, param or [])
    metrics = SCRIPTS[name](data, parameters, seed)
    (root / METRICS_FILE).write_text(json.dumps(metrics), "utf-8")


def _binary(labels: Any, logits: Any) -> Metrics:
    from sklearn.metrics import accuracy_score, roc_auc_score

    return {
        "accuracy": accuracy_score(labels, logits > 0),
        "auc": roc_auc_score(labels, logits),
    }


if __name__ == "__main__":
    typer.run(run)
