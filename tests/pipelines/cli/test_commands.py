"""The command line, except for commands that run pipelines."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app, main

COMMANDS = [
    command.name or command.callback.__name__
    for command in app.registered_commands
    if not command.hidden
]
COMMAND = [sys.executable, "-c", "from pipelines.cli import main; main()"]
HEAVY = ("tensorflow", "tfx", "apache_beam", "tensorflow_transform", "keras")


@dataclass
class Ended:
    """How the command ended in this process."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(tmp_path, monkeypatch, capsys) -> Callable[..., Ended]:
    """Runs the command in this process, which takes a hundredth of the time of one of its own."""

    def run(*arguments: str) -> Ended:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["tutorials", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ended(ended.value.code, captured.out, captured.err)

    return run


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
        (["--version"], 0),
        (["params", "census"], 0),
        (["runs"], 0),
        (["list"], 0),
        (["list", "--json"], 0),
        (["runs", "census"], 0),
        (["runs", "census", "--json"], 0),
        (["show", "census"], 1),
        (["run", "--help"], 0),
        (["run", "census", "--data", "."], 1),
        (["run", "census", "--param", "epoch=1"], 2),
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

    (census,) = (row for row in json.loads(result.output) if row["name"] == "census")
    assert census["data"] == "UCI Adult"
    assert census["rows"] == "32,561 to train, 16,281 to test"
    assert census["model"] == "wide & deep"
    assert census["downloaded"] is False


def test_list_sees_downloaded_data(tmp_path):
    folder = tmp_path / "census"
    folder.mkdir()
    for name in ("adult.data", "adult.test"):
        (folder / name).write_text("row\n")

    result = CliRunner().invoke(app, ["list", "--json", "--data-root", str(tmp_path)])

    downloaded = {row["name"]: row["downloaded"] for row in json.loads(result.output)}
    assert downloaded.pop("census") and not any(downloaded.values())


def test_params_shows_name_type_default_range_and_meaning():
    result = CliRunner().invoke(app, ["params", "census", "--json"])

    (row,) = (row for row in json.loads(result.output) if row["name"] == "epochs")
    assert row == {
        "name": "epochs",
        "type": "integer",
        "default": "14",
        "range": "≥ 1, ≤ 1000",
        "meaning": "maximum number of passes over the training split",
    }


def test_the_version_is_that_of_the_package():
    result = CliRunner().invoke(app, ["--version"])

    assert result.output == f"tfx-tutorials {version('tfx-tutorials')}\n"


def test_the_old_name_of_download_still_works():
    result = CliRunner().invoke(app, ["data", "--help"])

    assert result.exit_code == 0
    assert "SHA-256" in result.output


def test_names_are_completed():
    environment = {"_TUTORIALS_COMPLETE": "complete_bash", "COMP_WORDS": "tutorials run ce"}
    done = subprocess.run(
        [Path(sys.executable).with_name("tutorials")],
        env={**os.environ, **environment, "COMP_CWORD": "2"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.split() == ["census"]


def test_an_encoding_without_the_letters_replaces_them(tmp_path):
    done = subprocess.run(
        [*COMMAND, "runs", "census", "--root", "/données/\N{SNOWMAN}"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")

    done = subprocess.run(
        [*COMMAND, "show", "données"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Error: There is no tutorial 'donn?es'.")


@pytest.mark.parametrize(
    ("root", "message"),
    [
        ("a file", "a file is a file. Give a folder with --root."),
        ("x" * 5000, "is not a valid path"),
    ],
    ids=["file", "too long"],
)
def test_a_root_that_cannot_be_one_is_refused(command, tmp_path, root, message):
    (tmp_path / "a file").touch()

    done = command("runs", "census", "--root", root)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_metadata_file_that_is_something_else_is_named(command, tmp_path):
    (tmp_path / "metadata.sqlite").write_text("not a database, " * 100)

    done = command("runs", "census", "--root", ".")

    assert done.returncode == 1
    assert "metadata.sqlite is not a metadata store" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "censsus"], 2, "There is no tutorial 'censsus'. Did you mean 'census'?"),
        (["show", "zzz"], 2, "There is no tutorial 'zzz'."),
        (["runs", "zzz"], 2, "There is no tutorial 'zzz'."),
        (["download", "zzz"], 2, "There is no tutorial 'zzz'."),
        (["show", "census"], 1, "There is no run of census yet. Start one: tutorials run census"),
        (
            ["show", "census", "--run", "x"],
            1,
            "There is no run x. List the runs with 'tutorials runs",
        ),
        (["run", "census", "--data", "nowhere"], 2, "The data folder nowhere does not exist. Give"),
        (["run", "census", "--data", "."], 1, "has no file adult.data for the train split"),
        (
            ["run", "census", "--param", "epoch=1"],
            2,
            "Did you mean 'epochs'? Choose one of model_type, ",
        ),
        (
            ["run", "census", "--param", "epochs=x"],
            2,
            "--param epochs=x is invalid: Input should be a valid",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_one_sentence_on_stderr(command, arguments, code, message):
    done = command(*arguments)

    (error,) = done.stderr.splitlines()
    assert done.returncode == code
    assert error.startswith("Error: ")
    assert message in error
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["run", "census", "--sed", "1"], ["run", "census", "--seed", "-1"], ["x"]],
)
def test_what_is_no_command_exits_2(command, arguments):
    assert command(*arguments).returncode == 2


def test_a_wrong_setting_is_one_sentence_on_stderr(command, tmp_path):
    (tmp_path / "tutorials.toml").write_text('rooot = "elsewhere"')

    done = command("runs", "census")

    assert done.returncode == 2
    assert done.stderr.startswith("Error: The setting 'rooot' is invalid")


@pytest.mark.parametrize(
    "content",
    ["root = ", "root = 3", f"root = {'[' * 491}", 'root = "a\\u0000b"'],
    ids=["no value", "a number", "brackets", "a null character"],
)
def test_a_broken_settings_file_is_one_sentence_on_stderr(command, tmp_path, content):
    (tmp_path / "tutorials.toml").write_text(content)

    done = command("runs", "census")

    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
