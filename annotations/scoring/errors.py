"""What services refuse, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from annotations.saving import ClosedError
from psg.errors import RefusedError

if TYPE_CHECKING:
    from annotations.scoring.models import Scoring
    from annotations.scoring.scorings import SubmitProblems


class NotOpenError(ClosedError):
    """The scoring was submitted or locked, so nothing in it changes any more."""

    def __init__(self, scoring: Scoring) -> None:
        super().__init__(
            f"This scoring is {scoring.get_state_display().lower()}. Nothing was changed.",
            advice="Everything saved before is safe.",
        )
        self.code = "withdrawn" if scoring.state == "withdrawn" else "submitted"


class SubmitRefusedError(RefusedError):
    """Something in the scoring must be settled first."""

    code = "not_ready"
    status = 409
    default = "This scoring is not ready to be submitted."

    def __init__(self, problems: SubmitProblems) -> None:
        super().__init__()
        self.more = asdict(problems)


class AssignRefusedError(RefusedError):
    """The assignment makes no sense; the message says why."""


class ActRefusedError(RefusedError):
    """The scoring is not in a state for this, or a reason is missing; the message says so."""

    status = 409
