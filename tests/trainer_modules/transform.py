"""Running Transform on a few rows."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import dataset_metadata

from trainer_modules.shared.transform import TransformGraph


def write_transform_graph(
    folder: Path,
    preprocessing_fn: Callable[[dict[str, Any]], dict[str, Any]],
    schema: schema_pb2.Schema,
    rows: Sequence[dict[str, Any]],
) -> str:
    """Analyzes rows with a value or None per feature. Returns the path of the graph."""
    metadata = dataset_metadata.DatasetMetadata(schema)
    instances = [
        {name: None if value is None else np.array([value]) for name, value in row.items()}
        for row in rows
    ]
    with tft_beam.Context(temp_dir=str(folder / "temp")):
        function = (instances, metadata) | tft_beam.AnalyzeDataset(preprocessing_fn)
        function | tft_beam.WriteTransformFn(str(folder / "graph"))
    return str(folder / "graph")


def load_transform_graph(folder: str) -> TransformGraph:
    """Loads the graph that `write_transform_graph` wrote."""
    return TransformGraph(tft.TFTransformOutput(folder))
