"""A new tutorial costs one declaration and one schema."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("pipelines", "components", "trainer_modules", "schemas")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the source code with a tutorial `adults`, which trains the model of census."""
    for package in PACKAGES:
        shutil.copytree(
            REPOSITORY / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    schema = tmp_path / "schemas" / "census.pbtxt"
    shutil.copy(schema, schema.with_name("adults.pbtxt"))
    declaration = (tmp_path / "pipelines/tutorials/census.py").read_text("utf-8")
    (tmp_path / "pipelines/tutorials/adults.py").write_text(
        declaration.replace('name="census"', 'name="adults"'), "utf-8"
    )
    return tmp_path


def tutorials(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_files_make_a_tutorial(project):
    names = [row["name"] for row in json.loads(tutorials(project, "list", "--json"))]
    assert "adults" in names and "census" in names

    tutorials(project, "run", "adults", "--data", "sample", "--param", "epochs=2")

    shown = json.loads(tutorials(project, "show", "adults", "--json"))
    assert shown["blessed"] is True
    assert Path(shown["pushed_model"]).is_relative_to(project / "runs/serving/adults")
    assert Path(shown["report"]).exists()
