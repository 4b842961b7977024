"""Text and JSON values that the database cannot store, wherever a request carries them."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import BadRequest

from psg.errors import RefusedError

# Deeper than anything the site sends or stores. Python itself gives up at about a thousand.
DEEPEST = 64
INT64 = range(-(2**63), 2**63)


class UnreadableError(RefusedError, BadRequest):
    """A request that cannot be read or stored. It may be raised before a view, too."""

    code = "unreadable"
    default = "The server could not read the request. Nothing was changed."

    def __init__(self, text: str = "", *, fields: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(text)
        if fields:
            self.more = {"fields": fields}


def why_no_text(text: str) -> str:
    """Return why a text cannot be stored (NUL, lone surrogate), or ""."""
    if "\0" in text:
        return "it has a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "it has half a character (a lone surrogate)"
    return ""


def why_no_texts(texts: Iterable[str]) -> str:
    """Return why one of several texts cannot be stored, or ""."""
    return next(filter(None, map(why_no_text, texts)), "")


def why_unstorable(value: Any, *, depth: int = 0) -> str:
    """Return why a JSON value cannot be stored, or "".

    Besides texts: numbers that are not finite, integers beyond 64 bits, and very deep nesting.
    """
    match value:
        case str():
            return why_no_text(value)
        case int() if value not in INT64:
            return "it has an integer beyond 64 bits"
        case float() if not math.isfinite(value):
            return "it has a number that is not finite"
        case dict() | list() if depth == DEEPEST:
            return f"it is nested more than {DEEPEST} levels deep"
        case dict():
            return why_no_texts(value) or _why_no_part(value.values(), depth)
        case list():
            return _why_no_part(value, depth)
    return ""


def _why_no_part(parts: Iterable[Any], depth: int) -> str:
    return next(filter(None, (why_unstorable(part, depth=depth + 1) for part in parts)), "")
