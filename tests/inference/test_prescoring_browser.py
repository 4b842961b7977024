"""Pre-scoring pages: start a run, watch its progress, read failed epochs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from inference.adapters import RawReply
from inference.models import PreScoreRun
from inference.runs import work
from inference.runs.replies import store_replies
from inference.runs.work import CHUNKS
from jobs.workers import start_heartbeat, stop_heartbeat

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = '{"reasoning_text": "Alpha.", "applicable_rules": ["W.1"], "sleep_stage": "W"}'


@pytest.fixture
def page(page_of, lead) -> Page:
    return page_of(lead)


@pytest.fixture
def gpu_worker() -> Iterator[None]:
    """The sign of life of a worker; the work itself is done by the test."""
    start_heartbeat(name="test", queues=["gpu"], abilities=lambda: ["rules"])
    yield
    stop_heartbeat()


class OneFailure:
    """Answers GOOD but for epoch 40."""

    renderer_version = ""
    about: dict[str, str] = {}

    def replies(self, night, epochs):
        yield [RawReply(epoch=e, text="Perhaps <i>N2</i>?" if e == 40 else GOOD) for e in epochs]


def started(page: Page, night) -> PreScoreRun:
    page.goto(f"/recordings/{night.pk}/scorings/")
    page.get_by_role("button", name="Pre-score recording").click()
    expect(page.get_by_role("heading", name="AASM reader")).to_be_visible()
    return PreScoreRun.objects.get()


def test_a_run_without_a_worker_says_what_to_do(page, hour_night):
    started(page, hour_night)
    expect(page.get_by_text("No pre-scoring worker is running")).to_be_visible()


def test_a_run_is_watched_from_start_to_end(page, hour_night, gpu_worker, monkeypatch):
    run = started(page, hour_night)
    lease = CHUNKS.claim(run.chunks.first().pk)
    store_replies(chunk=lease, raw_replies=[RawReply(epoch=e, text=GOOD) for e in range(24)])
    expect(page.locator("[data-done]")).to_have_text("24")
    expect(page.locator("[data-rate]")).to_contain_text("epochs/s")
    run.chunks.update(state="queued", lease_token=None)
    monkeypatch.setattr(work, "adapter_of", lambda bundle: OneFailure())
    for chunk in run.chunks.all():
        CHUNKS.run(chunk.pk)
    expect(page.get_by_text("1 of them without a stage")).to_be_visible()
    page.get_by_text("Epoch 40").click()
    expect(page.get_by_text("Perhaps <i>N2</i>?")).to_be_visible()


def test_a_run_is_cancelled_and_resumed_by_its_buttons(page, hour_night, gpu_worker):
    run = started(page, hour_night)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("stored so far are safe")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    run.refresh_from_db()
    assert run.attempt == 2
