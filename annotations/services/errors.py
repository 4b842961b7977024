"""What services refuse, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotations.models import EpochScore, Rating, Scoring
    from annotations.services.scorings import SubmitProblems


class NotOpenError(Exception):
    """The scoring was submitted or locked, so nothing in it changes any more."""

    def __init__(self, scoring: Scoring) -> None:
        super().__init__(
            f"This scoring is {scoring.get_state_display().lower()}: nothing was changed."
        )


class StaleVersionError(Exception):
    """Somebody (perhaps the same person in another tab) changed the epoch in between."""

    def __init__(self, current: EpochScore | None) -> None:
        super().__init__("This epoch was changed elsewhere since you saw it.")
        self.current = current


class OutsideNightError(Exception):
    """The epoch lies outside the recording."""


class SubmitRefusedError(Exception):
    """Something in the scoring must be settled first."""

    def __init__(self, problems: SubmitProblems) -> None:
        super().__init__("This scoring is not ready to be submitted.")
        self.problems = problems


class StaleRatingError(Exception):
    """The rating was changed in another tab in between."""

    def __init__(self, current: Rating | None) -> None:
        super().__init__("This rating was changed elsewhere since you saw it.")
        self.current = current
