"""The pages in a real browser."""

from dataclasses import replace

import pytest

from components.report import page
from components.report.comparison import RunColumn, index, side_by_side
from pipelines.tasks import MULTICLASS
from tests.components.report.browser import DRAWN, faults, opened, overflow
from tests.components.report.conftest import HOSTILE
from tests.components.report.regression import regression

ANOMALY = {
    "split": "train",
    "feature": "age",
    "type": "INT_TYPE_BIG_INT",
    "what": "Unexpectedly large value: 150.",
    "severity": "ERROR",
    "allowed": False,
}
CONFUSION = [[90, 5, 5], [10, 80, 10], [1, 2, 97]]


def _columns(evidence):
    for number, blessed in enumerate((True, False)):
        run = evidence(blessed=blessed)
        yield RunColumn(
            run_id=f"census-{number}",
            tutorial="census",
            verdict="blessed" if blessed else "not blessed",
            good=blessed,
            facts={"Data": "embedded sample"},
            settings={"epochs": str(8 + number), "seed": "0"},
            metrics={**run.summary["metrics"], "auc": 0.9 + number / 100},
            deciding=["accuracy", "auc"],
            nodes=run.nodes,
            report="./report.html",
        )


PAGES = {
    "blessed": lambda evidence, folder: page.report(evidence(), folder),
    "classes": lambda evidence, folder: page.report(
        replace(
            evidence(
                confusion=CONFUSION,
                declaration={
                    "sections": MULTICLASS.sections,
                    "classes": ["a", "b", "c"],
                    "fairness_slices": [],
                },
            ),
            scores=[],
        ),
        folder,
    ),
    "regression": lambda evidence, folder: page.report(regression(evidence), folder),
    "gate closed": lambda evidence, folder: page.report(
        evidence(
            gate_passed=False,
            anomalies=[ANOMALY],
            blessed=False,
            pushed_model=None,
            metrics={},
            baseline={},
            slices={},
        ),
        folder,
    ),
    "not blessed": lambda evidence, folder: page.report(
        evidence(blessed=False, pushed_model=None, failures=["accuracy is 0.7, 0.1 below 0.8."]),
        folder,
    ),
    "comparison": lambda evidence, folder: side_by_side([*_columns(evidence)]),
    "index": lambda evidence, folder: index([*_columns(evidence)]),
}


@pytest.fixture(scope="module", params=PAGES)
def file(request, evidence, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(PAGES[request.param](evidence, file.parent), "utf-8")
    return file


# Colors do not change the layout, nor does the width change the contrast.
@pytest.mark.parametrize(("width", "dark"), [(1400, False), (400, True)], ids=["wide", "dark"])
def test_a_page_opens_without_a_fault(chromium, file, width, dark):
    assert faults(chromium, file, width=width, dark=dark) == []


@pytest.fixture(scope="module")
def report(evidence, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page.report(evidence(), file.parent), "utf-8")
    return file


def test_the_slice_and_the_threshold_change_the_charts(chromium, report):
    bars = "document.querySelector('[aria-label=\"Chart: at the threshold\"] svg').outerHTML"
    with opened(chromium, report) as (opened_page, wrong):
        before = opened_page.evaluate(bars)
        opened_page.select_option("select[name=slice]", "gender=Female")
        opened_page.wait_for_function(f"{bars} !== {before!r}")
        between = opened_page.evaluate(bars)
        opened_page.locator("input[name=threshold]").fill("0.8")
        opened_page.wait_for_function(f"{bars} !== {between!r}")
        assert opened_page.locator("output").inner_text() == "0.80"
        assert wrong == []


def test_a_click_on_a_heading_sorts_and_another_one_turns_it_round(chromium, report):
    first = "#slices tbody tr:first-child th"
    with opened(chromium, report) as (opened_page, _):
        heading = opened_page.locator("#slices th button", has_text="accuracy")
        heading.click()
        assert opened_page.locator(first).inner_text() == "gender=Male"
        heading.click()
        assert opened_page.locator(first).inner_text() == "gender=Female"
        assert opened_page.locator("#slices th[aria-sort=ascending]").count() == 1
        opened_page.locator("#slices th button", has_text="auc").click()
        # An undefined metric comes last in any order.
        assert opened_page.locator(first).inner_text() == "gender=Female"


def test_on_paper_charts_are_as_wide_as_their_places_and_no_wider(chromium, report):
    with opened(chromium, report) as (opened_page, _):
        opened_page.emulate_media(media="print")
        # Paper is narrower than the window, but charts get no event about it.
        opened_page.evaluate("document.body.style.width = '600px'")
        cut = opened_page.evaluate(
            "[...document.querySelectorAll('.chart svg')].filter(svg =>"
            " svg.getBoundingClientRect().right >"
            " svg.closest('.chart').getBoundingClientRect().right + 1).length"
        )
        assert opened_page.locator(".chart svg").count() > 5
        assert cut == 0


def test_hostile_strings_are_shown_as_text(chromium, evidence, tmp_path):
    slices = {
        f"job={text}": {"accuracy": 0.5, "auc": 0.5, "example_count": 10.0} for text in HOSTILE
    }
    errors = [
        {
            "label": "no",
            "predicted": "yes",
            "score": 0.9,
            "features": {"text": {"bytes": _base64(text)}},
        }
        for text in HOSTILE
    ]
    run = evidence(
        slices=slices,
        errors=errors,
        pushed_model=f"/serving/{HOSTILE[1]}",
        anomalies=[{**ANOMALY, "what": text} for text in HOSTILE],
        declaration={"title": HOSTILE[0], "data": HOSTILE[5], "classes": [HOSTILE[2], HOSTILE[1]]},
    )
    scores = [{**row, "slice": f"job={HOSTILE[0]}" if row["slice"] else ""} for row in run.scores]
    file = tmp_path / "report.html"
    file.write_text(page.report(replace(run, run_id=HOSTILE[0], scores=scores), tmp_path), "utf-8")

    with opened(chromium, file, width=400) as (opened_page, wrong):
        text = opened_page.evaluate("document.body.textContent")
        for hostile in HOSTILE:
            shown = hostile.replace("\x00", "\u2400").replace("\x07", "\u2407")
            assert text.count(shown) >= 3, hostile[:30]
        assert "taken" not in opened_page.title().partition(":")[0].removeprefix(HOSTILE[0])
        assert opened_page.locator("h1 script, td script, td b, td img, th b").count() == 0
        assert overflow(opened_page) == 0
        opened_page.select_option("select[name=slice]", index=1)
        assert all(opened_page.evaluate(DRAWN))
        assert wrong == []


@pytest.mark.parametrize("several", [side_by_side, index])
def test_hostile_names_of_runs_are_shown_as_text(chromium, evidence, tmp_path, several):
    runs = [
        replace(
            run,
            run_id=text,
            tutorial=HOSTILE[0],
            settings={HOSTILE[2]: text},
            facts={HOSTILE[3]: text},
        )
        for run, text in zip([*_columns(evidence)] * 3, HOSTILE[:6], strict=True)
    ]
    file = tmp_path / "page.html"
    file.write_text(several(runs), "utf-8")

    with opened(chromium, file, width=400) as (opened_page, wrong):
        text = opened_page.evaluate("document.body.textContent")
        for hostile in HOSTILE[:6]:
            assert hostile.replace("\x00", "\u2400").replace("\x07", "\u2407") in text
        assert opened_page.locator("h2 script, td b, th b, th img, td img").count() == 0
        assert overflow(opened_page) == 0
        assert wrong == []


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode("ascii")
