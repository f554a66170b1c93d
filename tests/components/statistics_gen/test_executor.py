"""Statistics computed in a loop, compared with those of TFX's own executor on Beam."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0.statistics_pb2 import FeatureNameStatistics
from tfx.components.util import examples_utils
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_artifacts

from components.beam import with_defaults
from components.statistics_gen.executor import StatisticsExecutor

ROWS = {"train": 5_000, "eval": 700}
"""More and fewer than one batch."""

DIRECT_RUNNER = "--runner=apache_beam.runners.direct.direct_runner.BundleBasedDirectRunner"


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """A float with gaps and NaN, an int, a string of few values, one of many, and bytes."""
    random = np.random.default_rng(0)
    artifact = standard_artifacts.Examples()
    artifact.uri = str(tmp_path_factory.mktemp("examples"))
    artifact.split_names = artifact_utils.encode_split_names(list(ROWS))
    artifact.span = 3
    examples_utils.set_payload_format(artifact, example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE)
    examples_utils.set_file_format(artifact, "tfrecords_gzip")
    for split, count in ROWS.items():
        folder = Path(artifact.uri, f"Split-{split}")
        folder.mkdir()
        with tf.io.TFRecordWriter(str(folder / "rows-0.gz"), "GZIP") as file:
            for index in range(count):
                row = tf.train.Example()
                feature = row.features.feature
                if index % 10:
                    value = float("nan") if index % 97 == 0 else random.normal()
                    feature["height"].float_list.value.append(value)
                feature["age"].int64_list.value.append(int(random.integers(90)))
                feature["town"].bytes_list.value.append(b"town %d" % (random.geometric(0.2)))
                feature["id"].bytes_list.value.append(b"%s-%d" % (split.encode(), index))
                feature["image"].bytes_list.value.append(random.bytes(50))
                file.write(row.SerializeToString())
    return artifact


def statistics(examples, folder, flags):
    """Runs an executor with Beam flags. Returns its statistics by split, and its artifact."""
    artifact = standard_artifacts.ExampleStatistics()
    artifact.uri = str(folder)
    context = BaseBeamExecutor.Context(beam_pipeline_args=flags, tmp_dir=str(folder))
    StatisticsExecutor(context).Do(
        {"examples": [examples]},
        {"statistics": [artifact]},
        {"exclude_splits": json.dumps([]), "code": ""},
    )
    files = {split: Path(folder, f"Split-{split}", "FeatureStats.pb") for split in ROWS}
    return {split: tfdv.load_stats_binary(str(file)) for split, file in files.items()}, artifact


@pytest.fixture(scope="module")
def streamed(examples, tmp_path_factory):
    return statistics(examples, tmp_path_factory.mktemp("streamed"), with_defaults([]))


@pytest.fixture(scope="module")
def beamed(examples, tmp_path_factory):
    return statistics(examples, tmp_path_factory.mktemp("beamed"), [DIRECT_RUNNER])


@pytest.mark.parametrize("split", ROWS)
@pytest.mark.parametrize("name", ["height", "age", "town", "id", "image"])
def test_features_are_what_beam_makes_of_them(streamed, beamed, split, name):
    one, other = (
        next(f for f in found[split].datasets[0].features if f.path.step[0] == name)
        for found, _ in (streamed, beamed)
    )

    assert one.type == other.type
    assert exact(one) == exact(other)
    if one.HasField("num_stats"):
        for figure in ("mean", "std_dev", "min", "max", "num_zeros"):
            assert getattr(one.num_stats, figure) == pytest.approx(getattr(other.num_stats, figure))
        spread = one.num_stats.max - one.num_stats.min
        assert one.num_stats.median == pytest.approx(other.num_stats.median, abs=0.01 * spread)
        assert [h.type for h in one.num_stats.histograms] == [
            h.type for h in other.num_stats.histograms
        ]


def exact(feature: FeatureNameStatistics) -> tuple:
    """Returns the values that are counted exactly, not approximated by quantile sketches."""
    kind = feature.string_stats if feature.HasField("string_stats") else feature.num_stats
    common = kind.common_stats
    counts = (common.num_missing, common.num_non_missing, common.min_num_values)
    if not feature.HasField("string_stats"):
        return counts
    text = feature.string_stats
    # By value: equal frequencies have no order, and all invalid UTF-8 has the same name.
    ranks: Counter[str] = Counter()
    for bucket in text.rank_histogram.buckets if text.unique < 1000 else ():
        ranks[bucket.label] += int(bucket.sample_count)
    return (*counts, text.unique, round(text.avg_length, 3), ranks)


@pytest.mark.parametrize("split", ROWS)
def test_all_rows_are_counted(streamed, split):
    found, _ = streamed

    assert [d.num_examples for d in found[split].datasets] == [ROWS[split]]


def test_the_artifact_tells_span_and_splits(streamed, beamed):
    for _, artifact in (streamed, beamed):
        assert artifact_utils.decode_split_names(artifact.split_names) == list(ROWS)
        assert artifact.span == 3


def test_a_cluster_gets_tfx_s_own_pipeline(examples, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "tfx.components.statistics_gen.executor.Executor.Do", lambda *args: asked.append(args[1:])
    )
    executor = StatisticsExecutor(
        BaseBeamExecutor.Context(beam_pipeline_args=["--runner=SparkRunner"])
    )

    executor.Do({"examples": [examples]}, {"statistics": ["there"]}, {})

    assert asked == [({"examples": [examples]}, {"statistics": ["there"]}, {})]
