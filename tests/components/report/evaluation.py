"""Runs TFMA on two models, as the Evaluator does."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import tensorflow as tf


def evaluate(
    folder: Path, config: Any, rows: Iterable[tf.train.Example], export: Callable[[Path, str], None]
) -> str:
    """Returns the folder of TFMA's output for the models `candidate` and `baseline`.

    Args:
        folder: An empty folder.
        config: The `tfma.EvalConfig`.
        rows: The rows of the test split.
        export: Writes the SavedModel with a name to a folder.
    """
    # TFMA must be imported after tfx, which completes its namespace.
    import tfx.components  # noqa: F401, I001
    import tensorflow_model_analysis as tfma

    with tf.io.TFRecordWriter(str(folder / "rows")) as writer:
        for row in rows:
            writer.write(row.SerializeToString())
    models = []
    for name in ("candidate", "baseline"):
        export(folder / name, name)
        models.append(
            tfma.default_eval_shared_model(str(folder / name), model_name=name, eval_config=config)
        )
    tfma.run_model_analysis(
        eval_shared_model=models,
        eval_config=config,
        data_location=str(folder / "rows"),
        output_path=str(folder / "output"),
    )
    return str(folder / "output")
