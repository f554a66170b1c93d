"""The command line, as far as it runs nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app

COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands]
HEAVY = ("tensorflow", "tfx", "apache_beam", "tensorflow_transform", "keras")


def tutorials(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own, which at its end names the heavy imports."""
    script = (
        "import atexit, sys; from pipelines.cli import main; "
        f"atexit.register(lambda: print('imported', [m for m in {HEAVY} if m in sys.modules], "
        "file=sys.stderr)); main()"
    )
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    result = CliRunner().invoke(app, [command, "--help"])

    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"tutorials {command}" in result.output


def test_the_overview_names_every_command():
    result = CliRunner().invoke(app, ["--help"])

    assert result.exit_code == 0
    for command in COMMANDS:
        assert f" {command} " in result.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["list"], 0),
        (["list", "--json"], 0),
        (["runs", "census"], 0),
        (["runs", "census", "--json"], 0),
        (["show", "census"], 1),
        (["run", "--help"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_light_commands_import_nothing_heavy(tmp_path, arguments, code):
    done = tutorials(*arguments, folder=tmp_path)

    assert done.returncode == code
    assert done.stderr.splitlines()[-1] == "imported []"
    assert list(tmp_path.iterdir()) == []


def test_list_names_the_tutorials():
    result = CliRunner().invoke(app, ["list", "--json"])

    assert {"census"} <= {tutorial["name"] for tutorial in json.loads(result.output)}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "censsus"], 2, "There is no tutorial 'censsus'. Did you mean 'census'?"),
        (["show", "zzz"], 2, "There is no tutorial 'zzz'."),
        (["runs", "zzz"], 2, "There is no tutorial 'zzz'."),
        (["data", "zzz"], 2, "There is no tutorial 'zzz'."),
        (["show", "census"], 1, "There is no run of census yet; start one: tutorials run census"),
        (["show", "census", "--run", "x"], 1, "There is no run x; 'tutorials runs census' lists"),
        (["run", "census", "--data", "nowhere"], 2, "There is no data folder nowhere; give"),
        (["run", "census", "--data", "."], 1, "has no adult.data for the train split"),
        (["run", "census", "--param", "epoch=1"], 2, "Did you mean 'epochs'? Known: model_type="),
        (["run", "census", "--param", "epochs=x"], 2, "--param epochs=x: Input should be a valid"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_one_sentence_on_stderr(tmp_path, arguments, code, message):
    done = tutorials(*arguments, folder=tmp_path)

    error, imported = done.stderr.splitlines()
    assert done.returncode == code
    assert error.startswith("Error: ")
    assert message in error
    assert imported == "imported []"
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["run", "census", "--sed", "1"], ["run", "census", "--seed", "-1"], ["x"]],
)
def test_what_is_no_command_exits_2(tmp_path, arguments):
    assert tutorials(*arguments, folder=tmp_path).returncode == 2


def test_a_wrong_setting_is_one_sentence_on_stderr(tmp_path):
    (tmp_path / "tutorials.toml").write_text('rooot = "elsewhere"')

    done = tutorials("runs", "census", folder=tmp_path)

    assert done.returncode == 2
    assert done.stderr.startswith("Error: Setting 'rooot'")


@pytest.mark.parametrize("content", ["root = ", "root = 3"])
def test_a_broken_settings_file_is_one_sentence_on_stderr(tmp_path, content):
    (tmp_path / "tutorials.toml").write_text(content)

    done = tutorials("runs", "census", folder=tmp_path)

    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
