"""How far detectors can be trusted: precision, recall, and the errors of their measures.

Measured by ``python -m benchmarks.claims`` over simulated nights. Of real nights these are not
known. They decide how much a finding weighs, never what is found. A kind that the simulator
does not write down (theta, a rise of chin tone) has none, and nothing is contradicted on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from psg.claims.vocabulary import EYE_MOVEMENT

ENOUGH = 0.85
"""Certainty from which on a claim is contradicted."""
LEAST = 0.5
"""Below this a detector that finds something, or nothing, says nothing by it."""


@dataclass(frozen=True)
class Trust:
    """Share of finds that are there, of events that are found, and standard errors of measures.

    ``size_error`` is relative to the size itself, ``time_error_s`` that of seconds filled in an
    epoch for rhythms and that of a wave's duration for others.
    """

    precision: float | None = None
    recall: float | None = None
    frequency_error_hz: float | None = None
    size_error: float | None = None
    time_error_s: float | None = None

    def is_there(self, found: int) -> float:
        """Chance that of so many finds one at least is there."""
        return 0.0 if self.precision is None else 1 - (1 - self.precision) ** found

    def is_not_there(self, claimed: int) -> float:
        """Chance that of so many events at least one would have been found."""
        return 0.0 if self.recall is None else 1 - (1 - self.recall) ** claimed


UNKNOWN = Trust()
# precision, recall, error in Hz, relative error of size, error in s; of 8 nights of 4 h
TRUST: dict[str, Trust] = {
    "spindle": Trust(0.96, 0.81, 0.34, 0.16, 0.23),
    "k_complex": Trust(0.30, 0.91, None, 0.11, 0.14),
    "slow_wave": Trust(0.74, 0.95, None, 0.22, 0.21),
    "alpha": Trust(0.98, 0.65, 0.32, 0.89, 4.4),
    "vertex_wave": Trust(0.67, 0.67, None, 0.13, 0.05),
    "sawtooth": Trust(1.00, 0.20, 0.22, 0.10, 2.4),
    "rem": Trust(0.71, 0.67, None, 0.32, 0.54),
    "sem": Trust(0.61, 0.77, None, 0.41, 1.5),
    "blink": Trust(0.86, 0.93, None, 0.29, 0.10),
    "arousal": Trust(0.48, 0.76, None, None, 2.3),
    "movement": Trust(0.97, 0.38, None, None, 4.4),
}


def trust_in(kind: str) -> Trust:
    return TRUST.get("rem" if kind == EYE_MOVEMENT else kind, UNKNOWN)
