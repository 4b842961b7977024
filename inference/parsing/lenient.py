"""Read JSON as models write it: smart quotes, trailing commas, unescaped quotes, cut-off ends.

Strict JSON is always tried first; this reader only sees what strict JSON refused. It rewrites
the text into strict JSON in a single pass and notes what it had to repair.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

_OPENERS = "\"'“”„‘’"
_CLOSERS = {'"': '"', "'": "'", "“": '”“"', "”": '”"', "„": '“”"', "‘": "’'", "’": "’'"}
_CLOSING = {"{": "}", "[": "]"}


@dataclass
class RepairedJson:
    """Strict JSON text, and the notes of what was repaired on the way."""

    text: str
    notes: list[str] = field(default_factory=list)
    cut_off: bool = False


def repair_json(text: str) -> RepairedJson:
    """Rewrite the JSON object that ``text`` starts with; text after its end is left out."""
    return _Repair(text).run()


class _Repair:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._out: list[str] = []
        self._open: list[str] = []
        self._notes: dict[str, None] = {}

    def run(self) -> RepairedJson:
        while self._at < len(self._text):
            self._step(self._text[self._at])
            if not self._open and self._out:
                return RepairedJson("".join(self._out), list(self._notes))
        return RepairedJson(self._close_all(), list(self._notes), cut_off=True)

    def _step(self, char: str) -> None:
        if char in _OPENERS:
            self._string(char)
            return
        if char in _CLOSING:
            self._open.append(_CLOSING[char])
        elif char in "}]":
            self._close(char)
            return
        self._out.append(char)
        self._at += 1

    def _close(self, char: str) -> None:
        self._drop_trailing_comma()
        if self._open and self._open[-1] == char:
            self._open.pop()
            self._out.append(char)
        else:
            self._notes["a bracket too many was left out"] = None
        self._at += 1

    def _drop_trailing_comma(self) -> None:
        while self._out and self._out[-1].isspace():
            self._out.pop()
        if self._out and self._out[-1] == ",":
            self._out.pop()
            self._notes["a trailing comma was left out"] = None

    def _string(self, opener: str) -> None:
        if opener != '"':
            self._notes["quotation marks were made straight"] = None
        closers = _CLOSERS[opener]
        start = self._at = self._at + 1
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "\\":
                self._at += 2
            elif char in closers and self._ends_string(self._at + 1):
                break
            else:
                self._at += 1
        self._out.append(_strict_string(self._text[start : self._at]))
        self._at += 1

    def _ends_string(self, following: int) -> bool:
        """A quote ends a string only where the grammar could continue after it."""
        rest = self._text[following : following + 40].lstrip()
        return not rest or rest[0] in ",:}]"

    def _close_all(self) -> str:
        self._drop_trailing_comma()
        return "".join(self._out) + "".join(reversed(self._open))


def _strict_string(raw: str) -> str:
    """Encode a raw string body; escapes it already holds keep their meaning."""
    protected = raw.replace('\\"', '"').replace('"', '\\"')
    try:
        return json.dumps(json.loads(f'"{protected}"', strict=False))
    except ValueError:
        return json.dumps(raw)
