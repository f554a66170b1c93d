"""The first use of an empty database, by several processes at once."""

import signal
import subprocess
import sys
import time

import pytest
from ml_metadata.proto import metadata_store_pb2 as proto

from components.open_store import is_created, open_store
from pipelines.records import history
from pipelines.records.metadata_store import connection_config
from tests.deploy.databases.processes import at_once

OPEN = """
print(len(open_store(connection_config(root)).get_artifact_types()))
"""

REGISTER = """
from ml_metadata.proto import metadata_store_pb2 as proto

connection = connection_config(root)
types = [
    proto.ContextType(name="pipeline"),
    proto.ExecutionType(name="trainer"),
    proto.ArtifactType(name="Model", properties={"version": proto.INT}),
]
store = open_store(connection)
register_types(store, types)
(type_id,) = [type_.id for type_ in store.get_artifact_types() if type_.name == "Model"]
store.put_artifacts([proto.Artifact(type_id=type_id)])
print(type_id, store.get_context_type("pipeline").id, store.get_execution_type("trainer").id)
"""


@pytest.mark.parametrize("attempt", range(3))
def test_eight_processes_create_the_tables_once(server, database, root, attempt):
    printed = at_once(8, root, OPEN)

    assert len(set(printed)) == 1
    assert server.query(database, "SELECT COUNT(*) FROM MLMDEnv") == ["1"]
    types = server.query(database, "SELECT name FROM Type")
    assert len(types) == len(set(types)) > 5


def test_eight_processes_register_types_once(server, database, root):
    printed = at_once(8, root, REGISTER)

    assert len(set(printed)) == 1
    types = server.query(database, "SELECT name FROM Type")
    assert len(types) == len(set(types))
    assert server.query(database, "SELECT COUNT(*) FROM Artifact") == ["8"]


def test_reading_an_empty_database_creates_nothing(server, database, root):
    assert history.runs(root) == []
    assert not is_created(connection_config(root))
    assert "CREATE TABLE" not in server.dump(database)


def test_a_process_that_was_killed_while_it_created_the_tables_leaves_a_usable_database(
    server, database, root
):
    code = (
        "import sys; from pathlib import Path; from pipelines.root import Root\n"
        "from components.open_store import open_store\n"
        "from pipelines.records.metadata_store import connection_config\n"
        "open_store(connection_config(Root.at(Path(sys.argv[1]), sys.argv[2])))\n"
    )
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", code, str(root.path), root.metadata])
        while process.poll() is None and not _has_tables(server, database):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)

    open_store(connection_config(root)).put_artifact_type(proto.ArtifactType(name="Model"))

    assert server.query(database, "SELECT COUNT(*) FROM MLMDEnv") == ["1"]


def _has_tables(server, database) -> bool:
    schema = "public" if server.scheme == "postgresql" else database
    return server.query(
        database,
        f"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '{schema}'",
    ) != ["0"]
