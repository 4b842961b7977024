"""Nights of any size: a nap of five epochs, and two days on end."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from annotations.scoring.models import Scoring
from psg.signalstore import MAGIC, PREFIX, SignalStore, data_offset
from tests.helpers.browser import StoredNight
from tests.helpers.workbench_page import Workbench


@pytest.fixture
def resize(night_scoring: Scoring, stored_hour: StoredNight) -> Callable[[int], Scoring]:
    """Make the night longer or shorter; what it did not have is silence, and takes no disk."""

    def make(epoch_count: int) -> Scoring:
        night = night_scoring.recording
        with SignalStore.open(stored_hour.signals) as store:
            records = store.read_record(0, min(epoch_count, store.epoch_count))
            head = replace(store.header, epoch_count=epoch_count).to_json()
            size = data_offset(head) + epoch_count * store.record_size
        with Path(night.signals_file.path).open("wb") as file:
            file.write(PREFIX.pack(MAGIC, len(head)) + head)
            file.seek(data_offset(head))
            file.write(records)
            file.truncate(size)
        night.epoch_count = epoch_count
        night.save()
        return night_scoring

    return make


@pytest.mark.parametrize("epoch_count", [5, 5000])
def test_a_night_of_any_size_is_opened_walked_and_scored(
    page_of: Callable[..., Page], annotator, resize: Callable[[int], Scoring], epoch_count: int
):
    scoring = resize(epoch_count)
    bench = Workbench(page_of(annotator), scoring).open(epoch=0)
    bench.expect_painted()
    bench.press("End")
    bench.expect_epoch(epoch_count)
    bench.expect_painted()
    assert bench.inked_pixels() > 1000
    bench.press("2")
    strip = bench.part("strip").bounding_box()
    bench.page.mouse.click(strip["x"] + strip["width"] / 2, strip["y"] + 20)
    slider = bench.page.get_by_role("slider", name="Hypnogram of the recording")
    expect(slider).to_have_attribute("aria-valuemax", str(epoch_count))
    reached = int(slider.get_attribute("aria-valuenow"))
    assert abs(reached - epoch_count / 2) <= 1 + epoch_count / strip["width"]
    bench.expect_saved()
    assert scoring.scores.get().epoch == epoch_count - 1
