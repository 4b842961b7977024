"""What a rater gets to see. No field of an item's source is ever named in this module."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from annotations.models import RatingSlot, RatingStudy
from annotations.queries.epoch_images import epoch_pixels, open_signals
from psg.render import png_bytes
from psg.signalstore import SignalStore, StoreHeader
from studies.models import User

# Where an image stands beside the target epoch.
STEPS: Final = {"previous": -1, "target": 0, "next": 1}


@dataclass(frozen=True)
class QueueEntry:
    """One place in the queue; `repeat` is not told, repeats look like any other item."""

    code: str
    place: int
    complete: bool


# All that is read of an item. Arm, source, reference and the text as written stay in the database.
READ_OF_ITEMS: Final = (
    "code",
    "place",
    "item__rating_study",
    "item__phase",
    "item__epoch",
    "item__stage",
    "item__rules",
    "item__words",
    "item__rule_edition",
    "item__signal_sha256",
    "item__recording__epoch_count",
    "item__recording__signals_file",
)


class SignalsChangedError(Exception):
    """The stored signals are not those that were frozen; what was frozen cannot be shown."""


def slots_of(user: User) -> "QuerySet[RatingSlot]":
    """Return the user's slots with what showing them needs, and nothing of their source."""
    slots = RatingSlot.objects.of(user).select_related("item__recording", "rating")
    return slots.only(*READ_OF_ITEMS, "rating")


def queue_of(user: User, rating_study: RatingStudy) -> list[QueueEntry]:
    found = RatingSlot.objects.of(user).filter(item__rating_study=rating_study)
    rows = found.order_by("place").values_list("code", "place", "rating__complete")
    return [QueueEntry(str(code), place, bool(complete)) for code, place, complete in rows]


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


def signal_layout(slot: RatingSlot) -> dict[str, Any]:
    """Describe the records that `signals_of` returns; `target` is the place of the target."""
    window = slot.item.window
    with open_signals(slot.item.recording) as store:
        return {
            "epoch_count": len(window),
            "target": slot.item.epoch - window.start,
            "derivations": [str(derivation) for derivation in store.derivations],
            "record_size": store.record_size,
            "channels": _channels(store.header),
        }


def _channels(header: StoreHeader) -> list[dict[str, Any]]:
    return [
        {
            "name": channel.name,
            "sfreq_hz": channel.sfreq_hz,
            "samples_per_epoch": channel.samples_per_epoch,
            "scale_uv": channel.scale_uv,
            "offset_bytes": offset,
        }
        for channel, offset in zip(header.channels, header.offsets_bytes(), strict=True)
    ]
