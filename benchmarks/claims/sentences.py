"""Sentences written by hand, and the claims that they state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path

from psg.claims import Claim, Range, Span
from psg.montage import Derivation

KNOWN, UNSEEN = (Path(__file__).with_name(name) for name in ("sentences.txt", "unseen.txt"))
_PLACES = {name.split("-")[0]: name for name in Derivation}
_RANGES = {
    "hz": "frequency_hz",
    "uv": "amplitude_uv",
    "s": "length_s",
    "share": "share",
    "n": "count",
}


@dataclass(frozen=True)
class Sentence:
    """A sentence and the claims that it states."""

    text: str
    claims: tuple[Claim, ...]


def sentences(path: Path = KNOWN) -> list[Sentence]:
    return list(_read(path.read_text("utf-8").splitlines()))


def _read(lines: list[str]) -> Iterator[Sentence]:
    text, claims = "", []
    for line in [*lines, "end"]:
        if line.startswith("  "):
            claims.append(_claim(line.split()))
        elif line and not line.startswith("#"):
            if text:
                yield Sentence(text, tuple(claims))
            text, claims = line, []


def _claim(words: list[str]) -> Claim:
    sign, kind, *facts = words
    fields: dict = {"kind": kind, "absent": sign == "-"}
    while facts:
        name = facts.pop(0)
        if name in ("low", "high", "rise", "between"):
            fields["level"] = name
        elif name == "in":
            fields["derivations"] = tuple(_PLACES[place] for place in facts.pop(0).split(","))
        elif name == "at":
            fields["spans"] = tuple(_span(part) for part in facts.pop(0).split(","))
        else:
            fields[_RANGES[name]] = _range(facts.pop(0))
    return Claim(**fields)


def _span(text: str) -> Span:
    limits = _range(text)
    return Span(limits.low, limits.high)


def _range(text: str) -> Range:
    if text.endswith("+"):
        return Range(float(text[:-1]), inf)
    if text.startswith("<"):
        return Range(-inf, float(text[1:]))
    low, _, high = text.partition("-")
    return Range(float(low), float(high or low))
