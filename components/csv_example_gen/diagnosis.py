"""Describes the problems of a CSV file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from components.csv_example_gen.blocks import Block, row_starts
from components.csv_example_gen.columns import BLANKS, number_syntax, parse_texts
from components.csv_example_gen.format import CsvFormat
from components.csv_example_gen.parsing import split_rows
from components.errors import Problems, UserError, quote, shorten

_INT64 = range(-(2**63), 2**63)
_FLOAT32_OVERFLOW = 3.4028235677973366e38  # From here on, numbers are rounded to infinity.
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_FIX = "Fix or remove the line."
_REPLACED = "\ufffd"


def read_header(file: Path, block: Block, csv: CsvFormat) -> tuple[list[str], Block]:
    """Returns the names of the columns in file order, and the rows after them.

    Raises:
        UserError: The columns differ from those of `csv`.
    """
    starts = row_starts(block.data)
    end = int(starts[1]) if len(starts) > 1 else len(block.data)
    header = block.data[:end].decode(errors="replace")
    names = split_rows(header.encode(), None).schema.names
    if problem := _separator_problem(header, csv) or _header_problem(names, csv):
        raise UserError(f"{file}, line {block.line_at(int(starts[0]))}: {problem}")
    return names, block.since(end)


def diagnose(
    file: Path, block: Block, names: Sequence[str], csv: CsvFormat, problems: Problems
) -> None:
    """Finds all problems of rows that cannot be parsed.

    Args:
        file: The file, for the messages.
        block: The rows.
        names: The columns in file order.
        csv: The format of the rows.
        problems: Receives at least one problem, in the order of the lines.

    Raises:
        UserError: The fields have another separator, or `problems` is full.
    """
    wrong = _wrong_rows(block.data, names, csv)
    starts = [*row_starts(block.data).tolist(), len(block.data)]
    for row, whats in sorted(wrong.items()):
        line = f"{file}, line {block.line_at(starts[row])}"
        text = block.data[starts[row] : starts[row + 1]].decode(errors="replace")
        fields = text.split(",")
        if len(fields) < len(names) and (separator := _separator_problem(text, csv)):
            raise UserError(f"{line}: {separator}")
        if _is_header(fields, csv):
            whats = [" looks like a header, not a row. Remove the line."]
        for what in whats:
            problems.add(f"{line}{what}")
    if not wrong:
        problems.add(f"{file}: the rows from line {block.line} on cannot be read. Check them.")


def _wrong_rows(data: bytes, names: Sequence[str], csv: CsvFormat) -> dict[int, list[str]]:
    """Returns the number of each wrong row, from 0 -> the problems of the row."""
    text = data.decode(errors="replace").encode()
    is_utf8 = text == data
    wrong: dict[int, list[str]] = {}

    def skip(row: Any) -> str:
        fields = "1 field" if row.actual_columns == 1 else f"{row.actual_columns} fields"
        wrong[row.number - 1] = [f" has {fields} instead of {row.expected_columns}. {_FIX}"]
        return "skip"

    columns = split_rows(text, names, skip)
    rows = [row for row in range(len(columns) + len(wrong)) if row not in wrong]
    for name in names:
        if is_utf8 and _is_sound(columns.column(name), name, csv):
            continue
        for row, value in zip(rows, columns.column(name).to_pylist(), strict=True):
            what = _value_problem(value, name, csv)
            if not is_utf8 and _REPLACED in value:
                what = f"{quote(value)} is not UTF-8. Save the file as UTF-8."
            if what:
                wrong.setdefault(row, []).append(f", column '{name}': {what}")
    return wrong


def _is_sound(column: pa.StringArray, name: str, csv: CsvFormat) -> bool:
    try:
        parse_texts(column, name, csv)
    except ValueError:
        return False
    return True


def _value_problem(field: str, name: str, csv: CsvFormat) -> str | None:
    """Returns the problem of a field and what to do about it, or None."""
    syntax = number_syntax(name, csv)
    value = field.strip(BLANKS) if syntax else field.strip()
    if not syntax and (suffix := csv.strip_suffix.get(name)):
        value = value.removesuffix(suffix)
    if value == "" or value in csv.null_values:
        return f"the value is missing. {_FIX}" if name in csv.required else None
    is_number = syntax is not None and re.fullmatch(syntax, value) is not None
    if name in csv.map_values:
        if not is_number or float(value) not in map(float, csv.map_values[name]):
            return _not_one_of(value, csv.map_values[name])
    elif syntax and not (is_number and _fits(value, name, csv)):
        kind = "an integer" if csv.columns[name] == "int" else "a finite number"
        return f"{quote(value)} is not {kind}. {_FIX}"
    elif name in csv.values and (str(_as_int(value)) if syntax else value) not in csv.values[name]:
        return _not_one_of(value, csv.values[name])
    return None


def _fits(number: str, name: str, csv: CsvFormat) -> bool:
    if csv.columns[name] == "int":
        return len(number.lstrip("+-0")) < 20 and _as_int(number) in _INT64
    return abs(float(number) * csv.scale.get(name, 1)) < _FLOAT32_OVERFLOW


def _as_int(number: str) -> int:
    """Converts up to 20 digits after any leading zeros. Python's `int` allows 4,300 digits."""
    magnitude = int(number.lstrip("+-0") or "0")
    return -magnitude if number.startswith("-") else magnitude


def _not_one_of(value: str, known: Iterable[str]) -> str:
    return f"{quote(value)} is not one of its values ({shorten(', '.join(known))}). {_FIX}"


def _header_problem(names: Sequence[str], csv: CsvFormat) -> str | None:
    missing = [f"column '{name}' is missing" for name in csv.columns if name not in names]
    unknown = [f"column {quote(name)} is unknown" for name in names if name not in csv.columns]
    twice = ["a column is named twice"] if len(set(names)) < len(names) else []
    if problems := missing + unknown + twice:
        return f"{shorten(', '.join(problems))}. The columns are {shorten(', '.join(csv.columns))}."
    return None


def _separator_problem(row: str, csv: CsvFormat) -> str | None:
    for separator, plural in _SEPARATORS.items():
        if row.count(separator) == len(csv.columns) - 1 > 0:
            return f"The fields are separated by {plural}. Save the file with commas."
    return None


def _is_header(fields: Sequence[str], csv: CsvFormat) -> bool:
    """Returns whether most fields are names of columns, in any spelling."""
    names = {_letters(name) for name in csv.columns}
    return 2 * sum(_letters(field) in names for field in fields) > len(names)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())
