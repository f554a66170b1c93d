"""The verdict on the model, and the reasons."""

from __future__ import annotations

from components.report.evidence import Evidence, Section
from components.report.statistics import rows
from components.report.summary import Check


def build(run: Evidence) -> Section:
    """Builds the section."""
    return Section(
        "Verdict",
        "verdict.html.j2",
        {
            "summary": run.summary,
            "checks": checks(run),
            "facts": facts(run),
            "model_card": run.declaration["model_card"],
        },
        {},
    )


def facts(run: Evidence) -> dict[str, str]:
    """Returns what a reader needs to repeat the run, by heading."""
    declaration = run.declaration
    found = {
        "Data": declaration["data"],
        "Rows": ", ".join(f"{n:,} {split}" for split, n in rows(run.splits).items()),
        "Content of the data": run.content,
        "Seed": str(declaration["seed"]),
        "Parameters": ", ".join(
            f"{name} {'unset' if value is None else value}"
            for name, value in declaration["parameters"].items()
        ),
        "Version": declaration["version"],
        "Run": run.run_id,
    }
    if run.nodes:
        found["Started"] = f"{run.nodes[0].started:%Y-%m-%d %H:%M:%S} UTC"
        seconds = sum(node.seconds for node in run.nodes)
        cached = sum(node.state == "cached" for node in run.nodes)
        found["Took"] = f"{seconds:.1f} s in {len(run.nodes)} nodes, {cached} of them cached"
    return found


def checks(run: Evidence) -> list[Check]:
    """Returns the limits for the blessing of the metrics that were measured."""
    metrics, baseline = run.summary["metrics"], run.summary["baseline"]
    found: list[Check] = []
    for limit in run.declaration["thresholds"]:
        name = limit["metric"]
        value, before = metrics.get(name), baseline.get(name)
        if value is None:
            continue
        better = str(run.declaration["better"][name])
        sign = 1 if better == "higher" else -1
        bounds = [("fixed", limit["limit"])]
        if before is not None:
            bounds.append(("change from the baseline", before - sign * limit["max_drop"]))
        found += [
            {
                "metric": name,
                "what": what,
                "better": better,
                "value": value,
                "limit": bound,
                "margin": sign * (value - bound),
            }
            for what, bound in bounds
        ]
    return found
