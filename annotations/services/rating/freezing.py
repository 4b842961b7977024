"""Freezing what raters will look at: the hash of its image and of its stored signal."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby

from annotations.models import RatingItem, RatingStudy
from annotations.queries.epoch_images import epoch_pixels, open_signals
from annotations.services.rating.design import RatingDesignError
from psg.errors import PsgError
from psg.render import RENDERER_VERSION, pixel_sha256

# So many images are drawn between two signs of life; a night has hundreds of them.
ITEMS_A_BATCH = 10
HASHES = ("signal_sha256", "pixel_sha256", "renderer_version")


def left_to_freeze(rating_study: RatingStudy) -> Iterator[list[RatingItem]]:
    """Yield the items without hashes in batches, each of one night."""
    frozen = rating_study.items.exclude(signal_sha256="").filter(renderer_version=RENDERER_VERSION)
    left = rating_study.items.exclude(pk__in=frozen).select_related("recording")
    ordered = left.order_by("recording_id", "epoch", "pk")
    for _, night in groupby(ordered, key=lambda item: item.recording_id):
        items = list(night)
        for start in range(0, len(items), ITEMS_A_BATCH):
            yield items[start : start + ITEMS_A_BATCH]


def hash_items(items: Sequence[RatingItem]) -> None:
    """Set the hashes of items of one night; they are not saved yet.

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
