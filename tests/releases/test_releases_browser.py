"""A release through its pages: composed, looked at, frozen, taken away, followed, withdrawn."""

import hashlib

import pytest
from playwright.sync_api import expect

from annotations.releases.models import HarmlessWords, Release, ReleaseEvent
from annotations.releases.work import RELEASES
from annotations.scoring.models import EpochScore
from tests.helpers.accessibility import findings

pytestmark = pytest.mark.django_db(transaction=True)


def freeze(page, version: str) -> Release:
    page.get_by_role("button", name="Freeze release").click()
    page.get_by_label("Version").fill(version)
    page.locator("dialog[open]").get_by_role("button", name="Freeze release").click()
    expect(page.locator("#progress")).to_be_visible()
    release = Release.objects.get(version=version)
    RELEASES.run(release.pk)
    expect(page.get_by_role("link", name="Download zip")).to_be_visible()
    return release


def test_a_lead_composes_freezes_follows_up_and_withdraws(page_of, lead, study, settled):
    first, _ = settled("01-0001"), settled("01-0002")
    EpochScore.objects.filter(scoring=first, epoch=1).update(rationale="Olga turns over.")
    EpochScore.objects.filter(scoring=first, epoch=3).update(rationale="On 3 April 2019.")
    page = page_of(lead, color_scheme="light", reduced_motion="reduce")
    page.goto(f"/studies/{study.slug}/releases/new/")
    assert findings(page) == []
    page.get_by_label("Train, %").fill("50")
    page.get_by_label("Test, %").fill("50")
    page.get_by_role("button", name="Preview release").click()
    expect(page.get_by_text("2 passages in the free text may identify a person")).to_be_visible()
    expect(page.get_by_role("button", name="Freeze release")).to_have_count(0)

    page.get_by_role("link", name="Review passages").click()
    assert findings(page) == []
    page.get_by_label("Olga, 01-0001 by consensus, epoch 2").press("Space")
    page.get_by_role("button", name="Mark selected as harmless").press("Enter")
    expect(page.get_by_text("1 marked as harmless.")).to_be_visible()
    assert HarmlessWords.objects.get().user == lead
    page.get_by_text("Correct text").click()
    page.get_by_label("Rationale").fill("As seen before.")
    page.get_by_role("button", name="Save correction").click()
    page.get_by_role("link", name="Back to draft").click()
    page.get_by_role("link", name="Edit draft").click()
    page.get_by_role("button", name="Preview release").click()
    old = freeze(page, "1.0.0")

    expect(page.get_by_text(old_sum := Release.objects.get().sha256)).to_be_visible()
    address = f"/releases/{old.pk}/download/"
    begun = page.request.get(address, headers={"Range": "bytes=0-999"})
    rest = page.request.get(
        address, headers={"Range": "bytes=1000-", "If-Range": begun.headers["etag"]}
    )
    assert (begun.status, rest.status) == (206, 206)
    assert hashlib.sha256(begun.body() + rest.body()).hexdigest() == old_sum
    assert ReleaseEvent.objects.filter(kind="downloaded").count() == 1

    EpochScore.objects.filter(scoring=first, epoch=0).update(stage="N1")
    page.goto(f"/studies/{study.slug}/releases/new/")
    page.get_by_role("button", name="Preview release").click()
    freeze(page, "1.1.0")
    page.get_by_role("link", name="1.0.0", exact=True).click()
    expect(page.locator("#compare").locator("..")).to_contain_text("1 rows changed, 0 added")

    page.goto(f"/releases/{old.pk}/")
    page.get_by_role("button", name="Withdraw release").click()
    page.get_by_label("Reason").fill("Epoch 1 is wrong.")
    page.locator("#withdraw").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Release withdrawn")).to_contain_text("Epoch 1 is wrong.")
    expect(page.locator("h1 .badge--danger")).to_be_visible()
