"""Runs the command and counts the work of its nodes: `python counting.py OUT.json run census …`.

The counts per node are the transforms of its Beam pipelines, the functions that TensorFlow traced,
and the modules that were imported at its end.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any


def main() -> None:
    import apache_beam
    from apache_beam.pipeline import PipelineVisitor
    from tensorflow.python.framework import func_graph

    from pipelines import cli
    from pipelines.orchestrators import execution

    counts: dict[str, Any] = defaultdict(lambda: {"transforms": 0, "traces": 0})
    running = ["before"]

    class Count(PipelineVisitor):
        def visit_transform(self, transform_node: Any) -> None:
            counts[running[0]]["transforms"] += 1

    def run(pipeline: Any, *args: Any, **kwargs: Any) -> Any:
        pipeline.visit(Count())
        return run_pipeline(pipeline, *args, **kwargs)

    def graph(self: Any, *args: Any, **kwargs: Any) -> None:
        counts[running[0]]["traces"] += 1
        make_graph(self, *args, **kwargs)

    def node(pipeline: Any, node_id: str, store: Any) -> Any:
        running[0] = node_id
        try:
            return run_node(pipeline, node_id, store)
        finally:
            counts[node_id]["modules"] = sorted(sys.modules)

    run_pipeline, apache_beam.Pipeline.run = apache_beam.Pipeline.run, run
    make_graph, func_graph.FuncGraph.__init__ = func_graph.FuncGraph.__init__, graph
    run_node, execution.run_node = execution.run_node, node

    out = Path(sys.argv.pop(1))
    try:
        cli.main()
    finally:
        out.write_text(json.dumps(counts))


if __name__ == "__main__":
    main()
