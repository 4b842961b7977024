"""Refusals of scoring: saving, submitting, assigning and reopening."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from annotations.saving import ClosedError
from psg.errors import RefusedError

if TYPE_CHECKING:
    from annotations.scoring.models import Scoring
    from annotations.scoring.scorings import SubmitProblems


class NotOpenError(ClosedError):
    """The scoring is submitted, locked or withdrawn, so it cannot be changed."""

    def __init__(self, scoring: Scoring) -> None:
        super().__init__(
            f"This scoring is {scoring.get_state_display().lower()}. Nothing was changed.",
            advice="Everything saved before is safe.",
        )
        self.code = "withdrawn" if scoring.state == "withdrawn" else "submitted"


class SubmitRefusedError(RefusedError):
    """Rule errors or unscored epochs prevent the submission; both are listed."""

    code = "not_ready"
    status = 409
    default = "This scoring is not ready to be submitted."

    def __init__(self, problems: SubmitProblems) -> None:
        super().__init__()
        self.more = asdict(problems)


class AssignRefusedError(RefusedError):
    """The assignment is not possible; the message gives the reason."""


class ActRefusedError(RefusedError):
    """The state of the scoring does not allow the action, or its reason is missing."""

    status = 409
