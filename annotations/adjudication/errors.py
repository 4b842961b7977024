"""Refusals of adjudication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from annotations.saving import ClosedError
from psg.errors import RefusedError
from psg.rules.phrases import GAP

if TYPE_CHECKING:
    from annotations.adjudication.models import Adjudication


class AdjudicationRefusedError(RefusedError):
    """The request does not fit the adjudication; the message gives the reason."""


class AlreadyOpenError(AdjudicationRefusedError):
    """An open adjudication has the same scorings."""

    code = "already_open"
    status = 409

    def __init__(self, adjudication: Adjudication) -> None:
        page = reverse("annotations:adjudication", args=[adjudication.pk])
        super().__init__(
            "An open adjudication has the same scorings already.", advice=f"Continue it at {page}."
        )
        self.adjudication = adjudication


class AdjudicationFinishedError(ClosedError):
    """The adjudication is finished or discarded, so it cannot be changed."""

    def __init__(self, adjudication: Adjudication) -> None:
        state = adjudication.get_state_display().lower()
        super().__init__(f"This adjudication is {state}. Nothing was changed.")
        self.code = adjudication.state


class GapsError(RefusedError):
    """Own scores whose rationale has a gap from a phrase prevent the consensus."""

    code = "gaps"
    status = 409

    def __init__(self, epochs: list[int]) -> None:
        places = ", ".join(str(epoch + 1) for epoch in epochs)
        super().__init__(
            f"The rationale that you wrote has a gap ({GAP}).",
            where=f"epoch {places}",
            advice="Write what belongs there first.",
        )
        self.more = {"epochs": epochs}


class UndecidedError(RefusedError):
    """Epochs without a decision prevent the consensus."""

    code = "undecided"
    status = 409

    def __init__(self, epochs: list[int]) -> None:
        super().__init__(f"{len(epochs)} epochs are not settled yet. Settle them first.")
        self.more = {"epochs": epochs}


class OutdatedPreviewError(RefusedError):
    """The rule would settle something else than its preview showed."""

    code = "outdated"
    status = 409
    default = "Epochs were decided since this preview. Nothing was settled. Preview the rule again."
