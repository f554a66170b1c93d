"""Locks and errors of a run."""

import dataclasses

import pytest

from components.errors import TemporaryError, UserError
from pipelines.orchestrators.execution import clear_errors, locked, new_run_id
from pipelines.root import Root


@pytest.fixture
def root(tmp_path) -> Root:
    return Root.at(tmp_path / "runs")


class Progress:
    running = "Trainer"


def test_run_ids_are_sortable_and_new():
    first, second = new_run_id("census"), new_run_id("census")

    assert first.startswith("census-")
    assert first <= second


def test_a_root_with_sqlite_has_one_run_at_a_time(root):
    with locked(root, "census-1", 0):
        assert root.running_file.read_text() == "census-1"
        with pytest.raises(TemporaryError, match="Another run is using"), locked(root, "b", 0):
            pass
    with locked(root, "census-2", 0):
        assert root.running_file.read_text() == "census-2"


def test_a_server_allows_different_runs_at_once(root):
    root = dataclasses.replace(root, metadata="mysql://someone@nowhere/metadata")

    with (
        locked(root, "census-1", 0),
        locked(root, "census-2", 0),
        pytest.raises(TemporaryError, match="Another process of census-1 is using"),
        locked(root, "census-1", 0),
    ):
        pass


def test_a_file_where_the_root_should_be_is_named(root):
    root.path.write_text("a file")

    with pytest.raises(UserError, match="Cannot write to"), locked(root, "census-1", 0):
        pass


def test_an_error_of_the_body_passes_through_the_lock(root):
    with pytest.raises(OSError, match=r"^disk$"), locked(root, "census-1", 0):
        raise OSError("disk")
    with locked(root, "census-1", 0):
        pass


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (KeyboardInterrupt(), TemporaryError, "Interrupted in Trainer. Run the same command"),
        (UserError("Too bad. Fix it."), UserError, "^Trainer: Too bad. Fix it.$"),
        (ValueError("first\nsecond"), UserError, "^Trainer failed: first. See the log for details"),
        (ValueError(), UserError, "^Trainer failed: ValueError."),
        (OSError(28, "No space left on device"), UserError, "The disk of .* is full. Free some"),
    ],
)
def test_each_error_becomes_one_sentence(root, error, kind, message):
    with (
        pytest.raises(kind, match=message),
        clear_errors(Progress(), root, root.log_file("census-1"), str),
    ):
        raise error
