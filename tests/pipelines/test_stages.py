"""Groups of nodes."""

from pipelines.plan import NODES
from pipelines.stages import as_chain, as_stages

NODE_IDS = ("CsvExampleGen", *NODES)


def test_stages_contain_all_nodes_in_order():
    stages = as_stages(NODE_IDS)

    assert [node for stage in stages for node in stage.nodes] == list(NODE_IDS)
    assert [stage.name for stage in stages] == ["data", "train", "evaluate"]
    assert [stage.upstream for stage in stages] == [(), ("data",), ("train",)]


def test_a_part_of_a_pipeline_has_only_the_stages_that_it_needs():
    (stage,) = as_stages(["CsvExampleGen", "StatisticsGen"])

    assert stage == ("data", ("CsvExampleGen", "StatisticsGen"), ())


def test_a_chain_has_one_node_per_task():
    chain = as_chain(["CsvExampleGen", "StatisticsGen"])

    assert chain == (
        ("CsvExampleGen", ("CsvExampleGen",), ()),
        ("StatisticsGen", ("StatisticsGen",), ("CsvExampleGen",)),
    )
