"""How a finding may be worded: by what marks in real recordings show of its detector.

A kind whose detections are known to be mostly right is stated as a fact, any other as possible.
That there is none is stated only of a kind whose events are known to be mostly detected. What is
measured, such as microvolts, seconds and hertz, is a fact.
"""

from __future__ import annotations

from psg.events import EventKind, alpha, event_kind
from psg.events.registry import proven_ids, rarely_missed_ids


def is_fact(kind_id: str) -> bool:
    return kind_id in proven_ids()


def absence_is_fact(kind_id: str) -> bool:
    return kind_id in rarely_missed_ids()


def noun_of(kind_id: str) -> str:
    """Return the noun of a kind, as possible where it is no fact."""
    return hedged(kind_id, known_kind(kind_id).noun)


def hedged(kind_id: str, words: str) -> str:
    return words if is_fact(kind_id) else f"possible {words}"


def low_mixed_eeg(noun: str) -> str:
    """Name the background of N1 and R, which is judged by how little alpha there is."""
    return hedged(alpha.KIND, f"low-amplitude mixed-frequency {noun}")


def known_kind(kind_id: str) -> EventKind:
    kind = event_kind(kind_id)
    if kind is None:
        raise KeyError(kind_id)
    return kind
