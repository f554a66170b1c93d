"""Refusals before a task begins."""

import dataclasses
from pathlib import Path

import pytest
from rich.console import Console

from components.errors import UsageError
from pipelines.compiled_plan import CompiledPlan, current_code
from pipelines.orchestrators.task import run_task
from pipelines.root import Root


@pytest.fixture
def plan(tmp_path) -> CompiledPlan:
    root = Root.at(tmp_path / "runs")
    return CompiledPlan(tmp_path, "census", current_code(), root, "sample", {}, ())


@pytest.mark.parametrize("run_id", ["", "../up", "a b", "-x", "a/b", "x" * 201, "a\n", "é"])
def test_a_run_id_is_safe_as_the_name_of_a_file(plan, run_id):
    with pytest.raises(UsageError, match=r"^The run id .* is invalid"):
        run_task(plan, [], run_id, None, 0, Console())
    assert not plan.root.path.exists()


@pytest.mark.parametrize("span", ["", "-1", "yesterday", "2026-13-01", "1.5"])
def test_a_span_is_a_number_or_a_date(plan, span):
    with pytest.raises(UsageError, match="is neither a number nor a date"):
        run_task(plan, [], "census-1", span, 0, Console())


def test_a_plan_of_another_version_is_refused(plan):
    old = dataclasses.replace(plan, code="0" * 16, folder=Path("plan"))

    with pytest.raises(UsageError, match="plan was compiled from another version of the code"):
        run_task(old, [], "census-1", None, 0, Console())
