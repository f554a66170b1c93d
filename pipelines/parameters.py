"""Hyper-parameters on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from components.errors import UsageError, did_you_mean, shorten
from trainer_modules.shared.parameters import Parameters

P = TypeVar("P", bound=Parameters)

UNSET = "unset"
"""The value of a hyper-parameter that was not given."""

_BOUNDS = {
    "minimum": "≥ {:g}",
    "exclusiveMinimum": "> {:g}",
    "maximum": "≤ {:g}",
    "exclusiveMaximum": "< {:g}",
}
"""Keyword of JSON schema -> how a range is written."""


class Description(NamedTuple):
    """A hyper-parameter in words.

    Attributes:
        name: The name for `--param`.
        type: The type of its value.
        default: The default in the command line's syntax; `UNSET` if it depends on other values.
        range: The bounds, or the allowed values.
        meaning: A short description.
    """

    name: str
    type: str
    default: str
    range: str
    meaning: str


def parse(kind: type[P], assignments: Sequence[str]) -> P:
    """Reads `key=value` texts.

    Args:
        kind: The pipeline's hyper-parameters.
        assignments: The values of `--param`.

    Raises:
        UsageError: A text has no `=`, a key is unknown, or a value is invalid.
    """
    values: dict[str, str] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(
                f"--param {shorten(assignment)} has no '='. Write KEY=VALUE, such as epochs=3."
            )
        if key not in kind.model_fields:
            raise UsageError(
                f"There is no hyper-parameter '{shorten(key)}'."
                f"{did_you_mean(key, kind.model_fields)} "
                f"Choose one of {', '.join(kind.model_fields)}."
            )
        values[key] = value
    values = {key: value for key, value in values.items() if value != UNSET}
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        # Pydantic puts this before the messages of our validators.
        reason = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:  # values that contradict each other
            raise UsageError(f"The values of --param do not match: {reason}.") from None
        key = str(first["loc"][0])
        value = values.get(key, "")
        raise UsageError(
            f"--param {key}={shorten(value)} is invalid: {reason}. "
            f"'{key}' means: {kind.model_fields[key].description}."
        ) from None


def describe(kind: type[Parameters]) -> list[Description]:
    """Describes all hyper-parameters, in the order of their declaration."""
    schema = kind.model_json_schema()["properties"]
    defaults = kind().model_dump()
    return [
        Description(
            name=name,
            type=_type(schema[name]),
            default=as_text(defaults[name]),
            range=_range(schema[name]),
            meaning=str(field.description),
        )
        for name, field in kind.model_fields.items()
    ]


def _type(schema: dict[str, Any]) -> str:
    options = [option for option in _options(schema) if option.get("type") != "null"]
    names = {"array": "list", "object": "mapping"}
    return " or ".join(names.get(option["type"], option["type"]) for option in options)


def _range(schema: dict[str, Any]) -> str:
    for option in _options(schema):
        if "enum" in option:
            return ", ".join(option["enum"])
        bounded = option["items"] if option.get("type") == "array" else option
        bounds = [text.format(bounded[key]) for key, text in _BOUNDS.items() if key in bounded]
        if bounds:
            return ", ".join(bounds)
    return ""


def _options(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = schema.get("anyOf", [schema])
    return found


def as_text(value: Any) -> str:
    """Returns a value in the command line's syntax."""
    if value is None:
        return UNSET
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, dict):
        return ",".join(f"{name}:{item:+d}" for name, item in value.items()) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
