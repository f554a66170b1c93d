"""The root of runs under two paths."""

import pytest

from components.errors import UsageError
from pipelines.root import Root, without_glob_characters


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_plain_path_stays_as_it_is(tmp_path):
    root = Root.at(tmp_path / "runs")

    assert root.path == root.location == tmp_path / "runs"


@pytest.mark.parametrize("name", ["r [v2]", "r*", "r?", "{r}", "r\\s"])
def test_glob_characters_are_avoided_and_never_shown(tmp_path, name):
    root = Root.at(tmp_path / name)
    (tmp_path / name).mkdir()
    (tmp_path / name / "file").write_text("content")

    assert (root.location / "file").read_text() == "content"
    assert not set("*?[]{}\\") & set(str(root.location))
    assert root.shown(f"See {root.location}/file.") == f"See {tmp_path / name}/file."
    assert Root.at(tmp_path / name) == root


def test_different_folders_have_different_links(tmp_path):
    links = {without_glob_characters(tmp_path / name) for name in ("a*", "b*", "a?")}

    assert len(links) == 3


def test_a_file_is_refused(tmp_path):
    (tmp_path / "runs").touch()

    with pytest.raises(UsageError, match=r"runs is a file\. Give a folder"):
        Root.at(tmp_path / "runs")
