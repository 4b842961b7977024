"""What services refuse, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotations.saving import ClosedError
from psg.errors import RefusedError

if TYPE_CHECKING:
    from annotations.adjudication.models import Adjudication


class AdjudicationRefusedError(RefusedError):
    """What was asked for makes no sense in this adjudication; the message says why."""


class AdjudicationFinishedError(ClosedError):
    """The consensus was made, or given up, so nothing in the adjudication changes any more."""

    def __init__(self, adjudication: Adjudication) -> None:
        state = adjudication.get_state_display().lower()
        super().__init__(f"This adjudication is {state}. Nothing was changed.")
        self.code = adjudication.state


class UndecidedError(RefusedError):
    """Epochs are left to settle."""

    code = "undecided"
    status = 409

    def __init__(self, epochs: list[int]) -> None:
        super().__init__(f"{len(epochs)} epochs are not settled yet. Settle them first.")
        self.more = {"epochs": epochs}
