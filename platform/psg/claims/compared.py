"""A measured value with its uncertainty against the values that a text allows."""

from __future__ import annotations

from psg.claims.claim import Range
from psg.claims.verdict import Outcome

ROUNDED, ABOUT = 0.1, 0.25
"""How far a number written down, or one with "about", may be from what was seen."""


def compare(value: float, uncertainty: float, wanted: Range, *, least_slack: float) -> Outcome:
    """Supported inside, contradicted where the interval of the measure lies outside as a whole.

    Parameters
    ----------
    value, uncertainty
        Measured value and half the width of its interval.
    wanted
        What the text says, widened by the rounding of whoever wrote it.
    least_slack
        Rounding in the unit of the value that is always allowed.
    """
    allowed = _widened(wanted, least_slack)
    if value in allowed:
        return Outcome.SUPPORTED
    touches = value + uncertainty >= allowed.low and value - uncertainty <= allowed.high
    return Outcome.CANNOT_TELL if touches else Outcome.CONTRADICTED


def _widened(wanted: Range, least_slack: float) -> Range:
    if wanted.is_open:  # a bound is a bound
        return Range(wanted.low - least_slack / 2, wanted.high + least_slack / 2)
    share = ABOUT if wanted.about else ROUNDED
    return Range(
        wanted.low - max(share * wanted.low, least_slack),
        wanted.high + max(share * wanted.high, least_slack),
    )
