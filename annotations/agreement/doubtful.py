"""Which nights to look at first: where models are least sure, or scorings differ most."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations.agreement.measures import known
from annotations.agreement.sheet import Sheet, SheetRow
from psg.agreement import category_counts
from psg.stages import STAGES

ORDERS = ("uncertainty", "disagreement")
UNSURE_BELOW = 0.5


@dataclass(frozen=True)
class DoubtfulNight:
    """One night. Numbers are None where there is nothing to count them over."""

    night: SheetRow
    uncertainty: float | None
    """Mean over epochs of one less the probability of the stage given, by the least sure model."""
    unsure_epochs: int
    """Epochs whose stage has a probability below UNSURE_BELOW."""
    asked_epochs: int
    """Epochs with a probability."""
    disagreement: float | None
    """Share of the epochs scored twice on which not all say the same."""
    differing_epochs: int
    compared_epochs: int
    has_people: bool
    """Whether a person or a file has scored it to the end."""

    def as_json(self) -> dict[str, Any]:
        recording = self.night.recording
        return {
            "recording": recording.name,
            "id": recording.pk,
            "uncertainty": self.uncertainty,
            "unsure_epochs": self.unsure_epochs,
            "epochs_with_probability": self.asked_epochs,
            "disagreement": self.disagreement,
            "differing_epochs": self.differing_epochs,
            "compared_epochs": self.compared_epochs,
            "scored_by_people": self.has_people,
        }


def doubtful_nights(sheet: Sheet, *, order: str = "uncertainty") -> list[DoubtfulNight]:
    """Every night of the sheet, the most doubtful first; those without the number last."""
    nights = [_doubtful(sheet, night) for night in sheet.nights]

    def doubt(one: DoubtfulNight) -> float:
        value = one.disagreement if order == "disagreement" else one.uncertainty
        return -1.0 if value is None else value

    return sorted(nights, key=doubt, reverse=True)


def _doubtful(sheet: Sheet, night: SheetRow) -> DoubtfulNight:
    certainty = sheet.certainty(night)
    asked = int((~np.isnan(certainty)).sum())
    counts = category_counts(sheet.codes(night), len(STAGES))
    compared = counts.sum(axis=1) > 1
    differing = int((compared & (counts.max(axis=1) < counts.sum(axis=1))).sum())
    kinds = {scoring.scorer.kind for scoring in night.scorings.values()}
    return DoubtfulNight(
        night=night,
        uncertainty=known(float(1 - np.nanmean(certainty))) if asked else None,
        unsure_epochs=int((certainty < UNSURE_BELOW).sum()),
        asked_epochs=asked,
        disagreement=differing / int(compared.sum()) if compared.any() else None,
        differing_epochs=differing,
        compared_epochs=int(compared.sum()),
        has_people=bool(kinds - {"model"}),
    )
