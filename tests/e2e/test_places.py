"""The possible places of runs and data, and files that users move or delete."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.harness import QUICK, TUTORIALS, Root, sentence


@pytest.fixture
def moved(first, tmp_path: Path) -> Root:
    """A copy of the first run's root in another folder."""
    shutil.copytree(first.root.path, tmp_path / "moved")
    return Root(tmp_path / "moved")


def test_a_copied_root_works_again(first, moved):
    run = moved.runs()[-1]
    assert run.page is not None and run.page.is_relative_to(moved.path)
    assert run.pushed_model is not None and run.pushed_model.is_relative_to(moved.path)
    for path in (run.page, run.pushed_model):
        assert path.exists()

    done = moved.run(*QUICK, "--no-cache")

    assert done.returncode == 0, done.stderr
    assert moved.runs()[0].summary["baseline"]["accuracy"] == first.json["metrics"]["accuracy"]
    assert str(first.root.path) not in done.stdout


def test_deleted_models_are_passed_over_with_a_warning(moved):
    shutil.rmtree(moved.path / "pipelines" / "census" / "Trainer")

    done = moved.run(*QUICK, "--seed", "1")

    assert done.returncode == 0, done.stderr
    assert "was deleted" in done.stdout
    assert done.stdout.index("was deleted") < done.stdout.index("Trainer")
    assert moved.runs()[0].summary["baseline"] == {}
    assert moved.runs()[0].blessed


def test_paths_with_glob_characters_work_and_are_printed_as_they_are(first, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    data, root = tmp_path / "adult [v2] {SPAN}", Root(tmp_path / "r [v2]*?")
    shutil.copytree(first.data, data)

    done = root.run(*QUICK, data=data)

    assert done.returncode == 0, done.stderr
    assert f"census on {data}\n" in done.stdout
    run = root.runs()[0]
    for label, path in (("pushed to", run.pushed_model), ("report", run.page), ("log", run.log)):
        assert path is not None and path.is_relative_to(root.path)
        assert f"{label:10} {path}\n" in done.stdout
    assert run.page is not None and run.page.exists()
    assert "cache" not in done.stdout

    (data / "adult.data").write_text("one field\n")
    message = sentence(root.run(*QUICK, data=data))
    assert message.startswith(f"Error: CsvExampleGen: {data}/adult.data, line 1")


def test_a_terminal_without_the_letters_of_a_path_shows_replacements(first, tmp_path):
    data = tmp_path / "données ☃"
    shutil.copytree(first.data, data)
    command = [TUTORIALS, "run", "census", "--root", tmp_path / "runs", "--data", data]

    done = subprocess.run(
        [*command, "--until", "ImportSchemaGen"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "donn?es ?" in done.stdout
    shown = subprocess.run(
        [TUTORIALS, "show", "census", "--root", tmp_path / "runs", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(shown.stdout)["data"] == str(data)
