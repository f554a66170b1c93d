"""Makes sure that every node sees the same root, and not another folder under the same path."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from components.errors import UserError
from pipelines.root import Root


def identify(root: Root, store: Any) -> str:
    """Returns the identifier of a root, which a file in it contains. The first run creates it.

    Each run records the identifier in ML Metadata. A machine on which the folder is not mounted, or
    on which another folder has its path, finds a different identifier, or none.

    Args:
        root: The root.
        store: The `ml_metadata.MetadataStore` of the runs.

    Raises:
        UserError: The earlier runs of the store belong to another folder.
    """
    recorded = _recorded(store)
    try:
        found = root.identity_file.read_text("utf-8").strip()
    except FileNotFoundError:
        if recorded:
            raise UserError(
                f"{root.path} is not the folder that the earlier runs used: it has no file "
                f"{root.identity_file.name}. Mount that folder under this path on every machine, "
                "or use another metadata store for a new folder."
            ) from None
        found = _create(root)
    if recorded and recorded != found:
        raise UserError(
            f"{root.path} is not the folder that the earlier runs used: its file "
            f"{root.identity_file.name} contains {found}, and ML Metadata has {recorded}. "
            "Mount that folder under this path on every machine, or use another metadata store "
            "for a new folder."
        )
    return found


def _recorded(store: Any) -> str:
    """Returns the identifier of the newest run that recorded one, or ""."""
    runs = sorted(store.get_contexts_by_type("pipeline_run"), key=lambda run: -run.id)
    found = (run.custom_properties["root_id"].string_value for run in runs)
    return next(filter(None, found), "")


def _create(root: Root) -> str:
    """Creates the file. If two processes do it at once, both get the identifier of the first."""
    identifier = uuid.uuid4().hex
    partial = root.identity_file.with_name(f"{root.identity_file.name}.{identifier}")
    partial.write_text(f"{identifier}\n", encoding="utf-8")
    with suppress(FileExistsError):
        root.identity_file.hardlink_to(partial)
    partial.unlink()
    return root.identity_file.read_text("utf-8").strip()
