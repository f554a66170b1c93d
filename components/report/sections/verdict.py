"""Whether the model was blessed, and why."""

from __future__ import annotations

from typing import Any

from components.report.evidence import Evidence, Section


def build(run: Evidence) -> Section:
    """Builds the section."""
    summary, declaration = run.summary, run.declaration
    facts = {
        "Data": declaration["data"],
        "Content of the data": declaration["content"],
        "Seed": str(declaration["seed"]),
        "Parameters": ", ".join(
            f"{name} {value}" for name, value in declaration["parameters"].items()
        ),
        "Version": declaration["version"],
        "Run": run.run_id,
    }
    if run.nodes:
        facts["Started"] = f"{run.nodes[0].started:%Y-%m-%d %H:%M:%S} UTC"
        seconds = sum(node.seconds for node in run.nodes)
        cached = sum(node.state == "cached" for node in run.nodes)
        facts["Took"] = f"{seconds:.1f} s in {len(run.nodes)} nodes, {cached} of them cached"
    return Section(
        "Verdict",
        "verdict.html.j2",
        {
            "summary": summary,
            "checks": _checks(run),
            "facts": facts,
            "about": declaration["about"],
        },
        {},
    )


def _checks(run: Evidence) -> list[dict[str, Any]]:
    """Returns a line per limit that the blessing asks for: value, limit, margin."""
    metrics, baseline = run.summary["metrics"], run.summary["baseline"]
    checks = []
    for limit in run.declaration["thresholds"]:
        name = limit["metric"]
        value, before = metrics.get(name), baseline.get(name)
        if value is None:
            continue
        limits = [("minimum", limit["minimum"])]
        if before is not None:
            limits.append(("drop from the model before", before - limit["largest_drop"]))
        checks += [
            {"metric": name, "what": what, "value": value, "limit": least, "margin": value - least}
            for what, least in limits
        ]
    return checks
