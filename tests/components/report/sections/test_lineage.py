"""The section on the nodes of a run and their costs."""

from dataclasses import replace

from components.report.sections.lineage import build


def rows(section, chart, layer=None):
    spec = section.charts[chart]
    return (spec if layer is None else spec["layer"][layer])["data"]["values"]


def test_an_arc_goes_from_what_wrote_to_what_reads(evidence):
    run = evidence()
    arcs = rows(build(run), "graph of the run", layer=0)

    assert {(arc["from"], arc["to"], arc["tie"]) for arc in arcs} == {
        ("CsvExampleGen", "StatisticsGen", "reads"),
        ("StatisticsGen", "Trainer", "reads"),
    }


def test_waiting_is_told_from_reading(evidence):
    run = evidence()
    *before, trainer = run.nodes
    waiting = replace(
        trainer, inputs=tuple(a._replace(key="_Gate.verdict") for a in trainer.inputs)
    )
    section = build(replace(run, nodes=[*before, waiting]))

    arcs = rows(section, "graph of the run", layer=0)
    assert {arc["tie"] for arc in arcs if arc["to"] == "Trainer"} == {"waits for"}
    assert section.values["lines"][-1]["reads"] == []


def test_what_comes_from_an_earlier_run_is_told(evidence):
    first = build(evidence()).values["lines"][0]

    assert [origin for _, origin in first["reads"]] == [""]


def test_nodes_lie_in_time_with_what_they_took(evidence):
    section = build(evidence())

    times = rows(section, "seconds of each node")
    assert [(row["start"], row["end"]) for row in times] == [(0, 2.5), (3, 5.5), (6, 8.5)]
    assert [row["state"] for row in times] == ["run", "cached", "run"]
    assert {row["gigabytes"] for row in rows(section, "peak memory of each node")} == {1.0}


def test_without_nodes_there_is_no_section(evidence):
    assert build(replace(evidence(), nodes=[])) is None
