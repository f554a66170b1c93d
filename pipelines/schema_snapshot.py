"""The copy of the curated schema that the nodes read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pipelines.root import Root
from pipelines.spec import PipelineSpec


def schema_snapshot(spec: PipelineSpec, root: Root) -> Path:
    """Returns the path of the copy below a root. Its name depends on its content.

    ImportSchemaGen's cache key contains only the path, so the path must change with the content.
    The nodes of a cluster can read files below the root. `write_schema_snapshot` creates the copy.
    """
    digest = hashlib.sha256(spec.schema_file.read_bytes()).hexdigest()[:16]
    return root.location / "schemas" / f"{spec.name}-{digest}.pbtxt"


def write_schema_snapshot(spec: PipelineSpec, root: Root) -> None:
    """Copies the schema to `schema_snapshot` if it is not there."""
    file = schema_snapshot(spec, root)
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # Renamed, so that another process never reads a part of it.
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    partial.write_bytes(spec.schema_file.read_bytes())
    partial.replace(file)
