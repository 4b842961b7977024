"""What a rater sees of a rating study. This module names no field of an item's source."""

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from annotations.rating.calibration import calibration_of, calibrations_of
from annotations.rating.errors import SignalsChangedError
from annotations.rating.models import RatingRater, RatingSlot, RatingStudy
from annotations.visibility import rating_slots_of, slots_in_rated_studies, without_barred
from psg.display import raw_derivations
from psg.filters import MAINS_HZ
from psg.render import png_bytes
from psg.signalstore import SignalStore
from recordings.images import epoch_pixels, open_signals
from studies.models import User

# Where an image stands beside the target epoch.
STEPS: Final = {"previous": -1, "target": 0, "next": 1}


@dataclass(frozen=True)
class QueueEntry:
    """A place in the queue; a hidden repeat looks like any other item."""

    code: str
    place: int
    complete: bool
    """Fully rated, and in the calibration round with the reference scores seen."""
    calibration: bool


@dataclass(frozen=True)
class Gate:
    """The state of a rater's calibration round, with a text once the round is over."""

    state: str
    title: str = ""
    words: str = ""


# All that is read of an item. Arm, source, reference and the text as written stay in the database.
READ_OF_ITEMS: Final = (
    "code",
    "place",
    "repeat",
    "own_stage",
    "gold_shown_at",
    "item__rating_study__own_stage_first",
    "item__phase",
    "item__epoch",
    "item__stage",
    "item__rules",
    "item__words",
    "item__rule_edition",
    "item__signal_sha256",
    "item__recording__epoch_count",
    "item__recording__signals_file",
    "item__recording__raw_file",
    "item__recording__derivations",
    "item__recording__mains_hz",
)


def slots_of(user: User, *, code: UUID | str | None = None) -> "QuerySet[RatingSlot]":
    """Return the slots of a user, or the one with this code, as showing them needs it.

    Nothing of the source is read.
    """
    slots = rating_slots_of(user, code=code)
    slots = slots.select_related("item__recording", "item__rating_study", "rating")
    return slots.only(*READ_OF_ITEMS, "rating")


def queue_of(user: User, rating_study: RatingStudy) -> list[QueueEntry]:
    slots = rating_slots_of(user).filter(item__rating_study=rating_study)
    entries = slots.select_related("item", "rating").only(
        "code", "place", "repeat", "gold_shown_at", "item__phase", "rating__complete"
    )
    return [_entry(slot) for slot in entries.order_by("place")]


def _entry(slot: RatingSlot) -> QueueEntry:
    rating = getattr(slot, "rating", None)
    return QueueEntry(
        code=str(slot.code),
        place=slot.place,
        complete=bool(rating and rating.complete)
        and bool(slot.gold_shown_at or not slot.is_calibration),
        calibration=slot.is_calibration,
    )


def gate_of(user: User, rating_study: RatingStudy) -> Gate:
    """Return whether the user is in the calibration round, held, or in the main round."""
    seat = RatingRater.objects.select_related("rating_study").get(
        rating_study=rating_study, rater_id=user.pk
    )
    calibration = calibration_of(seat)
    if calibration is None:
        return Gate("none")
    if not calibration.is_over:
        return Gate("calibrating")
    met = f"Within 1 point of the reference scores: {calibration.met} of {calibration.total} scores"
    pass_mark = f"the pass mark is {calibration.pass_percent} %"
    if calibration.is_held:
        return Gate(
            "held",
            "Calibration not passed; waiting for the lead",
            f"{met}; {pass_mark}. The lead of the study can allow you to continue. "
            "Your ratings are safe.",
        )
    return Gate("passed", "Calibration passed", f"{met}. The main round is open.")


def image_of(slot: RatingSlot, step: int) -> bytes | None:
    """Return the PNG of the target or a neighbour as a model sees it; None where none exists.

    Raises
    ------
    SignalsChangedError
    """
    epoch = slot.item.epoch + step
    if epoch not in slot.item.window:
        return None
    with open_signals(slot.item.recording) as store:
        _frozen_records(slot, store)
        return png_bytes(epoch_pixels(store, epoch))


def signals_of(slot: RatingSlot) -> bytes:
    """Return the epoch records of the window, as they were frozen.

    Raises
    ------
    SignalsChangedError
    """
    with open_signals(slot.item.recording) as store:
        return _frozen_records(slot, store)


def _frozen_records(slot: RatingSlot, store: SignalStore) -> bytes:
    """Read the window; studies launched before signals were hashed have nothing to compare."""
    window, frozen = slot.item.window, slot.item.signal_sha256
    records = store.read_record(window.start, len(window))
    if frozen and hashlib.sha256(records).hexdigest() != frozen:
        raise SignalsChangedError
    return records


def signal_layout(slot: RatingSlot) -> dict[str, object]:
    """Describe the records that `signals_of` returns; `target` is the place of the target."""
    window = slot.item.window
    with open_signals(slot.item.recording) as store:
        return {
            "epoch_count": len(window),
            "target": slot.item.epoch - window.start,
            "derivations": [str(derivation) for derivation in store.derivations],
            "has_raw": bool(slot.item.recording.raw_file),
            "record_size": store.record_size,
            "channels": store.header.describe_channels(),
        }


def raw_signals_of(slot: RatingSlot) -> bytes | None:
    """Return the unfiltered records of the window; None where the night has none."""
    file = slot.item.recording.raw_file
    if not file:
        return None
    window = slot.item.window
    with SignalStore.open(file.open("rb")) as store:
        return store.read_record(window.start, len(window))


def raw_layout(slot: RatingSlot) -> dict[str, object] | None:
    """Describe the records of `raw_signals_of`, and how the derivations are made of them."""
    recording = slot.item.recording
    if not recording.raw_file:
        return None
    with SignalStore.open(recording.raw_file.open("rb")) as store:
        return {
            "epoch_count": len(slot.item.window),
            "record_size": store.record_size,
            "channels": store.header.describe_channels(),
            "mains_hz": recording.mains_hz or MAINS_HZ,
            "derivations": raw_derivations(store.header, recording.derivations, recording.mains_hz),
        }


# Rating studies on the home page of a rater


@dataclass(frozen=True)
class RatingQueue:
    """The progress of a rater in a rating study, the main round included before it opens."""

    study: RatingStudy
    rated: int
    total: int
    is_held: bool = False
    """Whether the rater did not pass the calibration round and waits for the lead."""

    @property
    def left(self) -> int:
        return self.total - self.rated


def rating_queues(user: User) -> list[RatingQueue]:
    slots = (
        without_barred(slots_in_rated_studies(user), user)
        .filter(item__rating_study__study__archived_at=None)
        .values(study_id=F("item__rating_study"))
        .annotate(
            total=Count("pk", distinct=True),
            rated=Count("rating", filter=Q(rating__complete=True), distinct=True),
        )
    )
    studies = RatingStudy.objects.select_related("study").in_bulk([s["study_id"] for s in slots])
    seats = RatingRater.objects.filter(rater_id=user.pk, rating_study__in=studies)
    calibrations = calibrations_of(seats.select_related("rating_study"))
    held = {calibration.seat.rating_study_id for calibration in calibrations if calibration.is_held}
    queues = [
        RatingQueue(studies[s["study_id"]], s["rated"], s["total"], s["study_id"] in held)
        for s in slots
    ]
    return sorted(queues, key=lambda queue: (queue.left == 0, queue.study.pk))
