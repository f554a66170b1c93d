"""Finds out where a CSV file is wrong. Slow, exact, and only run once something is."""

from __future__ import annotations

import csv as csv_module
import gzip
import math
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from components.csv_example_gen.format import CsvFormat
from components.errors import UserError

_INT64 = range(-(2**63), 2**63)


def open_text(file: Path) -> IO[str]:
    """Opens a plain or gzipped file as text; bytes that are not UTF-8 become lone surrogates."""
    opener = gzip.open if file.suffix == ".gz" else open
    return opener(file, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="\n")


def leading_comments(lines: IO[str], csv: CsvFormat, longest: int) -> int:
    """Counts the comment lines at the top."""
    count = 0
    while csv.comment and lines.readline(longest).startswith(csv.comment):
        count += 1
    return count


def diagnose(file: Path, csv: CsvFormat, longest: int) -> UserError | None:
    """Returns the first thing that is wrong with a file as a sentence, or None if nothing is.

    Args:
        file: The file.
        csv: What it must look like.
        longest: Longest line allowed, in characters.
    """
    number = 0
    try:
        with open_text(file) as lines:
            names = None if csv.header else list(csv.columns)
            at_top = True
            while line := lines.readline(longest):
                number += 1
                where = f"{file}, line {number}"
                if len(line) == longest and not line.endswith("\n"):
                    return UserError(
                        f"{where} is longer than {longest:,} characters; is this a CSV file?"
                    )
                line = line.rstrip("\r\n")
                at_top = at_top and bool(csv.comment) and line.startswith(csv.comment)
                if at_top or not line:
                    continue
                fields = next(csv_module.reader([line]))
                if names is None:
                    names = fields
                    problem = _header_problem(names, csv)
                else:
                    problem = _row_problem(fields, names, csv)
                if problem:
                    return UserError(where + problem)
    except csv_module.Error as error:
        return UserError(f"{file}, line {number + 1} is no CSV ({error}); mend or remove the line.")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        return UserError(
            f"{file} is a damaged gzip file ({error}) after line {number}; fetch or make it anew."
        )
    if number == 0:
        return UserError(f"{file} is empty; give a file with rows.")
    return None


def _header_problem(names: list[str], csv: CsvFormat) -> str | None:
    missing = [f"column '{name}' is missing" for name in csv.columns if name not in names]
    extra = [f"column {name!a} is not known" for name in names if name not in csv.columns]
    twice = ["a column is named twice"] if len(set(names)) < len(names) else []
    if problems := missing + extra + twice:
        return f": {', '.join(problems)}; the columns are {', '.join(csv.columns)}."
    return None


def _row_problem(fields: list[str], names: list[str], csv: CsvFormat) -> str | None:
    if len(fields) != len(names):
        return f" has {len(fields)} fields instead of {len(names)}; mend or remove the line."
    for name, value in zip(names, fields, strict=True):
        if problem := _value_problem(name, value.strip(), csv):
            return f", column '{name}': {problem}"
    return None


def _value_problem(name: str, value: str, csv: CsvFormat) -> str | None:
    kind = csv.columns[name]
    shown = ascii(value if len(value) <= 60 else value[:57] + "...")
    suffix = csv.strip_suffix.get(name, "")
    value = value[: -len(suffix)] if suffix and value.endswith(suffix) else value
    if value == "" or value in csv.null_values:
        if name not in csv.required:
            return None
        return "the value is missing; every row needs one."
    if any("\ud800" <= character <= "\udfff" for character in value):
        return f"{shown} is not UTF-8; save the file as UTF-8."
    if name in csv.map_values and not _is_one_of(value, csv.map_values[name]):
        known = ", ".join(csv.map_values[name])
        return f"{shown} is not one of its values ({known}); mend or remove the line."
    if kind == "int" and not _is_int(value):
        return f"{shown} is not an integer."
    if kind == "float" and not _is_finite(value):
        return f"{shown} is not a finite number."
    if name in csv.values and name not in csv.map_values and value not in csv.values[name]:
        known = ", ".join(csv.values[name])
        return f"{shown} is not one of its values ({known}); mend the line or the schema."
    return None


def _is_int(value: str) -> bool:
    try:
        return int(value) in _INT64
    except ValueError:
        return False


def _is_one_of(value: str, numbers: Iterable[str]) -> bool:
    try:
        return float(value) in map(float, numbers)
    except ValueError:
        return False


def _is_finite(value: str) -> bool:
    try:
        return math.isfinite(float(value)) and abs(float(value)) <= 3.4028235677973366e38
    except ValueError:
        return False
