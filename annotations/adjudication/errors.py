"""Refusals of adjudication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotations.saving import ClosedError
from psg.errors import RefusedError

if TYPE_CHECKING:
    from annotations.adjudication.models import Adjudication


class AdjudicationRefusedError(RefusedError):
    """The request does not fit the adjudication; the message gives the reason."""


class AdjudicationFinishedError(ClosedError):
    """The adjudication is finished or discarded, so it cannot be changed."""

    def __init__(self, adjudication: Adjudication) -> None:
        state = adjudication.get_state_display().lower()
        super().__init__(f"This adjudication is {state}. Nothing was changed.")
        self.code = adjudication.state


class UndecidedError(RefusedError):
    """Epochs without a decision prevent the consensus."""

    code = "undecided"
    status = 409

    def __init__(self, epochs: list[int]) -> None:
        super().__init__(f"{len(epochs)} epochs are not settled yet. Settle them first.")
        self.more = {"epochs": epochs}
