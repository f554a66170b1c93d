"""Executor of StatisticsGen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tensorflow_data_validation import StatsOptions
from tensorflow_data_validation.statistics import stats_impl
from tensorflow_metadata.proto.v0.statistics_pb2 import DatasetFeatureStatisticsList
from tfx.components.statistics_gen.executor import DEFAULT_FILE_NAME, Executor
from tfx.components.util import tfxio_utils
from tfx.types import artifact_utils
from tfx_bsl.tfxio.dataset_options import RecordBatchesOptions
from tfx_bsl.tfxio.tfxio import TFXIO

from components.beam import runs_in_this_process

_BATCH = RecordBatchesOptions(batch_size=2048, num_epochs=1, shuffle=False)
"""Large batches, since TFDV has a cost per batch. With 1 kB per row, a batch takes a few MB."""


class StatisticsExecutor(Executor):
    """Feeds TFDV's own accumulators in a loop, unless Beam flags name a cluster.

    In one process, Beam does the same. But it first builds, pickles, and optimizes a graph per
    split, and merges 128 accumulators of each kind. With about 10,000 rows, that takes most of the
    time. Memory is bounded, as in all statistics that TFDV computes without Beam: sketches count
    the distinct values of a feature (exactly up to 16,384) and the most frequent ones (exactly up
    to 1,024).
    """

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the statistics of each split."""
        if not runs_in_this_process(self._beam_pipeline_args):
            super().Do(input_dict, output_dict, exec_properties)
            return
        (examples,), (statistics,) = input_dict["examples"], output_dict["statistics"]
        statistics.split_names = examples.split_names
        statistics.span = examples.span
        for split in artifact_utils.decode_split_names(examples.split_names):
            rows = tfxio_utils.get_split_tfxio([examples], split, ["StatisticsGen"])
            file = Path(artifact_utils.get_split_uri([statistics], split), DEFAULT_FILE_NAME)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(_statistics(rows).SerializeToString())


def _statistics(rows: TFXIO) -> DatasetFeatureStatisticsList:
    generators = stats_impl.get_generators(StatsOptions(), in_memory=True)
    accumulators = [generator.create_accumulator() for generator in generators]
    for batch in rows.RecordBatches(_BATCH):
        accumulators = [
            generator.add_input(accumulator, batch)
            for generator, accumulator in zip(generators, accumulators, strict=True)
        ]
    return stats_impl.extract_statistics_output(accumulators, generators)
