"""What services refuse, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotations.scoring.models import EpochScore, Scoring
    from annotations.scoring.scorings import SubmitProblems


class NotOpenError(Exception):
    """The scoring was submitted or locked, so nothing in it changes any more."""

    def __init__(self, scoring: Scoring) -> None:
        super().__init__(
            f"This scoring is {scoring.get_state_display().lower()}: nothing was changed."
            " What was saved before is kept."
        )
        self.code = "withdrawn" if scoring.state == "withdrawn" else "submitted"


class StaleVersionError(Exception):
    """Somebody (perhaps the same person in another tab) changed the epoch in between."""

    def __init__(self, current: EpochScore | None) -> None:
        super().__init__("This epoch was changed elsewhere since you saw it.")
        self.current = current


class OutsideNightError(Exception):
    """The epoch lies outside the recording."""


class StaleLightsError(Exception):
    """The lights marks were changed in another window in between."""

    def __init__(self, scoring: Scoring) -> None:
        super().__init__("The lights marks were changed elsewhere since you saw them.")
        self.scoring = scoring


class LightsRefusedError(Exception):
    """These marks make no night; the message says why."""


class SubmitRefusedError(Exception):
    """Something in the scoring must be settled first."""

    def __init__(self, problems: SubmitProblems) -> None:
        super().__init__("This scoring is not ready to be submitted.")
        self.problems = problems


class ForeignClientUuidError(Exception):
    """The save carries the id of a save of something else."""


class AssignRefusedError(Exception):
    """The assignment makes no sense; the message says why."""


class ActRefusedError(Exception):
    """The scoring is not in a state for this, or a reason is missing; the message says so."""
