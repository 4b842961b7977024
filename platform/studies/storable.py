"""JSON values that the database cannot store."""

import json
from typing import Any


def why_unstorable(value: Any) -> str:
    """Return why a JSON value cannot be stored (NUL, lone surrogate, infinity), or ""."""
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
