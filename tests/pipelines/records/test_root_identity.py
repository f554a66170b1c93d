"""The identity of a root."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from components.errors import UserError
from pipelines.records.root_identity import identify
from pipelines.root import Root
from tests.metadata_store import Store


@pytest.fixture
def root(tmp_path) -> Root:
    (tmp_path / "runs").mkdir()
    return Root.at(tmp_path / "runs")


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path)


def test_the_first_run_creates_the_identifier_and_later_ones_read_it(root, store):
    first = identify(root, store.open)
    store.run("census", "census-1", root_id=first)

    assert identify(root, store.open) == first
    assert [path.name for path in root.path.iterdir()] == [".root-id"]


def test_a_folder_that_is_not_mounted_is_refused(root, store):
    store.run("census", "census-1", root_id="a1b2")

    with pytest.raises(UserError, match=r"it has no file \.root-id\. Mount that folder"):
        identify(root, store.open)
    assert not list(root.path.iterdir())


def test_another_folder_under_the_same_path_is_refused(root, store, tmp_path):
    identify(root, Store(tmp_path / "runs").open)
    store.run("census", "census-1", root_id="a1b2")

    with pytest.raises(UserError, match="ML Metadata has a1b2"):
        identify(root, store.open)


def test_runs_of_older_versions_have_no_identifier(root, store):
    store.run("census", "census-1")

    assert len(identify(root, store.open)) == 32


def test_two_processes_at_once_agree(root, store):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: identify(root, store.open), range(32)))

    assert len(found) == 1
    assert [path.name for path in root.path.iterdir()] == [".root-id"]
