"""Keeps the first rows of a download that is larger than one wants to run on."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, Literal, cast

from components.errors import UsageError, UserError
from pipelines.datasets.whole_folder import whole_folder
from pipelines.spec import PipelineSpec

_COMPRESSION_LEVEL = 1  # thrice as fast as the default, for a file about a tenth larger


def csv_file(spec: PipelineSpec) -> str:
    """Returns the name of the CSV file that all splits of a tutorial are cut from.

    Raises:
        UsageError: Its data are something else.
    """
    first, *others = {name for layout in spec.source.layouts for name in layout.values()}
    if others or not first.endswith((".csv", ".csv.gz")):
        raise UsageError(
            f"--rows needs data in one CSV file, and '{spec.name}' has other data. Omit --rows."
        )
    return first


def write_first_rows(spec: PipelineSpec, whole: Path, folder: Path, rows: int) -> None:
    """Writes a new folder, complete or not at all, with the first rows of a tutorial's data.

    Args:
        spec: The pipeline. Its declaration tells comments and a header, which are kept, from rows.
        whole: The folder with all rows.
        folder: Where the first of them will be; may hold the same ones already.
        rows: How many.

    Raises:
        UsageError: The tutorial's data are not one CSV file.
        UserError: There are fewer rows, or `folder` cannot be written or holds something else.
    """
    name = csv_file(spec)
    csv = spec.source.options.get("csv", {})
    comment = csv.get("comment", "").encode()
    count = -csv.get("header", False)
    with whole_folder(folder) as filling:
        source, target = whole / name, filling / name
        with _open(source, "rb") as lines, _open(target, "wb") as kept:
            at_top = True
            for line in lines:
                at_top = at_top and bool(comment) and line.startswith(comment)
                kept.write(line)
                count += not at_top and line.strip() != b""
                if count == rows:
                    return
        raise UserError(f"{source} has {count:,} rows, fewer than --rows {rows}. Ask for fewer.")


def _open(file: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    if file.suffix != ".gz":
        return file.open(mode)
    # Without the time, or the same rows would not be the same file.
    return cast(IO[bytes], gzip.GzipFile(file, mode, _COMPRESSION_LEVEL, mtime=0))
