"""The open store: what it can hold, and what it does when the connection ends."""

import logging

import pytest
from absl import logging as absl_logging
from ml_metadata import errors
from ml_metadata.proto import metadata_store_pb2 as proto

from components import open_store as module
from components.errors import TemporaryError, UserError
from components.open_store import open_store, refreshed
from pipelines.records import history
from pipelines.records.metadata_store import connection_config
from pipelines.root import Root
from tests.deploy.databases.servers import PASSWORD, SECRET


@pytest.fixture
def store(root):
    return open_store(connection_config(root))


@pytest.mark.parametrize(
    "text", ["it's", 'a "quoted" \\back\\slash\\', "/tmp/é€漢😀", "x" * 60_000, "%s; -- \n"]
)
def test_texts_come_back_as_they_were(store, text):
    type_id = store.put_artifact_type(proto.ArtifactType(name="T", properties={"p": proto.STRING}))
    artifact = proto.Artifact(type_id=type_id, uri="/root/it's \\ 漢")
    artifact.properties["p"].string_value = text
    artifact.custom_properties["c"].string_value = text
    (artifact_id,) = store.put_artifacts([artifact])

    (found,) = store.get_artifacts_by_id([artifact_id])

    assert found.uri == artifact.uri
    assert found.properties["p"].string_value == text
    assert found.custom_properties["c"].string_value == text


def test_rows_are_in_the_order_of_their_ids_even_after_updates(store):
    types = [store.put_artifact_type(proto.ArtifactType(name=f"T{i}")) for i in range(4)]
    ids = store.put_artifacts([proto.Artifact(type_id=type_id) for type_id in types])
    (first,) = store.get_artifacts_by_id(ids[:1])
    for state in (proto.Artifact.LIVE, proto.Artifact.DELETED) * 3:
        first.state = state
        store.put_artifacts([first])

    assert [artifact.id for artifact in store.get_artifacts_by_id(ids)] == ids


def test_the_store_stays_open(root, proxy):
    link = proxy()
    config = _config(root, link)

    assert open_store(config) is open_store(config)
    before = link.connections
    open_store(config).get_artifacts()
    assert link.connections == before


def test_a_connection_that_was_cut_is_reported_and_then_opened_again(root, proxy, monkeypatch):
    link = proxy()
    store = open_store(_config(root, link))
    link.drop()

    with pytest.raises(TemporaryError, match=f"127.0.0.1:{link.port} interrupted the work"):
        store.get_artifacts()
    assert refreshed(store).get_artifacts() == []


def test_a_connection_that_was_cut_during_a_pause_is_opened_again(root, proxy, monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)
    link = proxy()
    store = open_store(_config(root, link))
    link.drop()

    assert refreshed(store).get_artifacts() == []


def test_another_process_is_seen_at_the_next_piece_of_work(root, proxy, store):
    other = open_store(_config(root, proxy()))
    type_id = store.put_artifact_type(proto.ArtifactType(name="T"))
    assert store.get_artifacts() == []
    other.put_artifacts([proto.Artifact(type_id=type_id)])

    assert len(refreshed(store).get_artifacts()) == 1


def test_a_context_that_another_process_has_just_created_is_found(root, proxy, store):
    other = open_store(_config(root, proxy()))
    type_id = store.put_context_type(proto.ContextType(name="pipeline"))
    assert store.get_context_by_type_and_name("pipeline", "census") is None
    other.put_contexts([proto.Context(type_id=type_id, name="census")])
    with pytest.raises(errors.AlreadyExistsError):
        store.put_contexts([proto.Context(type_id=type_id, name="census")])

    assert store.get_context_by_type_and_name("pipeline", "census").name == "census"


def test_a_server_that_is_away_is_named(root, proxy):
    link = proxy()
    config = _config(root, link)
    link.close()

    with pytest.raises(TemporaryError, match=rf"127.0.0.1:{link.port} cannot be reached \(.+\)"):
        open_store(config)


def test_a_wrong_password_is_refused(root, monkeypatch):
    monkeypatch.setenv("TUTORIALS_METADATA_PASSWORD", "wrong")

    with pytest.raises(
        UserError, match=r"refused the connection.*TUTORIALS_METADATA_PASSWORD"
    ) as e:
        history.runs(root)
    assert not isinstance(e.value, TemporaryError)


def test_a_missing_database_is_refused(server, tmp_path):
    root = Root.at(tmp_path, server.url("missing"))

    with pytest.raises(UserError, match=r"refused the connection.*missing") as raised:
        history.runs(root)
    assert not isinstance(raised.value, TemporaryError)


def test_the_password_is_not_logged_even_at_the_finest_level(root, caplog):
    before = absl_logging.get_verbosity()
    absl_logging.set_verbosity(absl_logging.DEBUG)
    try:
        with caplog.at_level(logging.DEBUG):
            open_store(connection_config(root))
    finally:
        absl_logging.set_verbosity(before)

    assert "MetadataStore with DB connection initialized" in caplog.text
    assert PASSWORD not in caplog.text
    assert SECRET not in caplog.text


def _config(root, link):
    config = connection_config(root)
    if config.HasField("mysql"):
        config.mysql.port = link.port
    else:
        config.postgresql.port = str(link.port)
    return config
