"""Launching as work: asked for, frozen night by night under a lease, opened at once or refused."""

from django.db import transaction
from django.utils import timezone

from annotations.models import RatingItem, RatingSlot, RatingStudy, RatingStudyEvent
from annotations.services import leases
from annotations.services.rating.design import RatingDesignError, check_raters, panel_of
from annotations.services.rating.drafts import locked_draft
from annotations.services.rating.freezing import HASHES, hash_items, left_to_freeze
from annotations.services.rating.seats import seating_of, slots_of_seating
from studies.models import User

State = RatingStudy.State
Kind = RatingStudyEvent.Kind


@transaction.atomic
def ask_to_launch(*, rating_study: RatingStudy, user: User | None) -> RatingStudy:
    """Put a draft on the list of the worker, unchangeable from now on; the caller enqueues it.

    Raises
    ------
    RatingDesignError
        When gold scores are missing, or a rater is not blind any more.
    """
    draft = locked_draft(rating_study)
    refuse_unready(draft)
    # What an earlier launch froze before it was refused may have changed since.
    draft.items.update(signal_sha256="", pixel_sha256="")
    draft.state = State.LAUNCHING
    draft.done, draft.total, draft.attempt = 0, draft.items.count(), 0
    draft.error = ""
    draft.save(update_fields=["state", "done", "total", "attempt", "error"])
    RatingStudyEvent.objects.create(rating_study=draft, kind=Kind.ASKED, user=user)
    return draft


def refuse_unready(rating_study: RatingStudy) -> None:
    """Refuse to launch what is not ready for its raters, or whose raters are not blind.

    Raises
    ------
    RatingDesignError
    """
    check_raters(rating_study.study, panel_of(rating_study))
    calibration = rating_study.items.filter(phase=RatingItem.Phase.CALIBRATION)
    if without_gold := calibration.filter(gold__isnull=True).count():
        raise RatingDesignError(
            f"{without_gold} of {calibration.count()} calibration items have no gold scores."
        )


def claim_launch(*, rating_study_id: int) -> RatingStudy | None:
    """Take a study that is to be launched and that no worker has; None where there is none."""
    return leases.claim(RatingStudy.objects.select_related("study"), rating_study_id)


def freeze_and_open(rating_study: RatingStudy) -> None:
    """Freeze what is left of a claimed study, then give every rater a queue.

    Raises
    ------
    RatingDesignError
        When a night is lost, or what `ask_to_launch` looked at has changed meanwhile.
    LeaseLostError
    """
    _freeze(rating_study)
    _open(rating_study)


def _freeze(rating_study: RatingStudy) -> None:
    batches = list(left_to_freeze(rating_study))
    total = rating_study.items.count()
    done = total - sum(map(len, batches))
    leases.renew(rating_study, done=done, total=total)
    for batch in batches:
        hash_items(batch)
        done += len(batch)
        with transaction.atomic():
            # The lease first: who has lost it writes nothing.
            leases.renew(rating_study, done=done, total=total)
            RatingItem.objects.bulk_update(batch, HASHES)


@transaction.atomic
def _open(rating_study: RatingStudy) -> None:
    refuse_unready(rating_study)
    slots = slots_of_seating(seating_of(rating_study), rating_study)
    leases.settle(rating_study, state=State.OPEN, error="", launched_at=timezone.now())
    RatingSlot.objects.bulk_create(slots)
    asked = rating_study.events.filter(kind=Kind.ASKED).select_related("user").latest("pk")
    RatingStudyEvent.objects.create(rating_study=rating_study, kind=Kind.LAUNCHED, user=asked.user)


def work_on_launch(*, rating_study_id: int) -> None:
    """Launch one study unless another worker does; asked twice it is launched once."""
    rating_study = claim_launch(rating_study_id=rating_study_id)
    if rating_study is not None:
        leases.attempt(
            rating_study, freeze_and_open, give_up=_make_draft, refusals=(RatingDesignError,)
        )


def launches_to_enqueue() -> list[int]:
    """Return the studies that no worker has, after giving up those tried often enough."""
    return leases.to_enqueue(
        RatingStudy.objects.all(),
        give_up=_make_draft,
        error="The worker stopped three times while freezing this. Nobody was asked to rate.",
    )


def launch_rating_study(*, rating_study: RatingStudy, user: User | None) -> RatingStudy:
    """Launch a draft here and now, as a worker would.

    Raises
    ------
    RatingDesignError
        It is a draft again, and keeps the reason.
    """
    with transaction.atomic():
        asked = ask_to_launch(rating_study=rating_study, user=user)
        claimed = claim_launch(rating_study_id=asked.pk)
    assert claimed is not None  # no worker could see it before
    try:
        freeze_and_open(claimed)
    except RatingDesignError as refused:
        leases.give_back(claimed, error=str(refused), give_up=_make_draft, is_final=True)
        raise
    return claimed


@transaction.atomic
def _make_draft(rating_study: RatingStudy, error: str) -> None:
    leases.settle(rating_study, state=State.DRAFT, error=error)
    RatingStudyEvent.objects.create(
        rating_study=rating_study, kind=Kind.REFUSED, user=None, reason=error
    )
