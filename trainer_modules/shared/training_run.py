"""The arguments that the Trainer passes to a `run_fn`, read in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import keras
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_metadata.proto.v0 import schema_pb2

from schemas.reader import domain, read_schema
from trainer_modules.shared.datasets import raw_batches
from trainer_modules.shared.export import Features, Outputs, RawFeatures, Signature, export_model
from trainer_modules.shared.parameters import Parameters
from trainer_modules.shared.tables import ALL_ROWS, Share, table_batches
from trainer_modules.shared.training import fit, own_folder, resume_folder
from trainer_modules.shared.transform import TransformGraph

P = TypeVar("P", bound=Parameters)
Split = Literal["train", "eval"]


@dataclass(frozen=True)
class TrainingRun(Generic[P]):
    """One training: its hyper-parameters, its data, and the folders of its results.

    Attributes:
        parameters: The hyper-parameters.
        seed: The random seed.
        files: Split -> globs of the TFRecord files of its raw Examples.
        schema: The curated schema of the raw Examples.
        label: The name of the label.
        transform: Raw features -> transformed features, in training and in serving.
        source: The options of the ExampleGen; see `Source.options` of the declaration.
        model_folder: The folder of the SavedModel.
        log_dir: The folder of the history, the insights, and the TensorBoard event files.
        resume: The folder of a killed training's state.
    """

    parameters: P
    seed: int
    files: Mapping[Split, Sequence[str]]
    schema: schema_pb2.Schema
    label: str
    transform: TransformGraph
    source: Mapping[str, Any]
    model_folder: str
    log_dir: Path
    resume: Path

    @classmethod
    def from_fn_args(cls, fn_args: Any, parameters: type[P], label: str) -> TrainingRun[P]:
        """Reads TFX's arguments and sets the random seed of Python, NumPy, and Keras.

        Args:
            fn_args: TFX's `FnArgs`. `custom_config` contains `parameters` (fields of the
                hyper-parameters), `seed`, `checkpoints` (the folder of all resumable state), and
                `source` (`Source.options`).
            parameters: The class of the hyper-parameters.
            label: The name of the label.
        """
        config = fn_args.custom_config
        keras.utils.set_random_seed(config["seed"])
        return cls(
            parameters=parameters(**config["parameters"]),
            seed=config["seed"],
            files={"train": fn_args.train_files, "eval": fn_args.eval_files},
            schema=read_schema(fn_args.schema_path),
            label=label,
            transform=TransformGraph(tft.TFTransformOutput(fn_args.transform_output)),
            source=config["source"],
            model_folder=fn_args.serving_model_dir,
            log_dir=Path(fn_args.model_run_dir),
            resume=resume_folder(fn_args),
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of their indices."""
        return domain(self.schema, self.label)

    def batches(
        self,
        split: Split,
        batch_size: int,
        *,
        shuffle: bool = False,
        select: Callable[[Features], Any] = lambda features: features,
    ) -> tf.data.Dataset:
        """Reads the transformed rows of a split; see `datasets.raw_batches`.

        Args:
            split: The split.
            batch_size: The number of rows per batch.
            shuffle: Whether to shuffle the rows in each epoch.
            select: Transformed features -> the model's input.
        """
        return raw_batches(
            self.files[split],
            self.schema,
            self.label,
            lambda features: select(self.transform(features)),
            batch_size,
            self.seed if shuffle else None,
        )

    def table(
        self, split: Split, cache: Path | None = None, share: Share = ALL_ROWS
    ) -> tf.data.Dataset:
        """Reads the table of a split; see `tables.table_batches`."""
        return table_batches(
            self.files[split], self.schema, self.label, self.transform, cache, share
        )

    def fit(
        self,
        model: keras.Model,
        train: tf.data.Dataset,
        validation: tf.data.Dataset,
        *,
        monitor: str = "val_loss",
    ) -> None:
        """Trains a network; see `training.fit`. The hyper-parameters have `epochs` and `patience`.

        Args:
            model: The compiled model. It gets the weights of the best epoch.
            train: The batches to learn from.
            validation: The batches that decide which epoch is the best.
            monitor: The metric that decides. Lower is better.
        """
        parameters: Any = self.parameters
        fit(
            model,
            train,
            validation,
            epochs=parameters.epochs,
            patience=parameters.patience,
            monitor=monitor,
            mode="min",
            resume=own_folder(self.resume),
            log_dir=self.log_dir,
        )

    def csv_signature(self) -> Signature:
        """Returns the signature of `rows`, with the null values of the CSV files."""
        return self._raw.csv_signature(self.source.get("csv", {}).get("null_values", ()))

    def export(
        self,
        outputs: Outputs,
        *,
        track: Sequence[Any],
        signatures: Mapping[str, Signature] | None = None,
        slices: Callable[[Features], dict[str, tf.Tensor]] | None = None,
    ) -> None:
        """Writes the SavedModel; see `export.export_model`."""
        export_model(
            self.model_folder,
            outputs,
            self._raw,
            label=self.label,
            track=[*track, self.transform],
            signatures=signatures,
            slices=slices,
        )

    @property
    def _raw(self) -> RawFeatures:
        return RawFeatures(self.schema, self.transform, self.transform.inputs)
