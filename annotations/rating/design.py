"""The design of a rating study, and its checks."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.rating.models import RatingArm, RatingStudy
from annotations.scoring.models import Scoring
from annotations.visibility import eligible_raters, refuse_unaided_nights
from psg.errors import RefusedError
from studies.models import Study, User

MOST_ITEMS = 500
MOST_CALIBRATION = 40
CONTROL_LABEL = "Control items"


class RatingDesignError(RefusedError):
    """The design is not possible; the message gives the reason and the remedy."""


@dataclass(frozen=True)
class ArmDesign:
    """An arm: its scorings, the number of items, and whether they are control items."""

    label: str
    scorings: Sequence[Scoring]
    item_count: int
    kind: RatingArm.Kind = RatingArm.Kind.SOURCE


@dataclass(frozen=True)
class RatingDesign:
    """The design of a rating study; with the seed it determines all items."""

    title: str
    arms: Sequence[ArmDesign]
    raters: Sequence[User]
    raters_per_item: int
    repeat_percent: int
    seed: int
    reference: Sequence[Scoring] = ()
    """Whose stages count as correct, on the recordings they cover."""
    calibration_count: int = 0
    calibration_pass_percent: int = 70
    own_stage_first: bool = False
    same_epochs: bool = False
    """Every source arm is rated on the same epochs, those that all have words about."""

    @property
    def item_count(self) -> int:
        return sum(arm.item_count for arm in self.arms)

    def as_json(self) -> dict[str, object]:
        """Return the design as it is kept with the study."""
        return {
            "arms": [
                {
                    "label": arm.label,
                    "kind": arm.kind.value,
                    "items": arm.item_count,
                    "scorings": [scoring.pk for scoring in arm.scorings],
                }
                for arm in self.arms
            ],
            "items": self.item_count,
            "raters_per_item": self.raters_per_item,
            "repeat_percent": self.repeat_percent,
            "calibration_items": self.calibration_count,
            "reference": [scoring.pk for scoring in self.reference],
            "same_epochs": self.same_epochs,
        }


def equal_arms(
    sources: Sequence[tuple[str, Sequence[Scoring]]], *, item_count: int, control_percent: int = 0
) -> list[ArmDesign]:
    """Share the items out equally, and set apart some for a known-wrong control over all arms."""
    controls = round(item_count * control_percent / 100)
    each, rest = divmod(item_count - controls, len(sources)) if sources else (0, 0)
    labels = _distinct([label for label, _ in sources])
    arms = [
        ArmDesign(label, scorings, each + (place < rest))
        for place, (label, (_, scorings)) in enumerate(zip(labels, sources, strict=True))
    ]
    if controls:
        everything = [scoring for _, scorings in sources for scoring in scorings]
        arms.append(ArmDesign(CONTROL_LABEL, everything, controls, RatingArm.Kind.CONTROL))
    return arms


def _distinct(labels: Sequence[str]) -> list[str]:
    """Number labels that occur twice, because two people may have the same name."""
    return [
        f"{label[:110]} ({place})" if labels.count(label) > 1 or label == CONTROL_LABEL else label
        for place, label in enumerate(labels, start=1)
    ]


def check_design(study: Study, design: RatingDesign, user: User | None) -> None:
    """Refuse what makes no study, and texts of recordings that are closed to who designs it.

    Raises
    ------
    RatingDesignError, UnaidedNightsError
    """
    check_raters(study, design.raters)
    if not 1 <= design.raters_per_item <= len(design.raters):
        raise RatingDesignError(
            f"Each item needs {design.raters_per_item} raters; {len(design.raters)} are selected."
        )
    if not design.arms or any(not arm.scorings for arm in design.arms):
        raise RatingDesignError("Choose at least one source of rationales.")
    if design.item_count > MOST_ITEMS:
        raise RatingDesignError(f"A rating study can have at most {MOST_ITEMS} items.")
    outside = [s for arm in design.arms for s in arm.scorings if s.recording.study_id != study.pk]
    if outside:
        raise RatingDesignError("Choose scorings of this study only.")
    if user:
        drawn = [scoring for arm in design.arms for scoring in arm.scorings]
        refuse_unaided_nights({s.recording_id for s in (*drawn, *design.reference)}, user)


def check_raters(study: Study, raters: Sequence[User]) -> None:
    if not raters:
        raise RatingDesignError("Choose at least one rater.")
    able = {user.pk for user in eligible_raters(study)}
    for rater in raters:
        if rater.pk not in able:
            raise RatingDesignError(
                f"{rater} cannot rate blind: raters need the rater role, must not be, or have "
                "been, lead, adjudicator or viewer of the study, and must never have been able to "
                "download a release of it."
            )


def panel_of(rating_study: RatingStudy) -> list[User]:
    """Return the raters in the order in which the assignment counts them."""
    seats = rating_study.panel.select_related("rater").order_by("pk")
    return [seat.rater for seat in seats]
