"""The copy of the curated schema below the root."""

from pipelines.registry import load
from pipelines.root import Root
from pipelines.schema_snapshot import schema_snapshot, write_schema_snapshot

CENSUS = load("census")


def test_the_copy_is_written_when_asked_and_named_by_its_content(tmp_path):
    root = Root.at(tmp_path)
    copy = schema_snapshot(CENSUS, root)
    assert not copy.exists()

    write_schema_snapshot(CENSUS, root)
    write_schema_snapshot(CENSUS, root)

    assert copy.read_bytes() == CENSUS.schema_file.read_bytes()
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
