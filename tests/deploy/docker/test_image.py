"""The image: what it contains, and that every pipeline runs in it without rights."""

import json
import os
import re
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import registry
from pipelines.compiled_plan import current_code
from tests.deploy.containers import Docker

USER = 10001
LARGEST = 2.5e9
SITE = "opt/tutorials/lib/python3.11/site-packages"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty root that the image's user can write to."""
    folder = tmp_path / "runs"
    folder.mkdir()
    os.chown(folder, USER, USER)
    return folder


@pytest.fixture(scope="module")
def files(docker: Docker, image: str) -> frozenset[str]:
    """The paths of the image's layers, including those that a later layer hides."""
    return frozenset(_files(docker, image))


def _files(docker: Docker, image: str) -> Iterator[str]:
    save = subprocess.Popen(
        [docker.client, "save", image],
        env={**os.environ, **docker.environment},
        stdout=subprocess.PIPE,
    )
    assert save.stdout is not None
    with tarfile.open(fileobj=save.stdout, mode="r|") as archive:
        # Layers are blobs without an ending, or layer.tar, depending on Docker's version.
        for member in filter(tarfile.TarInfo.isfile, archive):
            try:
                with tarfile.open(fileobj=archive.extractfile(member), mode="r|") as layer:
                    yield from (file.name.removeprefix("./") for file in layer)
            except tarfile.ReadError:  # the manifest and the configuration
                continue
    assert save.wait(60) == 0


def test_is_small(docker: Docker, image: str, capsys: pytest.CaptureFixture[str]):
    size = int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout)
    layers = docker("history", "--format", "{{.Size}}\t{{.CreatedBy}}", image).stdout
    with capsys.disabled():
        print(f"\nThe image has {size / 1e9:.2f} GB:\n{layers}")
    assert size < LARGEST


def test_contains_the_project_and_the_list_of_what_is_left_out_is_true(
    docker: Docker, image: str, files: frozenset[str]
):
    assert f"{SITE}/pipelines/cli/main.py" in files
    assert f"{SITE}/tensorflow/libtensorflow_cc.so.2" in files
    assert not [file for file in files if file.startswith(f"{SITE}/tensorflow/include/")]
    # Plans that this clone compiles run in the image.
    done = docker.run(
        image,
        "-c",
        "from pipelines.compiled_plan import current_code; print(current_code())",
        options=("--entrypoint", "python"),
    )
    assert done.stdout.strip() == current_code(), done.stderr


def test_own_pipelines_can_import_all_of_tfx(docker: Docker, image: str):
    done = docker.run(
        image, "-c", "import tfx.v1, tensorflow_model_analysis", options=("--entrypoint", "python")
    )
    assert done.returncode == 0, done.stderr


def test_contains_no_build_tools(files: frozenset[str]):
    tools = {"pip", "pip3", "uv", "gcc", "cc", "g++", "ld", "make", "strip", "git"}
    assert not {file for file in files if re.search(r"(^|/)s?bin/([^/]+)$", file)} & {
        f"{folder}/{tool}" for folder in ("usr/bin", "bin", "opt/tutorials/bin") for tool in tools
    }
    installed = {match[1] for file in files if (match := re.fullmatch(f"{SITE}/([^/]+)", file))}
    assert "tfx" in installed
    assert not installed & {"pip", "uv", "pytest", "_pytest", "mypy", "playwright"}


def test_contains_no_settings_of_the_machine_that_built_it(
    docker: Docker, image: str, files: frozenset[str]
):
    assert "etc/debian_version" in files
    suspects = re.compile(r"(^|/)(pip\.conf|uv\.toml|\.netrc|ca-certificates\.crt|\.docker)(/|$)")
    assert not [file for file in files if suspects.search(file)]
    assert not [file for file in files if re.match(r"(root/\.c|run/secrets/|build/)", file)]
    history = docker("history", "--no-trunc", image).stdout
    settings = docker("image", "inspect", "--format", "{{json .Config}}", image).stdout
    assert not re.search(r"https?:|proxy|secret|PIP_|UV_", history + settings, re.IGNORECASE)


def test_runs_as_an_ordinary_user_who_owns_only_the_root(docker: Docker, image: str):
    script = "id -u; for d in / /opt /opt/tutorials /runs /tmp; do test -w $d && echo $d; done"
    done = docker.run(image, "-c", script, options=("--entrypoint", "sh"))
    assert done.stdout.split() == [str(USER), "/runs", "/tmp"]


@pytest.mark.parametrize("pipeline", registry.names())
def test_runs_every_pipeline(docker: Docker, image: str, root: Path, pipeline: str):
    done = docker.run(
        image, "run", pipeline, "--data", "sample", options=("--volume", f"{root}:/runs")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (model,) = (root / "serving" / pipeline).iterdir()
    assert (model / "saved_model.pb").is_file()
    assert model.stat().st_uid == USER
    (page,) = root.glob("pipelines/*/Report/report/*/report.html")
    assert "<script" in page.read_text()


def test_a_new_volume_belongs_to_the_user(docker: Docker, image: str):
    volume = "tutorials-test-new-volume"
    docker("volume", "rm", "--force", volume)
    mount = ("--volume", f"{volume}:/runs")
    try:
        done = docker.run(image, "run", "imdb", "--data", "sample", options=mount)
        assert done.returncode == 0, done.stdout + done.stderr
        shown = docker.run(image, "show", "imdb", "--json", options=mount)
        assert json.loads(shown.stdout)["blessed"] is True
    finally:
        docker("volume", "rm", "--force", volume)


def test_exit_codes_pass_through(docker: Docker, image: str, root: Path, tmp_path: Path):
    mount = ("--volume", f"{root}:/runs")
    misspelled = docker.run(image, "run", "censuss", "--data", "sample", options=mount)
    assert misspelled.returncode == 2
    assert "census" in misspelled.stderr

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "adult.data").write_text("not,a,row\n")
    (tmp_path / "data" / "adult.test").write_text("not,a,row\n")
    data = ("--volume", f"{tmp_path / 'data'}:/data/census:ro")
    refused = docker.run(image, "run", "census", options=mount + data)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "adult.data" in refused.stderr

    killed = docker.run(
        image, "run", "census", "--data", "sample", options=mount, memory="300m", timeout=120
    )
    assert killed.returncode == 137


def test_names_a_root_that_it_cannot_write_to(docker: Docker, image: str, tmp_path: Path):
    folder = tmp_path / "of-root"
    folder.mkdir(mode=0o755)
    done = docker.run(
        image, "run", "census", "--data", "sample", options=("--volume", f"{folder}:/runs")
    )
    assert done.returncode not in (0, 137)
    assert "/runs" in done.stderr
    assert "Traceback" not in done.stderr


def test_docker_stop_interrupts_a_run(docker: Docker, image: str, root: Path):
    name = "tutorials-test-stop"
    docker("rm", "--force", name, check=False)
    try:
        docker(
            *("run", "--detach", "--name", name, "--read-only", "--tmpfs", "/tmp"),
            *("--network", "none", "--memory", "4g", "--volume", f"{root}:/runs"),
            *(image, "run", "census", "--data", "sample"),
        )
        end = time.monotonic() + 120
        while "epoch 1/" not in docker("logs", name).stdout:
            assert time.monotonic() < end, docker("logs", name)
            time.sleep(0.2)
        docker("stop", "--time", "60", name)
        code = docker("inspect", "--format", "{{.State.ExitCode}}", name).stdout.strip()
        assert code == "75", docker("logs", name)  # another run continues it
    finally:
        docker("rm", "--force", name, check=False)
