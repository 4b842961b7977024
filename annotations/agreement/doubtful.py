"""The most uncertain nights: models give low probabilities, or scorings disagree."""

from dataclasses import dataclass

import numpy as np

from annotations.agreement.measures import defined
from annotations.agreement.sheet import Sheet, SheetRow
from psg.agreement import category_counts
from psg.stages import STAGES

ORDERS = ("uncertainty", "disagreement")
UNSURE_BELOW = 0.5


@dataclass(frozen=True)
class DoubtfulNight:
    """A night; a number is None where no epoch counts for it."""

    night: SheetRow
    uncertainty: float | None
    """Mean over epochs of 1 minus the lowest probability that a model gives for its stage."""
    unsure_epochs: int
    """Epochs with a probability below UNSURE_BELOW."""
    epochs_with_probability: int
    """Epochs with a probability."""
    disagreement: float | None
    """Share of `compared_epochs` with a disagreement."""
    differing_epochs: int
    compared_epochs: int
    """Epochs with two or more scorers."""
    has_people: bool
    """Whether a finished scoring by a person or from a file exists."""

    def by(self, order: str) -> float | None:
        """Return the number of one of the ORDERS."""
        return self.disagreement if order == "disagreement" else self.uncertainty

    def as_json(self) -> dict[str, object]:
        recording = self.night.recording
        return {
            "recording": recording.name,
            "id": recording.pk,
            "uncertainty": self.uncertainty,
            "unsure_epochs": self.unsure_epochs,
            "epochs_with_probability": self.epochs_with_probability,
            "disagreement": self.disagreement,
            "differing_epochs": self.differing_epochs,
            "compared_epochs": self.compared_epochs,
            "scored_by_people": self.has_people,
        }


def doubtful_nights(sheet: Sheet, *, order: str = "uncertainty") -> list[DoubtfulNight]:
    """Return every night of the sheet by one of the ORDERS, the largest first, None last."""
    nights = [_doubtful(sheet, night) for night in sheet.nights]

    def doubt(night: DoubtfulNight) -> float:
        value = night.by(order)
        return -1.0 if value is None else value

    return sorted(nights, key=doubt, reverse=True)


def _doubtful(sheet: Sheet, night: SheetRow) -> DoubtfulNight:
    certainty = sheet.certainty(night)
    given = int((~np.isnan(certainty)).sum())
    counts = category_counts(sheet.codes(night), len(STAGES))
    compared = counts.sum(axis=1) > 1
    differing = int((compared & (counts.max(axis=1) < counts.sum(axis=1))).sum())
    kinds = {scoring.scorer.kind for scoring in night.scorings.values()}
    return DoubtfulNight(
        night=night,
        uncertainty=defined(float(1 - np.nanmean(certainty))) if given else None,
        unsure_epochs=int((certainty < UNSURE_BELOW).sum()),
        epochs_with_probability=given,
        disagreement=differing / int(compared.sum()) if compared.any() else None,
        differing_epochs=differing,
        compared_epochs=int(compared.sum()),
        has_people=bool(kinds - {"model"}),
    )
