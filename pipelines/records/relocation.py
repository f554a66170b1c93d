"""Rewrites the locations that ML Metadata stores after a root was moved or copied."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from components.errors import UserError
from pipelines.root import Root

_TEXTS = {
    "Artifact": "uri",
    "ArtifactProperty": "string_value",
    "ExecutionProperty": "string_value",
    "ContextProperty": "string_value",
}
"""Table of ML Metadata's SQLite store -> the column that contains paths."""

_RECORDED = """
    SELECT name, string_value FROM ContextProperty
    WHERE name IN ('root', 'log') AND string_value IS NOT NULL ORDER BY context_id DESC, name DESC
"""


def follow_moved_root(root: Root) -> None:
    """Rewrites the stored locations of a root that was moved or copied.

    The root's location is recorded in the same database. One transaction changes it together with
    the stored locations, so a kill leaves either the old state or the new one.

    Args:
        root: The root, with an existing store.

    Raises:
        UserError: The file is not a metadata store.
    """
    with closing(sqlite3.connect(root.metadata_file)) as database, database:
        try:
            recorded = database.execute(_RECORDED).fetchone()
        except sqlite3.OperationalError:  # the tables do not exist yet, or another run writes them
            return
        except sqlite3.DatabaseError as error:
            raise UserError(
                f"{root.metadata_file} is not a metadata store ({error}). "
                "Move it away or choose another folder with --root."
            ) from error
        if recorded is None:
            return
        name, value = recorded
        # Older runs record only the path of their log, ROOT/logs/RUN.log.
        old = value if name == "root" else str(Path(value).parents[1])
        new = str(root.location)
        if old == new:
            return
        for table, column in _TEXTS.items():
            database.execute(
                f"UPDATE {table} SET {column} = :new || substr({column}, length(:old) + 1) "
                f"WHERE {column} = :old OR substr({column}, 1, length(:old) + 1) = :old || '/'",
                {"old": old, "new": new},
            )
            # Paths within JSON, such as a push destination.
            database.execute(
                f"UPDATE {table} SET {column} = replace({column}, :old, :new) "
                f"WHERE instr({column}, :old)",
                {"old": f'"{old}/', "new": f'"{new}/'},
            )
