"""Freezing what raters will look at: the hash of its image and of its stored signal."""

import hashlib
from collections.abc import Sequence
from itertools import groupby

from annotations.models import RatingItem
from annotations.queries.epoch_images import epoch_pixels, open_signals
from psg.render import RENDERER_VERSION, pixel_sha256


def freeze_signals(items: Sequence[RatingItem]) -> None:
    """Write the hashes into the items, night by night, so that each store is opened once."""
    by_night = sorted(items, key=lambda item: (item.recording_id, item.epoch))
    for _, group in groupby(by_night, key=lambda item: item.recording_id):
        night = list(group)
        with open_signals(night[0].recording) as store:
            for item in night:
                window = item.window
                records = store.read_record(window.start, len(window))
                item.signal_sha256 = hashlib.sha256(records).hexdigest()
                item.pixel_sha256 = pixel_sha256(epoch_pixels(store, item.epoch))
                item.renderer_version = RENDERER_VERSION
    RatingItem.objects.bulk_update(
        items, ["signal_sha256", "pixel_sha256", "renderer_version"], batch_size=100
    )
