"""One virtual environment per version of Airflow, kept in the user's cache."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

VERSIONS = ("2.11.2", "3.3.2")
PROVIDERS = (
    "apache-airflow-providers-cncf-kubernetes==10.25.0",
    "apache-airflow-providers-docker==4.6.1",
)

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tfx-tutorials"


def environment(version: str) -> Path:
    """Returns the folder of the commands of a version of Airflow. Installs it if necessary."""
    if version.startswith("2.") and sys.version_info >= (3, 13):
        pytest.skip(f"Airflow {version} needs Python 3.12 or older. Run the tests with Python 3.11")
    folder = CACHE / f"airflow-{version}"
    packages = [f"apache-airflow=={version}", *PROVIDERS]
    content = "\n".join([sys.version, *packages])
    complete = folder / "installed.txt"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (complete.exists() and complete.read_text() == content):
            uv = str(Path(sys.executable).with_name("uv"))
            python = folder / "bin" / "python"
            for arguments in (
                ["venv", "--clear", "--python", sys.executable, folder],
                ["pip", "install", "--python", python, *packages],
            ):
                subprocess.run([uv, "--quiet", *arguments], check=True, timeout=600)
            complete.write_text(content)
    return folder / "bin"
