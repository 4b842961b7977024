"""What services refuse, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotations.adjudication.models import Adjudication, AdjudicationDecision


class AdjudicationRefusedError(Exception):
    """What was asked for makes no sense in this adjudication; the message says why."""


class AdjudicationFinishedError(Exception):
    """The consensus was made, or given up, so nothing in the adjudication changes any more."""

    def __init__(self, adjudication: Adjudication) -> None:
        state = adjudication.get_state_display().lower()
        super().__init__(f"This adjudication is {state}: nothing was changed.")
        self.code = adjudication.state


class StaleDecisionError(Exception):
    """The epoch was decided elsewhere in between."""

    def __init__(self, current: AdjudicationDecision | None) -> None:
        super().__init__("This epoch was decided elsewhere since you saw it.")
        self.current = current


class UndecidedError(Exception):
    """Epochs are left to settle."""

    def __init__(self, epochs: list[int]) -> None:
        super().__init__(f"{len(epochs)} epochs are not settled yet.")
        self.epochs = epochs
