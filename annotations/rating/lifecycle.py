"""Launching a rating study as a background task, then closing and unblinding it."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from annotations.exposure import lock_people
from annotations.rating.design import RatingDesignError, check_raters, panel_of
from annotations.rating.drafts import locked_draft
from annotations.rating.models import RatingItem, RatingSlot, RatingStudy, RatingStudyEvent
from annotations.rating.notices import tell_launch, tell_opened
from annotations.rating.seats import seating_of, slots_of_seating
from jobs.kinds import JobKind
from psg.errors import PsgError, RefusedError
from psg.render import RENDERER_VERSION, pixel_sha256
from recordings.images import epoch_pixels, open_signals
from studies.audit import record
from studies.models import Act, User

# Number of images that are drawn between two renewals of the lease.
ITEMS_A_BATCH = 10
HASHES = ("signal_sha256", "pixel_sha256", "renderer_version")


def left_to_freeze(rating_study: RatingStudy) -> Iterator[list[RatingItem]]:
    """Yield the items without hashes in batches; the items of a batch are of the same night."""
    frozen = rating_study.items.exclude(signal_sha256="").filter(renderer_version=RENDERER_VERSION)
    left = rating_study.items.exclude(pk__in=frozen).select_related("recording")
    ordered = left.order_by("recording_id", "epoch", "pk")
    for _, night in groupby(ordered, key=lambda item: item.recording_id):
        items = list(night)
        for start in range(0, len(items), ITEMS_A_BATCH):
            yield items[start : start + ITEMS_A_BATCH]


def hash_items(items: Sequence[RatingItem]) -> None:
    """Set the hashes of items of the same night without saving them.

    Raises
    ------
    RatingDesignError
        When the signal of the night is gone or damaged.
    """
    recording = items[0].recording
    try:
        with open_signals(recording) as store:
            for item in items:
                records = store.read_record(item.window.start, len(item.window))
                item.signal_sha256 = hashlib.sha256(records).hexdigest()
                item.pixel_sha256 = pixel_sha256(epoch_pixels(store, item.epoch))
                item.renderer_version = RENDERER_VERSION
    except FileNotFoundError:
        raise _lost(recording.name, "its signals are gone from the server.") from None
    except PsgError as damaged:
        raise _lost(recording.name, str(damaged)) from damaged


def _lost(night: str, why: str) -> RatingDesignError:
    return RatingDesignError(f"{night} cannot be shown to raters: {why}")


# Launching: requested by the lead, frozen night by night by a worker, then opened or refused


State = RatingStudy.State
Kind = RatingStudyEvent.Kind


@transaction.atomic
def ask_to_launch(*, rating_study: RatingStudy, user: User | None) -> RatingStudy:
    """Close a draft to changes and let it wait for a worker; the caller sends the message.

    Raises
    ------
    RatingDesignError
        When reference scores are missing, or a rater is no longer blind.
    """
    draft = locked_draft(rating_study)
    refuse_unready(draft)
    # Signals may have changed since an earlier launch froze them and was then refused.
    draft.items.update(signal_sha256="", pixel_sha256="")
    draft.state = State.LAUNCHING
    draft.done, draft.total, draft.attempt = 0, draft.items.count(), 0
    draft.error = ""
    draft.save(update_fields=["state", "done", "total", "attempt", "error"])
    RatingStudyEvent.objects.create(rating_study=draft, kind=Kind.ASKED, user=user)
    return draft


def refuse_unready(rating_study: RatingStudy) -> None:
    """Refuse to launch a study without reference scores, or with raters who are not blind.

    Raises
    ------
    RatingDesignError
    """
    check_raters(rating_study.study, panel_of(rating_study))
    calibration = rating_study.items.filter(phase=RatingItem.Phase.CALIBRATION)
    if without_gold := calibration.filter(gold__isnull=True).count():
        raise RatingDesignError(
            f"{without_gold} of {calibration.count()} calibration items have no reference scores."
        )


def freeze_and_open(rating_study: RatingStudy) -> None:
    """Freeze the remaining items of a claimed study, then give every rater a queue.

    Raises
    ------
    RatingDesignError
        When the signals of a night are missing, or the study is no longer ready.
    LeaseLostError
    """
    _freeze(rating_study)
    _open(rating_study)


def _freeze(rating_study: RatingStudy) -> None:
    batches = list(left_to_freeze(rating_study))
    total = rating_study.items.count()
    done = total - sum(map(len, batches))
    rating_study.renew(done=done, total=total)
    for batch in batches:
        hash_items(batch)
        done += len(batch)
        with transaction.atomic():
            # The lease is renewed first: a worker that has lost it writes nothing.
            rating_study.renew(done=done, total=total)
            RatingItem.objects.bulk_update(batch, HASHES)


@transaction.atomic
def _open(rating_study: RatingStudy) -> None:
    lock_people(panel_of(rating_study))
    refuse_unready(rating_study)
    slots = slots_of_seating(seating_of(rating_study), rating_study)
    rating_study.settle(state=State.OPEN, error="", launched_at=timezone.now())
    RatingSlot.objects.bulk_create(slots)
    request = rating_study.events.filter(kind=Kind.ASKED).select_related("user").latest("pk")
    RatingStudyEvent.objects.create(
        rating_study=rating_study, kind=Kind.LAUNCHED, user=request.user
    )
    tell_opened(rating_study, panel_of(rating_study))


def launch_rating_study(*, rating_study: RatingStudy, user: User | None) -> RatingStudy:
    """Launch a draft in this process instead of a worker.

    Raises
    ------
    RatingDesignError
        When the launch is refused. The study is a draft again, with the reason.
    """
    with transaction.atomic():
        waiting = ask_to_launch(rating_study=rating_study, user=user)
        claimed = LAUNCHES.claim(waiting.pk)
    assert claimed is not None  # the transaction hides it from workers
    try:
        freeze_and_open(claimed)
    except RatingDesignError as refused:
        LAUNCHES.give_back(claimed, error=str(refused), is_final=True)
        raise
    return claimed


@transaction.atomic
def _make_draft(rating_study: RatingStudy, error: str) -> None:
    rating_study.settle(state=State.DRAFT, error=error)
    RatingStudyEvent.objects.create(
        rating_study=rating_study, kind=Kind.REFUSED, user=None, reason=error
    )
    tell_launch(rating_study)


LAUNCHES = JobKind(
    RatingStudy,
    work=freeze_and_open,
    give_up=_make_draft,
    stopped="The worker stopped three times. The study was not launched. Launch it again.",
    refusals=(RatingDesignError,),
    related=("study",),
)


# Closing and unblinding a launched study


@transaction.atomic
def close_rating_study(*, rating_study: RatingStudy, user: User | None) -> RatingStudy:
    """End the rating: ratings are kept, and new ones are refused."""
    rating_study = RatingStudy.objects.select_for_update(of=("self",)).get(pk=rating_study.pk)
    if rating_study.state == State.OPEN:
        rating_study.state = State.CLOSED
        rating_study.save(update_fields=["state"])
        RatingStudyEvent.objects.create(rating_study=rating_study, kind=Kind.CLOSED, user=user)
    return rating_study


class UnblindRefusedError(RefusedError):
    """The sources stay hidden; the message gives the reason."""

    status = 409


@transaction.atomic
def unblind(*, rating_study: RatingStudy, user: User, reason: str) -> RatingStudy:
    """Close the study and show its sources. The first user, time and reason are kept.

    Raises
    ------
    UnblindRefusedError
    """
    rating_study = RatingStudy.objects.select_for_update(of=("self",)).get(pk=rating_study.pk)
    if not rating_study.is_launched:
        raise UnblindRefusedError("A draft has no ratings, so it cannot be unblinded.")
    if not reason.strip():
        raise UnblindRefusedError("Enter a reason. It is stored with the rating study.")
    if rating_study.unblinded_at is None:
        rating_study = close_rating_study(rating_study=rating_study, user=user)
        event = RatingStudyEvent.objects.create(
            rating_study=rating_study, kind=Kind.UNBLINDED, user=user, reason=reason.strip()
        )
        rating_study.unblinded_at = event.at
        rating_study.unblinded_by = user
        rating_study.unblind_reason = event.reason
        rating_study.save(update_fields=["unblinded_at", "unblinded_by", "unblind_reason"])
        study, about = rating_study.study, rating_study.title
        record(Act.UNBLINDED, user=user, study=study, about=about, why=event.reason)
    return rating_study
