"""A whole run on the embedded sample, and runs after it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.registry import load
from tests.components.report.browser import faults
from tests.e2e.harness import TUTORIALS, sentence

NODES = [
    "CsvExampleGen",
    "ImportSchemaGen",
    "StatisticsGen",
    "ExampleValidator",
    "DataGate",
    "Transform",
    "Trainer",
    "Baseline",
    "Evaluator",
    "AtomicPusher",
    "Report",
]


def tutorials(*arguments) -> str:
    done = subprocess.run([TUTORIALS, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_sample_is_blessed_and_pushed(first):
    assert first.done.returncode == 0
    assert first.done.stderr == ""
    assert "census on embedded sample" in first.done.stdout
    assert "blessed" in first.done.stdout
    assert first.json["pushed_model"] in first.done.stdout
    assert first.json["report"] in first.done.stdout


def test_every_node_is_reported_and_nothing_else_chatters(first):
    lines = first.done.stdout.splitlines()

    assert [line.split()[0] for line in lines if line.endswith(" s")] == NODES
    log = next(line.split()[-1] for line in lines if line.startswith("log "))
    assert "tensorflow" in Path(log).read_text().lower()
    assert "WARNING" not in first.done.stdout
    assert "oneDNN custom operations are on" in Path(log).read_text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_the_report_opens_without_a_fault(first, chromium, width, dark):
    assert faults(chromium, Path(first.json["report"]), width=width, dark=dark) == []


def test_the_report_is_found_again(first):
    where = ("--root", first.root.path, "--run", first.json["run_id"])

    printed = tutorials("report", "census", *where)

    assert printed.strip() == Path(first.json["report"]).as_uri()
    facts = first.root.runs()[-1].summary["facts"]
    shown = tutorials("show", "census", *where)
    assert all(text in shown for text in facts.values())


def test_show_prints_the_contract(first):
    shown = json.loads(
        tutorials(
            "show", "census", "--json", "--root", first.root.path, "--run", first.json["run_id"]
        )
    )

    assert shown == first.json
    assert shown["tutorial"] == "census"
    assert shown["data"] == "embedded sample"
    assert shown["blessed"] is True
    assert shown["cached"] == []
    assert set(shown["seconds"]) == {*NODES, "total"}
    assert set(shown["peak_memory"]) == set(NODES)
    assert all(100e6 < peak < 16e9 for peak in shown["peak_memory"].values())
    assert {"accuracy", "auc", "auc_pr", "precision", "recall", "loss", "calibration"} <= set(
        shown["metrics"]
    )
    majority = 0.76
    assert shown["metrics"]["accuracy"] > majority + 0.05
    assert 0.85 < shown["metrics"]["auc"] < 1
    assert shown["metrics"]["example_count"] == 3000
    assert {"gender=Female", "race=White", "gender=Female, race=White"} <= set(shown["slices"])
    assert sum(shown["slices"][f"gender={g}"]["example_count"] for g in ("Female", "Male")) == 3000


def test_the_history_lists_it(first):
    listed = json.loads(tutorials("runs", "census", "--json", "--root", first.root.path))

    assert listed[-1] == first.json
    assert first.json["run_id"] in tutorials("runs", "census", "--root", first.root.path)


def test_the_report_shows_its_figures(first):
    page = Path(first.json["report"]).read_text()

    assert "Blessed and pushed" in page
    assert f"{first.json['metrics']['accuracy']:.4f}" in page
    assert "gender=Female" in page
    assert "embedded sample" in page


def test_an_unchanged_run_says_so_and_shows_the_results(first):
    assert first.again.returncode == 0
    assert "Nothing has changed since the last run" in first.again.stdout
    assert first.json["run_id"] in first.again.stdout


def test_an_unchanged_run_imports_nothing_heavy(tmp_path, first):
    """On a new root with a single run, which ends at the first node."""
    arguments = ["run", "census", "--data", str(first.data), "--until", "ImportSchemaGen"]
    script = (
        "import sys\n"
        "from pipelines.cli import main\n"
        "try: main()\n"
        "finally: print([m for m in ('tensorflow', 'tfx', 'apache_beam') if m in sys.modules])"
    )

    outputs = [
        subprocess.run(
            [sys.executable, "-c", script, *arguments, "--root", str(tmp_path / "runs")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]

    assert outputs[0].splitlines()[-1] == "['tensorflow', 'tfx', 'apache_beam']"
    assert outputs[1].splitlines()[-1] == "[]"
    assert "Nothing has changed" in outputs[1]


def test_a_worse_model_is_not_blessed_and_only_what_changed_is_run(first):
    done = first.root.run(
        *("--param", "epochs=1"),
        *("--param", "model_type=wide"),
        *("--param", "learning_rate=0.00001"),
    )

    assert done.returncode == 1
    message = sentence(done)
    assert "The model was not pushed." in message
    minimum = load("census").thresholds[0].limit
    shown = first.root.runs()[0].summary
    accuracy = shown["metrics"]["accuracy"]
    assert f"accuracy is {accuracy:.4f}, {minimum - accuracy:.4f} below the minimum" in message
    assert "below that of the latest blessed model; 0.0100 is allowed" in message
    assert not shown["blessed"]
    assert shown["pushed_model"] is None
    assert shown["baseline"]["accuracy"] == first.json["metrics"]["accuracy"]
    states = first.root.states()
    cached = NODES[: NODES.index("Trainer")]
    assert {node: states[node] for node in cached} == dict.fromkeys(cached, "cached")
    assert {states[node] for node in ("Trainer", "Evaluator", "AtomicPusher", "Report")} == {"run"}


def test_a_run_may_stop_early(first):
    done = first.root.run("--until", "ExampleValidator", "--no-cache")

    assert done.returncode == 0, done.stderr
    assert "stopped after ExampleValidator (--until)" in done.stdout
    assert first.root.states() == dict.fromkeys(NODES[: NODES.index("DataGate")], "run")


def test_an_unknown_node_is_wrong_use(first):
    done = first.root.run("--until", "Trainr")

    assert done.returncode == 2
    assert "There is no node 'Trainr'. Did you mean 'Trainer'? Choose one of" in sentence(done)
    assert done.stdout == ""
