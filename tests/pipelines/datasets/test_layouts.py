"""Finding the data of a run."""

import dataclasses
from pathlib import Path

import pytest

from components.errors import UsageError, UserError
from pipelines.datasets.layouts import find, planned
from pipelines.registry import load
from pipelines.settings import Settings

CENSUS = load("census")


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(root=tmp_path / "runs", data_root=tmp_path / "data")


def fill(folder: Path, **contents: str) -> Path:
    folder.mkdir(parents=True)
    for name, content in {"adult_data": "row\n", "adult_test": "row\n", **contents}.items():
        (folder / name.replace("_", ".")).write_text(content)
    return folder


def test_the_data_roots_copy_comes_first(settings):
    folder = fill(settings.data_root / "census")

    found = find(CENSUS, None, settings)

    assert found.folder == folder.resolve()
    assert found.origin == str(folder)
    assert [file.name for file in found.files] == ["adult.data", "adult.test"]


@pytest.mark.parametrize("data", [None, "sample"])
def test_the_sample_stands_in(settings, data):
    if data:
        fill(settings.data_root / "census")

    found = find(CENSUS, data, settings)

    assert found.origin == "embedded sample"
    assert found.folder.is_relative_to(settings.root.resolve())
    assert [file.name for file in found.files] == ["adult.data", "adult.test"]


def test_the_sample_is_made_once(settings):
    first = find(CENSUS, "sample", settings)

    assert find(CENSUS, "sample", settings).fingerprint() == first.fingerprint()


def test_a_given_folder_is_taken(settings, tmp_path):
    found = find(CENSUS, str(fill(tmp_path / "mine")), settings)

    assert found.folder == (tmp_path / "mine").resolve()


def test_a_missing_folder_is_wrong_use(settings, tmp_path):
    with pytest.raises(UsageError, match=r"nowhere does not exist\. Give --data a folder"):
        find(CENSUS, str(tmp_path / "nowhere"), settings)


@pytest.mark.parametrize("place", ["given folder", "data root"])
def test_a_missing_file_is_named(settings, tmp_path, place):
    folder = tmp_path / "mine" if place == "given folder" else settings.data_root / "census"
    (fill(folder) / "adult.test").unlink()

    with pytest.raises(UserError, match=r"has no file adult\.test for the test split"):
        find(CENSUS, str(folder) if place == "given folder" else None, settings)


def test_an_empty_folder_is_refused(settings, tmp_path):
    (tmp_path / "empty").mkdir()

    with pytest.raises(UserError, match=r"empty has no file adult\.data for the train split"):
        find(CENSUS, str(tmp_path / "empty"), settings)


def test_a_folder_in_place_of_a_file_is_named(settings, tmp_path):
    folder = fill(tmp_path / "mine")
    (folder / "adult.data").unlink()
    (folder / "adult.data").mkdir()

    with pytest.raises(UserError, match=r"adult\.data for the train split \(it is a folder\)"):
        find(CENSUS, str(folder), settings)


def test_a_file_in_place_of_the_folder_is_named(settings, tmp_path):
    (tmp_path / "mine").touch()

    with pytest.raises(UsageError, match="mine is a file, not a folder"):
        find(CENSUS, str(tmp_path / "mine"), settings)


@pytest.mark.parametrize("name", ["adult [v2]", "a*b", "what?", "{SPAN}", "back\\slash"])
def test_glob_characters_in_the_folder_are_its_name(settings, tmp_path, monkeypatch, name):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = fill(tmp_path / name)

    found = find(CENSUS, str(folder), settings)

    assert found.origin == str(folder)
    assert not set("*?[]{}\\") & set(str(found.location))
    assert (found.location / "adult.data").samefile(folder / "adult.data")
    assert found.shown(f"{found.location}/adult.data, line 3") == f"{folder}/adult.data, line 3"


def test_a_changed_file_changes_the_fingerprint(settings, tmp_path):
    folder = fill(tmp_path / "mine")
    before = find(CENSUS, str(folder), settings).fingerprint()

    (folder / "adult.data").write_text("another row\n")

    assert find(CENSUS, str(folder), settings).fingerprint() != before


def test_spans_and_versions_match_any_number(settings, tmp_path):
    source = dataclasses.replace(
        CENSUS.source,
        layouts=({"train": "day-{SPAN}/v{VERSION}/*.csv", "test": "{YYYY}-{MM}-{DD}/*.csv"},),
    )
    for name in ("day-1/v1/a.csv", "day-2/v10/a.csv", "2024-01-31/a.csv"):
        (tmp_path / "mine" / name).parent.mkdir(parents=True)
        (tmp_path / "mine" / name).write_text("row\n")

    found = find(dataclasses.replace(CENSUS, source=source), str(tmp_path / "mine"), settings)

    assert len(found.files) == 3


def test_the_first_layout_that_is_whole_counts(settings, tmp_path):
    archive, unpacked = {"train": "all.tar", "test": "all.tar"}, {"train": "a/*", "test": "b/*"}
    source = dataclasses.replace(CENSUS.source, layouts=(archive, unpacked))
    spec = dataclasses.replace(CENSUS, source=source)
    folder = tmp_path / "mine"
    for name in ("a/1.txt", "b/2.txt"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("row\n")

    assert find(spec, str(folder), settings).patterns == unpacked
    (folder / "all.tar").write_text("row\n")
    assert find(spec, str(folder), settings).patterns == archive
    (folder / "all.tar").unlink()
    (folder / "b/2.txt").unlink()
    with pytest.raises(
        UserError, match=r"no file all.tar for the train split, and no file b/\* for the test"
    ):
        find(spec, str(folder), settings)


@pytest.mark.parametrize("pattern", ["day-{SPAN}", "{YYYY}-{MM}-{DD}/new"])
def test_a_folder_may_have_placeholders(settings, tmp_path, pattern):
    for name in ("day-1", "day-2", "2024-01-31/new", "2024-02-01/new"):
        fill(tmp_path / name)

    found = find(CENSUS, f"{tmp_path}/{pattern}", settings)

    assert found.has_spans
    assert found.folder == tmp_path
    assert found.patterns["train"] == f"{pattern}/adult.data"
    assert len(found.files) == 2 * len(set(found.patterns.values()))


def test_data_that_is_elsewhere_has_the_first_layout(tmp_path):
    data = planned(CENSUS, "/nowhere/{SPAN}", tmp_path)

    assert data.folder == Path("/nowhere")
    assert data.patterns["train"] == "{SPAN}/adult.data"
    assert not data.files


@pytest.mark.parametrize("data", ["relative", "/glob*"])
def test_data_that_nodes_may_see_elsewhere_is_named_exactly(tmp_path, monkeypatch, data):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    with pytest.raises(UsageError, match="not an absolute path"):
        planned(CENSUS, data, tmp_path)


def test_the_sample_that_is_not_written_yet_is_the_one_that_will_be(settings):
    data = planned(CENSUS, "sample", settings.root)

    assert not data.folder.exists()
    written = find(CENSUS, "sample", settings)
    assert (written.folder, written.patterns) == (data.folder, data.patterns)
