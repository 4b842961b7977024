"""The comments module on a page: it follows the epoch, and words stay words."""

from playwright.sync_api import Page, expect

from annotations.models import EpochComment
from annotations.services.comments import comment

MOUNT = """async (scoring) => {
  const place = Object.assign(document.createElement("section"), { id: "talk" });
  place.dataset.comments = scoring;
  document.querySelector("main").replaceChildren(place);
  await import("/static/js/comments.js");
}"""


def turn_to(page: Page, epoch: int) -> None:
    page.evaluate(
        "(epoch) => document.dispatchEvent(new CustomEvent('epochshown', { detail: { epoch } }))",
        epoch,
    )


def test_people_talk_about_the_epoch_on_screen(page_of, annotator, lead, scoring):
    said = "Look at <img src=x onerror=alert(1)> here"
    comment(scoring=scoring, epoch=2, author=lead, text=said, client_uuid="0" * 31 + "1")
    page = page_of(annotator)
    page.goto("/")
    page.evaluate(MOUNT, str(scoring.pk))
    expect(page.get_by_text("No comment on epoch 1")).to_be_visible()
    turn_to(page, 2)
    expect(page.locator(".comment__text")).to_have_text(said)
    page.get_by_role("button", name="resolve").click()
    expect(page.get_by_text("resolved by")).to_be_visible()

    turn_to(page, 5)
    page.get_by_label("Comment").fill("A vertex wave?")
    page.get_by_label("Comment").press("Control+Enter")
    expect(page.locator(".comment__text")).to_have_text("A vertex wave?")
    expect(page.get_by_label("Comment")).to_have_value("")
    assert EpochComment.objects.get(epoch=5).author == annotator
    assert EpochComment.objects.get(epoch=2).resolved_by == annotator
