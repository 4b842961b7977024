"""A kind of event as plain values for JSON, as the browser reads it."""

from __future__ import annotations

from typing import TypedDict

from psg.events.kind import EventKind, Trust


class TrustForBrowser(TypedDict):
    """The figures of `Trust` as plain values for JSON; None where unknown."""

    precision: float | None
    recall: float | None
    frequency_error_hz: float | None
    size_error: float | None
    time_error_s: float | None


class KindForBrowser(TypedDict):
    """A kind of event as plain values for JSON.

    ``letter`` and ``slot`` (its name in the braces of a phrase) are None where nobody marks it.
    ``names`` includes the loose names; ``derivations`` are those in which it is searched;
    ``band_hz`` is None or two numbers.
    """

    id: str
    former_ids: list[str]
    noun: str
    label: str
    heading: str
    letter: str | None
    slot: str | None
    names: list[str]
    measures: list[str]
    derivations: list[str]
    band_hz: list[float] | None
    is_detected: bool
    is_offered: bool
    is_lasting: bool
    trust: TrustForBrowser


def as_json(kind: EventKind) -> KindForBrowser:
    """Return a kind as the browser reads it."""
    return {
        "id": kind.id,
        "former_ids": list(kind.former_ids),
        "noun": kind.noun,
        "label": kind.label or kind.noun,
        "heading": kind.heading or f"{kind.noun[:1].upper()}{kind.noun[1:]}",
        "letter": kind.letter or None,
        "slot": kind.id if kind.letter else None,
        "names": [*kind.names, *kind.loose_names],
        "measures": list(kind.measures),
        "derivations": [derivation.value for derivation in kind.searched],
        "band_hz": list(kind.band_hz) if kind.band_hz else None,
        "is_detected": kind.find is not None,
        "is_offered": kind.find is not None and kind.is_offered,
        "is_lasting": kind.is_lasting,
        "trust": _trust_as_json(kind.trust),
    }


def _trust_as_json(trust: Trust) -> TrustForBrowser:
    return {
        "precision": trust.precision,
        "recall": trust.recall,
        "frequency_error_hz": trust.frequency_error_hz,
        "size_error": trust.size_error,
        "time_error_s": trust.time_error_s,
    }
