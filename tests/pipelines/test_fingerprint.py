"""Fingerprints of source code and data files."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from pipelines.fingerprint import (
    combine,
    files_fingerprint,
    source_fingerprint,
)


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A copy of a package under a new name."""
    folder = tmp_path / "fingerprinted"
    shutil.copytree(Path(sys.modules["pipelines"].__path__[0]).parent / "schemas", folder)
    (folder / "deep").mkdir()
    (folder / "deep" / "module.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_the_same_source_has_the_same_fingerprint(package):
    assert source_fingerprint("fingerprinted") == source_fingerprint("fingerprinted")


@pytest.mark.parametrize("name", ["deep/module.py", "census.pbtxt", "new.py", "page.j2"])
def test_changed_source_changes_it(package, name):
    before = source_fingerprint("fingerprinted")

    with (package / name).open("a") as file:
        file.write("# changed\n")

    assert source_fingerprint("fingerprinted") != before


def test_what_is_no_source_does_not_change_it(package):
    before = source_fingerprint("fingerprinted")

    (package / "__pycache__").mkdir(exist_ok=True)
    (package / "__pycache__" / "module.cpython-311.pyc").write_bytes(b"compiled")
    (package / "notes.txt").write_text("notes")

    assert source_fingerprint("fingerprinted") == before


def test_a_module_is_fingerprinted_without_the_rest_of_its_package(package):
    before = source_fingerprint("fingerprinted.deep.module")

    (package / "other.py").write_text("")
    assert source_fingerprint("fingerprinted.deep.module") == before

    (package / "deep" / "module.py").write_text("VALUE = 2\n")
    assert source_fingerprint("fingerprinted.deep.module") != before


def test_fingerprinting_imports_nothing(package):
    source_fingerprint("fingerprinted.deep.module")

    assert not [name for name in sys.modules if name.startswith("fingerprinted")]


@pytest.mark.parametrize("name", ["no_such_package", "no_such_package.module"])
def test_an_unknown_package_is_an_error(name):
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        source_fingerprint(name)


def test_an_unknown_module_is_an_error():
    with pytest.raises(FileNotFoundError):
        source_fingerprint("pipelines.no_such_module")


def test_changed_data_changes_the_fingerprint(tmp_path):
    file = tmp_path / "adult.data"
    file.write_text("1,2,3\n")
    before = files_fingerprint([file])
    assert files_fingerprint([file]) == before

    os.utime(file, ns=(0, 0))
    touched = files_fingerprint([file])
    file.write_text("1,2,34\n")
    os.utime(file, ns=(0, 0))

    assert len({before, touched, files_fingerprint([file])}) == 3


def test_texts_are_combined_with_their_borders():
    assert combine("ab", "c") != combine("a", "bc")
    assert combine("ab", "c") == combine("ab", "c")
