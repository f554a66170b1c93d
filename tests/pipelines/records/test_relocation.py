"""Roots that were moved or copied, with a real ML Metadata store."""

import json
import shutil
import sqlite3

import pytest

from pipelines.records import history
from pipelines.records.relocation import follow_moved_root
from pipelines.root import Root
from tests.metadata_store import Store

SUMMARY = {"gate_passed": True, "blessed": True, "metrics": {}, "failures": []}


@pytest.fixture
def old(tmp_path):
    """A root with a finished run. The artifacts have properties with paths."""
    folder = tmp_path / "old"
    folder.mkdir()
    store = Store(folder)
    store.finished("census", "census-1", SUMMARY, root=str(folder))
    run = store.begun("census", "census-2", root=str(folder))
    pushed = store.artifact("PushedModel", f"{folder}/pipelines/census/pushed")
    pushed.custom_properties["pushed"].int_value = 1
    pushed.custom_properties["pushed_destination"].string_value = f"{folder}/serving/census/1"
    pushed.custom_properties["config"].string_value = json.dumps({"base": f"{folder}/serving"})
    pushed.custom_properties["other"].string_value = f"{folder}er/serving"
    store.node(run, "AtomicPusher", outputs={"pushed_model": pushed})
    return folder


@pytest.mark.parametrize("name", ["new", "old2", "old/below"], ids=["other", "longer", "below"])
def test_a_copied_root_knows_its_files(old, tmp_path, name):
    new = tmp_path / name
    shutil.copytree(old, tmp_path / "copy")
    shutil.rmtree(old)
    new.parent.mkdir(exist_ok=True)
    (tmp_path / "copy").rename(new)

    pushed, finished = history.runs(Root.at(new), "census")

    assert finished.page == new / "census-1" / "report" / "report.html"
    assert finished.summary == SUMMARY
    assert pushed.pushed_model == new / "serving" / "census" / "1"
    (artifact,) = pushed.nodes[0].artifacts
    assert artifact.uri == f"{new}/pipelines/census/pushed"
    assert json.loads(artifact.properties["config"]) == {"base": f"{new}/serving"}
    assert artifact.properties["other"] == f"{old}er/serving"


def test_the_original_of_a_copy_stays_as_it_is(old, tmp_path):
    shutil.copytree(old, tmp_path / "copy")

    assert history.runs(Root.at(tmp_path / "copy"))[1].page.is_relative_to(tmp_path / "copy")
    assert history.runs(Root.at(old))[1].page.is_relative_to(old)


def test_an_older_root_is_known_by_its_logs(tmp_path):
    store = Store(tmp_path)
    store.begun("census", "census-1", log="/gone/runs/logs/census-1.log")
    artifact = store.artifact("Model", "/gone/runs/pipelines/census/Trainer/model/7")
    store.node(store.begun("census", "census-2"), "Trainer", outputs={"model": artifact})

    run = history.runs(Root.at(tmp_path))[0]

    assert run.model == tmp_path / "pipelines/census/Trainer/model/7"


def test_a_root_that_stayed_is_not_written(old):
    before = (old / "metadata.sqlite").read_bytes()

    follow_moved_root(Root.at(old))

    assert (old / "metadata.sqlite").read_bytes() == before


def test_the_change_is_one_transaction(old, tmp_path):
    """A table that cannot be written leaves all locations as they were."""
    new = tmp_path / "new"
    old.rename(new)
    with sqlite3.connect(new / "metadata.sqlite") as database:
        database.execute(
            "CREATE TRIGGER stop BEFORE UPDATE ON ContextProperty "
            "BEGIN SELECT RAISE(ABORT, 'stopped'); END"
        )

    with pytest.raises(sqlite3.IntegrityError, match="stopped"):
        follow_moved_root(Root.at(new))

    with sqlite3.connect(new / "metadata.sqlite") as database:
        uris = [uri for (uri,) in database.execute("SELECT uri FROM Artifact")]
        database.execute("DROP TRIGGER stop")
    assert uris and all(uri.startswith(f"{old}/") for uri in uris)
    follow_moved_root(Root.at(new))
    assert history.runs(Root.at(new))[1].page.is_relative_to(new)
