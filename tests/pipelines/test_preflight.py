"""The first step of the setup: one message for every machine that cannot run TFX."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import preflight

DEBIAN_12 = preflight.Machine(
    system="Linux",
    architecture="x86_64",
    python=(3, 11),
    glibc=(2, 36),
    has_venv=True,
    shared_memory_error="",
    free_disk_gb=100.0,
)


@pytest.mark.parametrize(
    ("python", "glibc"),
    [
        pytest.param((3, 11), (2, 36), id="Debian 12"),
        pytest.param((3, 13), (2, 41), id="Debian 13"),
        pytest.param((3, 10), (2, 35), id="Ubuntu 22.04"),
        pytest.param((3, 12), (2, 39), id="Ubuntu 24.04"),
        pytest.param((3, 11), (2, 34), id="RHEL 9"),
        pytest.param((3, 12), (2, 38), id="oldest glibc of the newer package set"),
    ],
)
def test_supported_systems_pass(python, glibc):
    assert preflight.problem(DEBIAN_12._replace(python=python, glibc=glibc)) == ""


@pytest.mark.parametrize(
    ("facts", "what", "remedy"),
    [
        (
            {"system": "Darwin", "architecture": "arm64", "glibc": None},
            "Darwin on arm64",
            "docker run",
        ),
        ({"system": "Darwin", "glibc": None}, "Darwin on x86_64", "docker run"),
        (
            {"system": "Windows", "architecture": "AMD64", "glibc": None},
            "Windows on AMD64",
            "WSL 2",
        ),
        ({"architecture": "aarch64"}, "Linux on aarch64", "x86_64 machine"),
        ({"glibc": None}, "musl", "python:3.11-slim"),
        ({"python": (3, 6)}, "this is Python 3.6", "apt install python3.11-venv"),
        ({"python": (3, 9), "glibc": (2, 31)}, "this is Python 3.9", "Debian 12"),
        ({"python": (3, 14), "glibc": (2, 41)}, "this is Python 3.14", "PYTHON=python3.12"),
        (
            {"python": (3, 13)},
            "needs glibc 2.38 or newer, and this system has 2.36",
            "PYTHON=python3.11",
        ),
        ({"python": (3, 12), "glibc": (2, 37)}, "needs glibc 2.38", "PYTHON=python3.11"),
        (
            {"python": (3, 10), "glibc": (2, 31)},
            "needs glibc 2.34 or newer, and this system has 2.31",
            "Ubuntu 22.04",
        ),
        ({"has_venv": False}, "virtual environments", "apt install python3.11-venv"),
        (
            {"shared_memory_error": "[Errno 13] Permission denied"},
            "Permission denied",
            "mount -t tmpfs",
        ),
        ({"free_disk_gb": 1.25}, "only 1.2 GB", "Free some space"),
    ],
)
def test_unsupported_systems_get_a_remedy(facts, what, remedy):
    message = preflight.problem(DEBIAN_12._replace(**facts))

    assert what in message
    assert remedy in message
    assert message.endswith(".")
    assert "\n" not in message
    sentences = re.findall(r"\. [A-Z]", message)
    assert len(sentences) == 1, message


def test_the_platform_is_reported_first():
    """A Mac user should not install another Python, since no Python is sufficient."""
    mac = DEBIAN_12._replace(
        system="Darwin", architecture="arm64", python=(3, 9), glibc=None, free_disk_gb=0.0
    )

    assert "docker run" in preflight.problem(mac)


def test_this_machine_passes(tmp_path):
    machine = preflight.this_machine(str(tmp_path))

    assert machine.python == sys.version_info[:2]
    assert machine.glibc and machine.glibc >= (2, 34)
    assert preflight.problem(machine._replace(free_disk_gb=100.0)) == ""


def test_a_complete_installation_needs_no_more_space(tmp_path):
    assert preflight.this_machine(str(tmp_path)).free_disk_gb < float("inf")

    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".installed").touch()

    assert preflight.this_machine(str(tmp_path)).free_disk_gb == float("inf")


def test_an_old_python_can_read_it():
    ast.parse(Path(preflight.__file__).read_text(), feature_version=(3, 6))


def test_command_line_exits_2_with_one_line_on_stderr():
    """Runs the check as the Makefile does, but reports the version of an old Python."""
    script = (
        "import runpy, sys; sys.version_info = (3, 9); "
        "runpy.run_path(sys.argv[1], run_name='__main__')"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-c", script, preflight.__file__],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "this is Python 3.9" in done.stderr
