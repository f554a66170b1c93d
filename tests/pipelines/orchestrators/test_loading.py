"""The settings of the garbage collector and of TensorFlow's kernels."""

import gc
import os
import sys

import pytest

from pipelines.orchestrators.loading import libraries_to_keep, use_onednn


@pytest.fixture(autouse=True)
def thawed():
    yield
    gc.unfreeze()


def test_what_is_imported_is_not_looked_through_again(tmp_path, monkeypatch):
    (tmp_path / "some_library.py").write_text("CONTENT = [{}]\n")
    monkeypatch.syspath_prepend(tmp_path)

    with libraries_to_keep():
        import some_library

    assert not any(thing is some_library.CONTENT for thing in gc.get_objects())
    del sys.modules["some_library"]


def test_the_collector_rests_and_goes_on():
    with libraries_to_keep():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_the_collector_goes_on_after_a_failure():
    with pytest.raises(ImportError), libraries_to_keep():
        raise ImportError("no such library")

    assert gc.isenabled()


@pytest.mark.parametrize(("asked", "taken"), [(None, "1"), ("0", "0")])
def test_kernels_are_onednns_unless_the_user_has_chosen(monkeypatch, asked, taken):
    monkeypatch.setattr(os, "environ", {} if asked is None else {"TF_ENABLE_ONEDNN_OPTS": asked})

    use_onednn()

    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == taken
