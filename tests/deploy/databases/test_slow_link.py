"""A link of 20 ms per round trip, as to a server in another city."""

from pipelines.root import Root
from tests.deploy.databases.commands import compiled, tutorials

DELAY = 0.02
NODES = ("CsvExampleGen", "ImportSchemaGen", "StatisticsGen", "ExampleValidator", "DataGate")
SECONDS = 5.0
"""What a node may wait for the server."""


def test_a_cached_node_waits_less_than_five_seconds(server, database, proxy, tmp_path):
    near = Root.at(tmp_path / "runs", server.url(database))
    plan = compiled("census", near, tmp_path / "near")
    assert tutorials("run-node", plan, "--run-id", "first", "--stage", "data").returncode == 0
    link = proxy(DELAY)
    far = Root.at(tmp_path / "runs", server.url(database, link.port))
    plan = compiled("census", far, tmp_path / "far")

    done = tutorials("run-node", plan, "--run-id", "second", "--stage", "data")

    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" cached ") == len(NODES)
    trips = link.round_trips / len(NODES)
    print(f"{server.scheme}: {trips:.0f} round trips per node")
    assert trips * DELAY < SECONDS


def test_showing_a_run_takes_two_seconds(server, database, proxy, tmp_path):
    near = Root.at(tmp_path / "runs", server.url(database))
    plan = compiled("census", near, tmp_path / "near")
    assert tutorials("run-node", plan, "--run-id", "first", "--stage", "data").returncode == 0
    link = proxy(DELAY)
    url = server.url(database, link.port)

    done = tutorials("runs", "--root", str(near.path), "--metadata", url)

    assert "first" in done.stdout, done.stderr
    assert link.round_trips * DELAY < 2
