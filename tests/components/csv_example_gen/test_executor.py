"""The CSV ExampleGen's executor, called as TFX calls it."""

import gzip
import hashlib
from pathlib import Path

import pytest
import tensorflow as tf
from tfx.types import artifact_utils, standard_artifacts

from components.csv_example_gen.component import CsvExampleGen
from components.csv_example_gen.executor import CsvExecutor
from components.errors import UserError
from components.example_gen import records
from components.example_gen.tail import Tail

CSV = {
    "columns": {"age": "int", "job": "string", "height": "float"},
    "null_values": ["?"],
    "comment": "|",
}


def generate(data: Path, output: Path, **changes) -> standard_artifacts.Examples:
    """Runs the executor on `a.csv` (train and eval) and `b.csv` (test)."""
    arguments = {
        "patterns": {"train": "a*.csv*", "eval": "a*.csv*", "test": "b.csv"},
        "hash_buckets": {"train": 2, "eval": 1},
        "options": {"csv": CSV},
        **changes,
    }
    component = CsvExampleGen(input_base=str(data), **arguments)
    examples = standard_artifacts.Examples()
    examples.uri = str(output)
    CsvExecutor().Do({}, {"examples": [examples]}, component.exec_properties)
    return examples


def split_files(examples: standard_artifacts.Examples, split: str) -> list[str]:
    return sorted(map(str, Path(artifact_utils.get_split_uri([examples], split)).iterdir()))


def read(examples: standard_artifacts.Examples, split: str) -> list[bytes]:
    files = split_files(examples, split)
    return list(tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator())


def ages(serialized: list[bytes]) -> list[int]:
    return [
        tf.train.Example.FromString(record).features.feature["age"].int64_list.value[0]
        for record in serialized
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.csv").write_text("".join(f"{age}, Sales, {age / 4}\n" for age in range(300)))
    (folder / "b.csv").write_text("|comment\n39, Caf\u00e9, 1.75\n50, ?, ?\n", encoding="utf-8")
    return folder


def test_rows_become_examples(data, tmp_path):
    examples = generate(data, tmp_path / "out")

    whole, missing = (tf.train.Example.FromString(record) for record in read(examples, "test"))

    assert whole.features.feature["age"].int64_list.value == [39]
    assert whole.features.feature["job"].bytes_list.value == ["Caf\u00e9".encode()]
    assert whole.features.feature["height"].float_list.value == [1.75]
    assert missing.features.feature["age"].int64_list.value == [50]


@pytest.mark.parametrize("value", ["?", ""])
def test_a_missing_value_is_an_absent_feature(data, tmp_path, value):
    (data / "b.csv").write_text(f"1,{value},{value}\n2,Sales,{value}\n3,{value},0.5\n")

    serialized = read(generate(data, tmp_path / "out"), "test")

    spec = {
        "age": tf.io.FixedLenFeature([], tf.int64),
        "job": tf.io.FixedLenFeature([], tf.string, "absent"),
        "height": tf.io.FixedLenFeature([], tf.float32, -1.0),
    }
    parsed = tf.io.parse_example(serialized, spec)
    assert parsed["age"].numpy().tolist() == [1, 2, 3]
    assert parsed["job"].numpy().tolist() == [b"absent", b"Sales", b"absent"]
    assert parsed["height"].numpy().tolist() == [-1.0, -1.0, 0.5]


def test_every_row_is_in_one_split_and_in_input_order(data, tmp_path):
    examples = generate(data, tmp_path / "out")

    train, evaluation = ages(read(examples, "train")), ages(read(examples, "eval"))

    assert train == sorted(train)
    assert evaluation == sorted(evaluation)
    assert sorted(train + evaluation) == list(range(300))
    assert 150 < len(train) < 250
    assert artifact_utils.decode_split_names(examples.split_names) == ["train", "eval", "test"]


def test_the_same_input_gives_the_same_bytes(data, tmp_path):
    def digests(output: Path) -> dict[str, str]:
        generate(data, output)
        return {
            str(file.relative_to(output)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in output.rglob("*.gz")
        }

    first = digests(tmp_path / "first")

    assert len(first) == 3
    assert digests(tmp_path / "second") == first


def test_plain_and_gzipped_input_give_the_same_bytes(data, tmp_path):
    plain = generate(data, tmp_path / "plain")
    (data / "a.csv.gz").write_bytes(gzip.compress((data / "a.csv").read_bytes()))
    (data / "a.csv").unlink()

    gzipped = generate(data, tmp_path / "gzipped")

    assert read(gzipped, "train") == read(plain, "train")


def test_all_files_of_a_pattern_are_read_in_order(data, tmp_path):
    (data / "a2.csv").write_text("1000,Sales,1\n1001,Sales,1\n")

    examples = generate(data, tmp_path / "out", patterns={"all": "a*.csv"}, hash_buckets={})

    assert ages(read(examples, "all")) == [*range(300), 1000, 1001]


def test_large_splits_are_cut_into_several_files(data, tmp_path, monkeypatch):
    monkeypatch.setattr(records, "ROWS_PER_FILE", 100)

    examples = generate(data, tmp_path / "out", patterns={"all": "a.csv"}, hash_buckets={})

    assert [Path(file).name for file in split_files(examples, "all")] == [
        f"data_tfrecord-0000{number}.gz" for number in range(3)
    ]
    assert ages(read(examples, "all")) == list(range(300))


@pytest.mark.parametrize("content", ["|only a comment\n", "\n\n"])
def test_a_split_without_rows_is_refused(data, tmp_path, content):
    (data / "b.csv").write_text(content)

    with pytest.raises(UserError, match=r"Split 'test' has no rows: .*b\.csv"):
        generate(data, tmp_path / "out")


def test_a_wrong_row_ends_it(data, tmp_path):
    with (data / "a.csv").open("a") as file:
        file.write("old,Sales,1\n")

    with pytest.raises(UserError, match=r"a\.csv, line 301, column 'age': 'old' is not an integer"):
        generate(data, tmp_path / "out")


def test_equal_rows_are_in_the_same_split(data, tmp_path):
    (data / "a.csv").write_text(
        "".join(f"{number % 50}, Sales, 0.5\n" for number in range(500)), encoding="utf-8"
    )

    examples = generate(data, tmp_path / "out")

    train, evaluation = read(examples, "train"), read(examples, "eval")
    assert train and evaluation
    assert not set(ages(train)) & set(ages(evaluation))
    assert len(set(train)) == len(train) / 10


def test_rows_are_counted_over_all_files(data):
    (data / "a2.csv.gz").write_bytes(gzip.compress(b"|comment\n\n1000,Sales,1\n1001,Sales,1"))
    files = sorted(map(str, data.glob("a*")))

    executor, options = CsvExecutor(), {"csv": CSV}

    assert executor.count(files, options) == 302
    assert sum(len(batch.records) for batch in executor.read(files, options)) == 302


def test_the_tail_of_a_file_is_a_split(data, tmp_path):
    examples = generate(
        data,
        tmp_path / "out",
        patterns=dict.fromkeys(("train", "eval", "test"), "a.csv"),
        tail=Tail("test", share=0.2, official_rows=11_000_000, official_tail=500_000),
    )

    assert ages(read(examples, "test")) == list(range(240, 300))
    rest = ages(read(examples, "train")), ages(read(examples, "eval"))
    assert all(rest)
    assert sorted(rest[0] + rest[1]) == list(range(240))
