"""What JSON can carry and the database cannot keep."""

import json
from typing import Any


def why_unstorable(value: Any) -> str:
    """Say what of a JSON value no row can hold: NUL, a lone surrogate, infinity; "" if nothing."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        return f"{error}"
    return "it has a NUL character" if _has_nul(value) else ""


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_has_nul(part) for pair in value.items() for part in pair)
        case list():
            return any(_has_nul(part) for part in value)
    return False
