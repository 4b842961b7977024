"""What each mode of scoring shows, and in which a scoring can be assigned."""

from __future__ import annotations

from studies.models import Mode

# Modes in which the scorer's own answer comes first, so nothing else of the night is shown.
UNAIDED = (Mode.BLIND, Mode.REVEAL)


def shows_another(mode: Mode | str) -> bool:
    """Return whether a mode ever shows something of another scoring or of the detectors."""
    return mode != Mode.BLIND


def is_review(mode: Mode | str) -> bool:
    """Return whether a mode begins with a copy of the suggested scoring."""
    return mode == Mode.REVIEW


def locks_answers(mode: Mode | str) -> bool:
    """Return whether a mode fixes the own answer of an epoch before its suggestion is shown."""
    return mode == Mode.REVEAL


def assignable_modes(*, has_source: bool) -> list[Mode]:
    """Return all modes; blind alone while there is no finished scoring of the night to show."""
    return [mode for mode in Mode if has_source or not shows_another(mode)]
