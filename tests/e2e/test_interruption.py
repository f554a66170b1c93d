"""Ctrl-C at any time: one message, a correct history, and a next run that continues."""

import shutil
import time

import pytest

from tests.e2e.harness import QUICK, First, Root, sentence


def inside(first: First, node: str):
    """Returns a check whether the next execution of a node is well under way."""
    before = first.root.begun(node)

    def where() -> bool:
        if first.root.begun(node) == before:
            return False
        time.sleep(1)
        return True

    return where


def interrupted_in(node: str, first: First, done) -> None:
    assert done.returncode == 75
    assert sentence(done).startswith(f"Error: Interrupted in {node}. Run the same command again")
    assert first.root.states()[node] == "interrupted"
    assert not first.root.runs()[0].finished


@pytest.fixture(scope="module")
def many_rows(_first, tmp_path_factory):
    """The sample with its training rows repeated, so that they take every machine over a second."""
    folder = tmp_path_factory.mktemp("many") / "rows"
    shutil.copytree(_first.data, folder)
    rows = (folder / "adult.data").read_text().rstrip("\n") + "\n"
    (folder / "adult.data").write_text(rows * 200)
    return folder


def test_nodes_that_read_rows_can_be_interrupted_and_run_again(first, many_rows):
    for node in ("CsvExampleGen", "StatisticsGen"):
        done = first.root.interrupt(inside(first, node), "--until", node, data=many_rows)

        interrupted_in(node, first, done)
    assert first.root.states()["CsvExampleGen"] == "run"


def test_a_beam_pipeline_can_be_interrupted(first):
    done = first.root.interrupt(inside(first, "Transform"), "--no-cache", "--until", "Transform")

    interrupted_in("Transform", first, done)


def test_training_resumes_where_it_was_interrupted(first):
    arguments = ("--param", "epochs=12", "--param", "patience=12", "--until", "Trainer")
    checkpoints = first.root.path / "pipelines" / "census" / "checkpoints"

    def third_epoch() -> bool:
        histories = list(checkpoints.glob("*/history.csv"))
        return any(len(history.read_text().splitlines()) > 3 for history in histories)

    done = first.root.interrupt(third_epoch, *arguments)
    again = first.root.run(*arguments)

    assert sentence(done).startswith("Error: Interrupted in Trainer.")
    assert again.returncode == 0, again.stderr
    assert "resuming after epoch" in again.stdout
    assert "epoch 1/12" not in again.stdout
    assert "epoch 12/12" in again.stdout
    states = first.root.states()
    assert states.pop("Trainer") == "run"
    assert set(states.values()) == {"cached"}
    interrupted = first.root.runs()[1]
    assert interrupted.nodes[-1].state == "interrupted"
    assert not list(checkpoints.glob("*/history.csv"))


def test_a_second_run_on_the_same_root_waits_for_the_first(first, tmp_path):
    root = Root(tmp_path / "runs")
    seconds = []

    def second_is_refused() -> bool:
        if not list(root.path.glob("logs/*.log")):
            return False
        seconds.append(root.run(*QUICK, data=first.data))
        return True

    done = root.interrupt(second_is_refused, data=first.data)

    assert f"Another run is using {root.path}. Wait for it" in sentence(seconds[0])
    assert seconds[0].returncode == 75
    assert sentence(done).startswith("Error: Interrupted in loading TensorFlow and TFX.")
    assert root.runs() == []
