"""The lineage of a run in ML Metadata."""

from components.report.lineage import PreviousArtifact, nodes, previous_artifact
from tests.metadata_store import STATES, Store


def test_nodes_come_in_order_with_what_they_took(tmp_path):
    store = Store(tmp_path)
    run = store.run("census", "census-1")
    store.node(run, "ExampleGen", cpu_seconds=1.5, peak_memory=2**30)
    store.node(run, "Trainer", state=STATES.CACHED)
    store.node(run, "Evaluator", state=STATES.FAILED)
    store.node(run, "Report", state=STATES.RUNNING)

    found = nodes(store.open, run)

    assert [node.node_id for node in found] == ["ExampleGen", "Trainer", "Evaluator", "Report"]
    assert [node.state for node in found] == ["run", "cached", "failed", "interrupted"]
    assert (found[0].cpu_seconds, found[0].peak_memory) == (1.5, 2**30)
    assert found[0].started <= found[1].started
    assert all(node.seconds >= 0 for node in found)


def test_artifacts_tie_nodes_together(tmp_path):
    store = Store(tmp_path)
    run = store.run("census", "census-1")
    model = store.artifact("Model", "/runs/model/7")
    store.node(run, "Trainer", outputs={"model": model})
    store.node(run, "Evaluator", inputs={"model": model})

    trainer, evaluator = nodes(store.open, run)

    (written,), (read,) = trainer.artifacts, evaluator.inputs
    assert written == read
    assert (written.key, written.type, written.uri) == ("model", "Model", "/runs/model/7")
    assert trainer.outputs == {"model": "/runs/model/7"}
    assert evaluator.outputs == {}


def test_other_runs_do_not_mix(tmp_path):
    store = Store(tmp_path)
    first, second = store.run("census", "census-1"), store.run("imdb", "imdb-1")
    store.node(first, "Trainer")
    store.node(second, "Evaluator")

    assert [node.node_id for node in nodes(store.open, second)] == ["Evaluator"]
    assert nodes(store.open, store.run("imdb", "imdb-2")) == ()


def test_the_data_before_is_what_the_same_node_wrote_last(tmp_path):
    store = Store(tmp_path)
    written = []
    for number, tutorial in enumerate(["census", "census", "imdb", "census"]):
        run = store.run(tutorial, f"{tutorial}-{number}", data=f"folder {number}")
        written.append(store.artifact("ExampleStatistics", f"/statistics/{number}"))
        other = store.artifact("Model", f"/model/{number}")
        store.node(run, "StatisticsGen", outputs={"statistics": written[-1], "model": other})
        store.node(run, "ExampleValidator", inputs={"statistics": written[-1]})

    assert previous_artifact(store.open, written[0].id) is None
    assert previous_artifact(store.open, written[2].id) is None
    assert previous_artifact(store.open, written[3].id) == PreviousArtifact(
        "/statistics/1", "census-1", "folder 1"
    )
