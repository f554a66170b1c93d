"""Hyper-parameters from the command line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TypeVar

from pydantic import ValidationError

from components.errors import UsageError
from trainer_modules.shared.parameters import Parameters

P = TypeVar("P", bound=Parameters)


def parse(kind: type[P], assignments: Sequence[str]) -> P:
    """Reads `key=value` texts.

    Args:
        kind: The tutorial's hyper-parameters.
        assignments: As given with `--param`.

    Raises:
        UsageError: A text is no assignment, a key is unknown, or a value does not fit.
    """
    values: dict[str, str] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(f"--param {assignment}: write KEY=VALUE, such as epochs=3.")
        if key not in kind.model_fields:
            near = difflib.get_close_matches(key, kind.model_fields, n=1)
            guess = f" Did you mean '{near[0]}'?" if near else ""
            known = ", ".join(f"{name}={default}" for name, default in kind().model_dump().items())
            raise UsageError(f"There is no hyper-parameter '{key}'.{guess} Known: {known}.")
        values[key] = value
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:  # values that do not go together
            raise UsageError(f"--param: {first['msg']}.") from None
        key = str(first["loc"][0])
        about = kind.model_fields[key].description
        raise UsageError(f"--param {key}={values[key]}: {first['msg']} ({about}).") from None
