"""Rating studies before launch: drawn, looked at, drawn again, given gold scores, thrown away."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from annotations.rating.design import RatingDesign, RatingDesignError, check_design
from annotations.rating.drawing import draw, write_items
from annotations.rating.models import (
    DIMENSIONS,
    RatingArm,
    RatingGold,
    RatingItem,
    RatingRater,
    RatingStudy,
    RatingStudyEvent,
)
from annotations.rating.sampling import DRAWING_VERSION
from annotations.rating.seats import seating_of
from studies.models import Study, User


@transaction.atomic
def draw_rating_study(*, study: Study, design: RatingDesign, user: User | None) -> RatingStudy:
    """Make a draft: its items are drawn and their words copied, and nobody rates yet.

    Raises
    ------
    RatingDesignError
    """
    check_design(study, design, user)
    rating_study = RatingStudy(study=study, created_by=user)
    return _draw(rating_study, design, user)


@transaction.atomic
def redraw_rating_study(
    *, rating_study: RatingStudy, design: RatingDesign, user: User | None
) -> RatingStudy:
    """Draw a draft anew. Its gold scores go with the items they were about.

    Raises
    ------
    RatingDesignError
    """
    rating_study = locked_draft(rating_study)
    check_design(rating_study.study, design, user)
    _clear(rating_study)
    return _draw(rating_study, design, user)


def _draw(rating_study: RatingStudy, design: RatingDesign, user: User | None) -> RatingStudy:
    drawing = draw(design)
    if not drawing.items:
        raise RatingDesignError(_nothing_to_rate(design))
    rating_study.title = design.title
    rating_study.seed = design.seed
    rating_study.own_stage_first = design.own_stage_first
    rating_study.calibration_pass_percent = design.calibration_pass_percent
    rating_study.design = design.as_json()
    rating_study.drawing_version = DRAWING_VERSION
    rating_study.shared_epochs = drawing.shared_epochs
    rating_study.error = ""
    rating_study.save()
    for rater in design.raters:
        RatingRater.objects.create(rating_study=rating_study, rater=rater)
    write_items(rating_study, _write_arms(rating_study, design, drawing.frame), drawing.items)
    seating_of(rating_study)  # refuses items that nobody could rate
    RatingStudyEvent.objects.create(
        rating_study=rating_study, kind=RatingStudyEvent.Kind.DRAWN, user=user
    )
    return rating_study


def _nothing_to_rate(design: RatingDesign) -> str:
    if design.same_epochs:
        return (
            "No epoch with signals has a rationale of every arm. Use different epochs per arm "
            "or choose other sources."
        )
    return "These scorings have no rationales for epochs with signals. Choose other sources."


def _write_arms(
    rating_study: RatingStudy, design: RatingDesign, frame: Sequence[int]
) -> list[RatingArm]:
    arms = []
    for place, arm_design in enumerate(design.arms):
        arm = RatingArm.objects.create(
            rating_study=rating_study,
            label=arm_design.label,
            kind=arm_design.kind,
            place=place,
            rationale_count=frame[place],
        )
        arm.scorings.set(arm_design.scorings)
        arms.append(arm)
    return arms


def locked_draft(rating_study: RatingStudy) -> RatingStudy:
    locked = RatingStudy.objects.select_for_update(of=("self",)).get(pk=rating_study.pk)
    if locked.is_busy:
        raise RatingDesignError("The study is being launched and cannot be changed.")
    if not locked.is_draft:
        raise RatingDesignError(
            "The study is already launched. Its items cannot be generated again."
        )
    return locked


def _clear(rating_study: RatingStudy) -> None:
    RatingGold.objects.filter(item__rating_study=rating_study).delete()
    rating_study.items.all().delete()
    rating_study.arms.all().delete()
    rating_study.panel.all().delete()


@transaction.atomic
def discard_draft(*, rating_study: RatingStudy) -> None:
    """Throw a draft away; nobody has rated anything of it.

    Raises
    ------
    RatingDesignError
    """
    rating_study = locked_draft(rating_study)
    _clear(rating_study)
    rating_study.events.all().delete()
    rating_study.delete()


@transaction.atomic
def set_gold(
    *, item: RatingItem, scores: Mapping[str, int | None], feedback: str, user: User | None
) -> RatingGold:
    """Set the reference scores of a calibration item of a draft, and the feedback for raters.

    Raises
    ------
    RatingDesignError
    """
    locked_draft(item.rating_study)
    given = {name: scores.get(name) for name in DIMENSIONS}
    if item.phase != RatingItem.Phase.CALIBRATION:
        raise RatingDesignError("Only calibration items have reference scores.")
    if not any(given.values()) or not feedback.strip():
        raise RatingDesignError(
            "Enter at least one reference score and feedback for raters.", where=str(item.code)
        )
    gold, _ = RatingGold.objects.update_or_create(
        item=item,
        defaults={**given, "feedback": feedback.strip(), "set_by": user, "set_at": timezone.now()},
    )
    return gold
