"""Turns the columns of a CSV file into checked values, and defines the syntax of numbers."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from components.csv_example_gen.format import CsvFormat

BLANKS = " \t"
"""The characters that may surround a number."""

_NUMBERS = {
    "int": r"[+-]?[0-9]+",
    "float": r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?",
}
_ARROW_TYPES = {"int": pa.int64(), "float": pa.float32(), "string": pa.string()}


def number_syntax(name: str, csv: CsvFormat) -> str | None:
    """Returns the regular expression for a column's numbers, or None for a column of texts.

    Arrow's CSV parser differs: it refuses integers with a plus sign and reads 0x1 as an integer.
    """
    return _NUMBERS.get("float" if name in csv.map_values else csv.columns[name])


def arrow_type(name: str, csv: CsvFormat) -> pa.DataType:
    """Returns the type that a column is parsed as."""
    if name in csv.map_values or name in csv.scale:
        return pa.float64()
    return _ARROW_TYPES[csv.columns[name]]


def parse_texts(text: pa.StringArray, name: str, csv: CsvFormat) -> pa.Array:
    """Parses a column by `number_syntax` and cleans it.

    Raises:
        ValueError: A field of a numeric column is not a number, or a value is not allowed.
    """
    syntax = number_syntax(name, csv)
    if syntax is None:
        return clean(text, name, csv)
    text = pc.utf8_trim(text, BLANKS)
    text = pc.if_else(pc.is_in(text, pa.array(["", *csv.null_values])), None, text)
    if not _all(pc.match_substring_regex(text, rf"\A({syntax})\z")):
        raise ValueError(f"{name}: not a number")
    text = pc.replace_substring_regex(text, r"\A\+", "")
    return clean(text.cast(arrow_type(name, csv)), name, csv)


def clean(column: pa.Array, name: str, csv: CsvFormat) -> pa.Array:
    """Trims texts, converts numbers, turns null markers into nulls, and checks the values.

    Args:
        column: The column, of its `arrow_type`.
        name: The name of the column.
        csv: The format of the file.

    Returns:
        int64, float32, or string.

    Raises:
        ValueError: A value is not allowed. `diagnose` finds out which one.
    """
    if name in csv.map_values:
        column = _names(column, csv.map_values[name])
    elif csv.columns[name] == "string":
        column = pc.utf8_trim_whitespace(column)
        if suffix := csv.strip_suffix.get(name):
            column = pc.replace_substring_regex(column, f"{_quote(suffix)}$", "")
        missing = pc.is_in(column, pa.array(["", *csv.null_values]))
        column = pc.if_else(missing, None, column)
    elif csv.columns[name] == "float":
        if name in csv.scale:
            column = pc.multiply(column, csv.scale[name]).cast(pa.float32(), safe=False)
        if not _all(pc.is_finite(column)):
            raise ValueError(f"{name}: not finite")
    if name in csv.required and column.null_count:
        raise ValueError(f"{name}: missing")
    if name in csv.values:
        known = pa.array(csv.values[name]).cast(column.type)
        if not _all(pc.is_in(pc.drop_null(column), known)):
            raise ValueError(f"{name}: not in its domain")
    return column


def _names(column: pa.DoubleArray, names: dict[str, str]) -> pa.StringArray:
    """Replaces numbers with their names. Refuses unknown numbers, as `clean` does."""
    numbers = pa.array([float(number) for number in names])
    # Arrow looks up numbers by their bits, and those of -0 and 0 differ.
    indices = pc.index_in(pc.add(column, 0.0), numbers)
    if indices.null_count > column.null_count:
        raise ValueError("an unknown number")
    return pa.array(list(names.values())).take(indices)


def _all(flags: pa.BooleanArray) -> bool:
    return pc.all(flags, min_count=0).as_py()


def _quote(text: str) -> str:
    """Quotes text for RE2. `re.escape` is for Python's own regular expressions."""
    return r"\Q" + text + r"\E"
