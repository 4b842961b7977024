"""How a rater stands in the calibration round: gold scores met within one point."""

from collections.abc import Iterable
from dataclasses import dataclass

from annotations.models import Rating, RatingGold, RatingRater, RatingSlot

WITHIN = 1


@dataclass(frozen=True)
class Calibration:
    """The calibration round of one rater, as far as it has come."""

    seat: RatingRater
    items: int
    shown: int
    """Of how many items the gold was shown, so that their ratings stand."""
    met: int
    asked: int

    @property
    def percent(self) -> float | None:
        return 100 * self.met / self.asked if self.asked else None

    @property
    def is_over(self) -> bool:
        return self.shown == self.items

    @property
    def is_met(self) -> bool:
        """Whether the threshold is reached; a round that holds nothing against anybody is."""
        return self.percent is None or self.percent >= self.pass_percent

    @property
    def pass_percent(self) -> int:
        return self.seat.rating_study.calibration_pass_percent

    @property
    def is_held(self) -> bool:
        """Whether the rater missed the threshold and waits for the lead."""
        return self.is_over and not self.seat.may_go_on


def calibration_of(seat: RatingRater) -> Calibration | None:
    """Return how one rater stands; None where they have no calibration round."""
    mine = RatingSlot.objects.calibration().filter(
        rater_id=seat.rater_id, item__rating_study_id=seat.rating_study_id
    )
    slots = list(mine.select_related("item__gold", "rating"))
    if not slots:
        return None
    shown = [slot for slot in slots if slot.gold_shown_at]
    pairs = [met_and_asked(slot.rating, slot.item.gold) for slot in shown]
    return Calibration(
        seat=seat,
        items=len(slots),
        shown=len(shown),
        met=sum(met for met, _ in pairs),
        asked=sum(asked for _, asked in pairs),
    )


def calibrations_of(seats: Iterable[RatingRater]) -> list[Calibration]:
    """Return the calibration rounds of those raters who have one."""
    return [found for seat in seats if (found := calibration_of(seat))]


def met_and_asked(rating: Rating, gold: RatingGold) -> tuple[int, int]:
    """Count the gold scores met within one point; "cannot judge" meets none of them."""
    asked = gold.scores
    given = {name: getattr(rating, name) for name in asked}
    met = sum(
        given[name] is not None and abs(given[name] - score) <= WITHIN
        for name, score in asked.items()
    )
    return met, len(asked)
