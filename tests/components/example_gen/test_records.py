"""Writing TFRecords."""

import pytest
import tensorflow as tf

from components.example_gen import records
from components.example_gen.records import RecordWriter


@pytest.mark.parametrize("rows", [1, 10, 11, 30])
def test_files_hold_so_many_rows_at_most(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(records, "ROWS_PER_FILE", 10)
    written = [f"row {number}".encode() for number in range(rows)]

    with RecordWriter(str(tmp_path / "split")) as writer:
        for start in range(0, rows, 7):
            writer.write(written[start : start + 7])

    files = sorted((tmp_path / "split").iterdir())
    assert [file.name for file in files] == [
        f"data_tfrecord-{number:05d}.gz" for number in range((rows + 9) // 10)
    ]
    parts = [
        list(tf.data.TFRecordDataset([str(file)], "GZIP").as_numpy_iterator()) for file in files
    ]
    assert [row for part in parts for row in part] == written
    assert max(map(len, parts)) <= 10


def test_a_split_without_rows_has_a_folder_and_no_file(tmp_path):
    with RecordWriter(str(tmp_path / "split")) as writer:
        writer.write([])

    assert list((tmp_path / "split").iterdir()) == []
    assert writer.count == 0
