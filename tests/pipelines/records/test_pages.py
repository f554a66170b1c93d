"""Pages over several runs, of a real ML Metadata store."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from components.errors import UsageError, UserError
from components.report import PAGE_FILE
from pipelines.records import history
from pipelines.records.pages import write_comparison, write_index
from pipelines.root import Root
from tests.metadata_store import Store

BLESSED = {
    "gate_passed": True,
    "blessed": True,
    "metrics": {"accuracy": 0.9, "auc": 0.95},
    "failures": [],
    "anomalies": [],
}
HOSTILE = "</script><b>{{ 7 * 7 }}"


class Page(HTMLParser):
    """The text of a page, its links, and the cells of its tables by row."""

    def __init__(self, file: Path):
        super().__init__()
        self.links, self.rows, self.tags, self.text = [], {}, set(), ""
        self._row: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "tr":
            self._row = []
        if tag in ("th", "td"):
            self._row.append("")

    def handle_endtag(self, tag):
        if tag == "tr":
            self.rows[self._row[0]] = self._row[1:]
            self._row = []

    def handle_data(self, data):
        if self._row:
            self._row[-1] += " ".join(data.split())
        self.text += data


@pytest.fixture
def root(tmp_path: Path) -> Root:
    store = Store(tmp_path)
    narrow = {"hidden_units": [4], "dropout": 0.0, "epochs": 2, "rate": None}
    folder = store.finished("imdb", "imdb-1", BLESSED, parameters=json.dumps(narrow))
    (folder / "history.csv").write_text("epoch,loss,val_loss\n0,0.5,0.6\n1,0.4,\n")
    (folder.parent / "report" / PAGE_FILE).write_text("the report")
    wide = {**narrow, "hidden_units": [512, 16]}
    not_blessed = {**BLESSED, "blessed": False, "metrics": {"accuracy": 0.8}}
    store.finished("imdb", "imdb-2", not_blessed, parameters=json.dumps(wide))
    store.finished("census", "census-1", BLESSED, data=HOSTILE, seed="7")
    store.begun("imdb", "imdb-3")
    return Root.at(tmp_path)


def test_only_what_differs_is_set_apart(root):
    page = Page(write_comparison(root, ["imdb-1", "imdb-2"], None))

    assert page.rows["hidden_units"] == ["4", "512,16"]
    assert page.rows["verdict"] == ["blessed", "not blessed"]
    assert "dropout" not in page.rows
    assert "dropout 0.0, epochs 2." in " ".join(page.text.split())
    assert page.rows["accuracy"] == ["0.9000", "0.8000−0.1000"]
    assert page.rows["auc"] == ["0.9500", "–"]
    assert set(page.rows) >= {"Trainer", "Report", "all"}


def test_curves_are_drawn_of_runs_that_have_some(root):
    content = write_comparison(root, ["imdb-2", "imdb-1"], None).read_text(encoding="utf-8")

    assert "B hidden_units 4" in content
    assert "A hidden_units 512,16" not in content
    assert "Training" not in Page(write_comparison(root, ["imdb-2", "census-1"], None)).text


def test_runs_of_several_tutorials_compare(root):
    page = Page(write_comparison(root, ["imdb-1", "census-1", "imdb-3"], None))

    assert page.rows["tutorial"] == ["imdb", "census", "imdb"]
    assert page.rows["hidden_units"] == ["4", "–", "–"]
    assert page.rows["verdict"] == ["blessed", "blessed", "did not finish"]
    assert page.rows["data"] == ["embedded sample", HOSTILE, "embedded sample"]
    assert "b" not in page.tags


def test_a_comparison_goes_where_it_is_wanted_and_links_from_there(root, tmp_path):
    file = tmp_path / "new folder" / "page.html"

    assert write_comparison(root, ["imdb-1", "imdb-2"], file) == file
    (link,) = [link for link in Page(file).links if link.startswith("./")]
    assert (file.parent / link).resolve().read_text() == "the report"


@pytest.mark.parametrize(
    ("run_ids", "said"),
    [
        (["imdb-1"], "A comparison needs 2 to 26 runs"),
        (["imdb-1"] * 27, "A comparison needs 2 to 26 runs"),
        (["imdb-1", "imdb-1"], "Name each run once"),
        (["imdb-1", "imdb-9"], "There is no run imdb-9"),
    ],
)
def test_what_cannot_be_compared_is_said(root, run_ids, said):
    with pytest.raises(UsageError, match=said):
        write_comparison(root, run_ids, None)


def test_the_index_lists_every_run_the_newest_first(root):
    file = write_index(root)
    page = Page(file)

    assert file == root.path / "report.html"
    runs = [name for name in page.rows if name.rpartition("-")[2].isdigit()]
    assert runs == ["imdb-3", "imdb-2", "imdb-1", "census-1"]
    assert page.rows["imdb-1"][:2] == ["blessed", "0.9000"]
    assert page.rows["census-1"][:3] == ["blessed", "0.9000", "0.9500"]
    assert page.rows["imdb-3"][0] == "did not finish"
    assert HOSTILE in page.rows["census-1"]
    assert [root.path / link for link in page.links if link.startswith("./")] == [
        root.path / "imdb-1" / "report" / PAGE_FILE
    ]


def test_an_index_of_nothing_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="tutorials run census"):
        write_index(Root.at(tmp_path))


def test_a_history_names_runs_of_all_tutorials(root):
    assert [run.run_id for run in history.runs(root, "imdb", limit=2)] == ["imdb-3", "imdb-2"]
    assert [run.run_id for run in history.named(root, ["census-1", "imdb-1"])] == [
        "census-1",
        "imdb-1",
    ]
