"""Rates of groups of people, and the gaps between them."""

from dataclasses import replace

import pytest

from components.report.sections import fairness


def _run(evidence, groups):
    """Returns the evidence of a run.

    Args:
        evidence: The fixture.
        groups: Group -> rows below and above the threshold, each as (negatives, positives).
    """
    scores = [
        {
            "model": "this model",
            "slice": f"gender={group}",
            "score": score,
            "negatives": float(negatives),
            "positives": float(positives),
        }
        for group, buckets in groups.items()
        for score, (negatives, positives) in zip((0.49, 0.5), buckets, strict=True)
    ]
    slices = {f"gender={group}": {"example_count": 1.0} for group in groups}
    return replace(evidence(slices=slices), scores=scores)


def test_rates_are_by_their_definitions(evidence):
    run = _run(evidence, {"Female": ((60, 20), (20, 40)), "Male": ((30, 30), (10, 90))})

    found = fairness.build(run).values

    female, male = found["groupings"]["gender"]
    assert (female["positives"], female["negatives"]) == (60, 80)
    assert female["selection rate"] == pytest.approx(60 / 140)
    assert female["true positive rate"] == pytest.approx(40 / 60)
    assert female["false positive rate"] == pytest.approx(20 / 80)
    assert male["true positive rate"] == pytest.approx(90 / 120)
    assert found["gaps"]["gender"] == pytest.approx(
        {
            "selection rate": 100 / 160 - 60 / 140,
            "true positive rate": 90 / 120 - 40 / 60,
            "false positive rate": 0.0,
        }
    )


def test_a_group_of_few_rows_makes_no_gap(evidence):
    groups = {"Female": ((60, 20), (20, 40)), "Male": ((60, 20), (20, 40))}
    few = {"Other": ((0, 0), (29, 500))}

    found = fairness.build(_run(evidence, groups | few)).values

    assert len(found["groupings"]["gender"]) == 3
    assert set(found["gaps"]["gender"].values()) == {0.0}


def test_a_rate_of_no_rows_is_not_defined(evidence):
    (group,) = fairness.build(_run(evidence, {"Male": ((3, 0), (1, 0))})).values["groupings"][
        "gender"
    ]

    assert group["true positive rate"] is None
    assert group["false positive rate"] == 0.25


def test_without_slices_by_people_there_is_no_section(evidence):
    assert fairness.build(evidence(declaration={"fairness_slices": []})) is None
