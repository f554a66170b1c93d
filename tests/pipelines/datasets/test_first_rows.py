"""The first rows of a download."""

import dataclasses
import gzip
import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from components.errors import UsageError, UserError
from pipelines import registry
from pipelines.cli import app
from pipelines.datasets.first_rows import csv_file, write_first_rows
from pipelines.datasets.remote import RemoteFile
from pipelines.datasets.samples import higgs as sample
from pipelines.spec import PipelineSpec

HIGGS = registry.load("higgs")
FILE = "HIGGS.csv.gz"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.write(tmp_path_factory.mktemp("data") / "higgs", rows=500)


def lines(folder: Path) -> list[bytes]:
    return gzip.decompress((folder / FILE).read_bytes()).splitlines()


def of_file(name: str, **csv) -> PipelineSpec:
    """A tutorial with a single file for all splits."""
    layouts = (dict.fromkeys(("train", "eval", "test"), name),)
    source = dataclasses.replace(HIGGS.source, layouts=layouts, options={"csv": csv})
    return dataclasses.replace(HIGGS, source=source)


@pytest.mark.parametrize("rows", [1, 200, 500])
def test_the_first_rows_are_kept(whole, tmp_path, rows):
    write_first_rows(HIGGS, whole, tmp_path / "first", rows)

    assert lines(tmp_path / "first") == lines(whole)[:rows]
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_the_same_rows_may_be_there_already(whole, tmp_path):
    write_first_rows(HIGGS, whole, tmp_path / "first", 10)
    write_first_rows(HIGGS, whole, tmp_path / "first", 10)

    with pytest.raises(UserError, match=f"Cannot write {tmp_path}/first"):
        write_first_rows(HIGGS, whole, tmp_path / "first", 11)
    assert lines(tmp_path / "first") == lines(whole)[:10]


def test_more_rows_than_there_are_leave_nothing(whole, tmp_path):
    with pytest.raises(UserError) as raised:
        write_first_rows(HIGGS, whole, tmp_path / "first", 501)

    assert (
        str(raised.value) == f"{whole / FILE} has 500 rows, fewer than --rows 501. Ask for fewer."
    )
    assert list(tmp_path.iterdir()) == []


def test_comments_header_and_empty_lines_are_no_rows(tmp_path):
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / "a.csv").write_bytes(b"#1\n#2\nlabel,pt\r\n1,2\n\n3,4\n#5,6\n7,8\n")

    tutorial = of_file("a.csv", comment="#", header=True)
    write_first_rows(tutorial, tmp_path / "whole", tmp_path / "first", 3)

    kept = (tmp_path / "first" / "a.csv").read_bytes()
    assert kept == b"#1\n#2\nlabel,pt\r\n1,2\n\n3,4\n#5,6\n"


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_a_csv_file_can_be_cut(name):
    assert csv_file(of_file(name)) == name


@pytest.mark.parametrize(
    "tutorial", [registry.load("census"), of_file("reviews.tar.gz")], ids=["two files", "no CSV"]
)
def test_other_data_cannot_be_cut(tutorial):
    with pytest.raises(UsageError, match=f"--rows needs data in one CSV .*'{tutorial.name}'"):
        csv_file(tutorial)


def test_the_command_refuses_other_data_before_it_downloads(tmp_path):
    result = CliRunner().invoke(
        app, ["download", "census", "--rows", "5", "--data-root", str(tmp_path / "data")]
    )

    assert isinstance(result.exception, UsageError)
    assert not (tmp_path / "data").exists()


def test_the_command_downloads_and_cuts(whole, tmp_path, monkeypatch):
    content = (whole / FILE).read_bytes()
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(whole))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/{FILE}"
        remote = RemoteFile(FILE, (url,), len(content), hashlib.sha256(content).hexdigest())
        source = dataclasses.replace(HIGGS.source, remote=(remote,))
        tutorial = dataclasses.replace(HIGGS, source=source)
        monkeypatch.setattr(registry, "load", lambda name: tutorial)
        result = CliRunner().invoke(
            app, ["download", "higgs", "--rows", "20", "--data-root", str(tmp_path)]
        )
        server.shutdown()

    assert result.exit_code == 0
    assert (tmp_path / "higgs" / FILE).read_bytes() == content
    assert lines(tmp_path / "higgs-20") == lines(whole)[:20]
    assert f"tutorials run higgs --data {tmp_path}/higgs-20\n" in result.output
