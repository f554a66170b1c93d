"""The pusher: a version is either complete or absent."""

import threading
from pathlib import Path

import pytest
from tfx.dsl.io import fileio
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.atomic_pusher.executor import AtomicPushExecutor
from components.errors import UserError

VARIABLES = Path("variables", "variables.data-00000-of-00001")


@pytest.fixture
def model(tmp_path: Path) -> standard_artifacts.Model:
    """A folder with the files of a SavedModel, as the Trainer writes it."""
    saved = tmp_path / "model" / "Format-Serving"
    (saved / "variables").mkdir(parents=True)
    (saved / "saved_model.pb").write_bytes(b"graph" * 1000)
    (saved / VARIABLES).write_bytes(b"weights" * 100_000)
    artifact = standard_artifacts.Model()
    artifact.uri = str(tmp_path / "model")
    return artifact


def push(
    model: standard_artifacts.Model, serving: Path, blessed: bool = True
) -> standard_artifacts.PushedModel:
    blessing = standard_artifacts.ModelBlessing()
    blessing.uri = str(serving.parent / "blessing")
    blessing.set_int_custom_property("blessed", int(blessed))
    pushed = standard_artifacts.PushedModel()
    pushed.uri = str(serving.parent / "pushed")
    destination = pusher_pb2.PushDestination(
        filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(serving))
    )
    AtomicPushExecutor().Do(
        {"model": [model], "model_blessing": [blessing]},
        {"pushed_model": [pushed]},
        {"push_destination": proto_utils.proto_to_json(destination), "custom_config": "null"},
    )
    return pushed


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def leftovers(serving: Path) -> list[str]:
    return [path.name for path in serving.parent.iterdir() if path.name.startswith(".")]


def test_a_blessed_model_becomes_a_whole_version(model, tmp_path):
    serving = tmp_path / "serving" / "census"

    pushed = push(model, serving)

    (version,) = serving.iterdir()
    assert version.name.isdigit()
    assert contents(version) == contents(Path(model.uri, "Format-Serving"))
    assert pushed.get_string_custom_property("pushed_destination") == str(version)
    assert pushed.get_string_custom_property("pushed_version") == version.name
    assert pushed.get_int_custom_property("pushed") == 1
    assert leftovers(serving) == []


def test_an_unblessed_model_is_not_pushed(model, tmp_path):
    serving = tmp_path / "serving" / "census"

    pushed = push(model, serving, blessed=False)

    assert not serving.exists()
    assert pushed.get_int_custom_property("pushed") == 0
    assert leftovers(serving) == []


def test_a_version_is_greater_than_all_before(model, tmp_path):
    serving = tmp_path / "serving" / "census"
    (serving / "9999999999").mkdir(parents=True)
    (serving / "notes").mkdir()

    names = [push(model, serving).get_string_custom_property("pushed_version") for _ in range(3)]

    assert names == ["10000000000", "10000000001", "10000000002"]


def test_a_reader_never_sees_a_partial_version(model, tmp_path):
    serving = tmp_path / "serving" / "census"
    whole = set(contents(Path(model.uri, "Format-Serving")))
    seen, partial, stop = set(), [], threading.Event()

    def poll() -> None:
        while not stop.is_set():
            for version in serving.iterdir() if serving.exists() else ():
                seen.add(version.name)
                if set(contents(version)) != whole or not (version / VARIABLES).stat().st_size:
                    partial.append(version)

    reader = threading.Thread(target=poll)
    reader.start()
    try:
        for _ in range(20):
            push(model, serving)
    finally:
        stop.set()
        reader.join()

    assert seen
    assert partial == []


def test_a_push_that_fails_halfway_leaves_no_version(model, tmp_path):
    serving = tmp_path / "serving" / "census"
    push(model, serving)
    before = contents(serving)
    variables = Path(model.uri, "Format-Serving", "variables")
    variables.rename(tmp_path / "elsewhere")
    variables.symlink_to(tmp_path / "nowhere")

    with pytest.raises(fileio.NotFoundError):
        push(model, serving)

    assert contents(serving) == before
    assert len(list(serving.iterdir())) == 1
    assert leftovers(serving) == []


def test_a_model_that_is_gone_is_not_pushed(model, tmp_path):
    serving = tmp_path / "serving" / "census"
    Path(model.uri, "Format-Serving").rename(tmp_path / "elsewhere")

    with pytest.raises(UserError, match=r"There is no model in .*Format-Serving"):
        push(model, serving)

    assert not serving.exists()
    assert leftovers(serving) == []


def test_a_full_disk_leaves_no_version(model, small_disk):
    serving = small_disk(kilobytes=1000) / "serving" / "census"
    Path(model.uri, "Format-Serving", VARIABLES).write_bytes(bytes(2 << 20))

    with pytest.raises(Exception, match=r"No space left|RESOURCE_EXHAUSTED"):
        push(model, serving)

    assert not serving.exists()
    assert leftovers(serving) == []
