"""Checks, before anything is installed, whether this machine can run the project.

TFX has compiled parts, with wheels for some platforms only. On others, pip fails after minutes with
a compiler's error messages. The Makefile runs this file with the ``python3`` that it finds, so it
uses only the standard library and no syntax newer than Python 3.6: an old Python, too, must be able
to print why it is not enough.
"""
# ruff: noqa: UP006, UP035, UP045

import importlib.util
import multiprocessing
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import NamedTuple, Optional, Tuple

# The glibc versions that the compiled wheels were built against. The lock contains two sets: for
# Python 3.10 and 3.11, the last TFDV, tfx-bsl, and MLMD that older systems can load, and for
# Python 3.12 and 3.13, those that TFX 1.21 requires.
NEEDED_GLIBC = {(3, 10): (2, 34), (3, 11): (2, 34), (3, 12): (2, 38), (3, 13): (2, 38)}

# .venv needs 3.6 GB; the rest is for the archives that it is unpacked from.
NEEDED_DISK_GB = 5.0


class Machine(NamedTuple):
    """The facts about a machine that matter.

    Attributes:
        system: ``platform.system()``: Linux, Darwin, Windows.
        architecture: ``platform.machine()``: x86_64, aarch64, arm64.
        python: The major and minor version of the running Python.
        glibc: The version of the GNU C library; None for another library (musl).
        has_venv: Whether ``python -m venv`` works (a package of its own on Debian).
        shared_memory_error: The error of creating a POSIX semaphore; empty if it worked.
        free_disk_gb: The free space for .venv in GB (10^9 bytes); infinite if .venv is complete.
    """

    system: str
    architecture: str
    python: Tuple[int, int]
    glibc: Optional[Tuple[int, int]]
    has_venv: bool
    shared_memory_error: str
    free_disk_gb: float


def problem(machine: Machine) -> str:
    """Returns what is missing and what to do, in two sentences; empty if nothing is missing."""
    return (
        _platform_problem(machine)
        or _python_problem(machine)
        or _glibc_problem(machine)
        or _venv_problem(machine)
        or _shared_memory_problem(machine)
        or _disk_problem(machine)
    )


def this_machine(folder: str = ".") -> Machine:
    """Returns the facts about the running machine, for a .venv in ``folder``."""
    installed = (Path(folder) / ".venv" / ".installed").exists()
    return Machine(
        system=platform.system(),
        architecture=platform.machine(),
        python=(sys.version_info[0], sys.version_info[1]),
        glibc=_glibc_version(),
        has_venv=all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
        shared_memory_error=_shared_memory_error(),
        free_disk_gb=float("inf") if installed else shutil.disk_usage(folder).free / 1e9,
    )


def _platform_problem(machine: Machine) -> str:
    if machine.system != "Linux" or machine.architecture != "x86_64":
        image = "docker run --platform linux/amd64 -it -v $PWD:/src -w /src python:3.11 make run"
        remedy = {
            "Darwin": f"Run it in a container ({image})",
            "Windows": "Run it in WSL 2 (wsl --install -d Ubuntu-24.04)",
        }.get(machine.system, "Use an x86_64 machine")
        return (
            "TFX has wheels for Linux on x86_64 only, "
            f"and this is {machine.system} on {machine.architecture}. {remedy}."
        )
    if machine.glibc is None:
        return (
            "TFX has wheels for the GNU C library only, and this system uses another one (musl, as "
            "on Alpine). Use Debian, Ubuntu, or an image based on them, such as python:3.11-slim."
        )
    return ""


def _python_problem(machine: Machine) -> str:
    if machine.python in NEEDED_GLIBC:
        return ""
    return (
        f"TFX has wheels for Python {_dotted(min(NEEDED_GLIBC))} to {_dotted(max(NEEDED_GLIBC))}, "
        f"and this is Python {_dotted(machine.python)}. {_suitable_python(machine)}."
    )


def _glibc_problem(machine: Machine) -> str:
    needed = NEEDED_GLIBC[machine.python]
    if machine.glibc is None or machine.glibc >= needed:
        return ""
    return (
        f"On Python {_dotted(machine.python)}, TFX needs glibc {_dotted(needed)} or newer, "
        f"and this system has {_dotted(machine.glibc)}. {_suitable_python(machine)}."
    )


def _suitable_python(machine: Machine) -> str:
    """Returns how to use a Python that works with this system's glibc."""
    glibc = machine.glibc or (0, 0)
    if glibc < min(NEEDED_GLIBC.values()):
        return "Use Debian 12, Ubuntu 22.04, or newer, or an image such as python:3.11-slim"
    if glibc < max(NEEDED_GLIBC.values()):
        return (
            "Install Python 3.10 or 3.11 and name it: make run PYTHON=python3.11 "
            "(Debian 12: apt install python3.11-venv; Ubuntu 22.04: apt install python3.10-venv)"
        )
    return (
        "Install one of those and name it: make run PYTHON=python3.12 "
        "(Ubuntu 24.04: apt install python3.12-venv; Debian 13: apt install python3.13-venv)"
    )


def _venv_problem(machine: Machine) -> str:
    if machine.has_venv:
        return ""
    return (
        "This Python cannot create virtual environments. Install its venv module "
        f"(Debian and Ubuntu: apt install python{_dotted(machine.python)}-venv)."
    )


def _shared_memory_problem(machine: Machine) -> str:
    if not machine.shared_memory_error:
        return ""
    return (
        "Apache Beam needs POSIX semaphores, and creating one failed "
        f"({machine.shared_memory_error}). Mount /dev/shm as a tmpfs that all users can write to "
        "(mount -t tmpfs -o mode=1777 tmpfs /dev/shm)."
    )


def _disk_problem(machine: Machine) -> str:
    if machine.free_disk_gb >= NEEDED_DISK_GB:
        return ""
    return (
        f"Setting up .venv needs {NEEDED_DISK_GB:.0f} GB of disk space, and only "
        f"{machine.free_disk_gb:.1f} GB are free here. Free some space or clone to another disk."
    )


def _glibc_version() -> Optional[Tuple[int, int]]:
    try:
        name, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
        major, minor = version.split(".")[:2]
    except (AttributeError, OSError, ValueError):  # not a POSIX system, or not the GNU C library
        return None
    return (int(major), int(minor)) if name == "glibc" else None


def _shared_memory_error() -> str:
    try:
        multiprocessing.Lock()
    except (ImportError, OSError) as error:
        return str(error)
    return ""


def _dotted(version: Tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def main() -> int:
    """Prints the problem, if there is one, and returns the exit code."""
    found = problem(this_machine())
    if found:
        print(found, file=sys.stderr)
    return 2 if found else 0


if __name__ == "__main__":
    sys.exit(main())
