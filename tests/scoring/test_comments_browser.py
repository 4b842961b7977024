"""Comments in the workbench: they follow the epoch, and words stay words."""

from playwright.sync_api import expect

from annotations.saving import Save
from annotations.scoring.comments import comment
from annotations.scoring.models import EpochComment
from tests.helpers.workbench_page import Workbench


def test_people_talk_about_the_epoch_on_screen(page_of, annotator, lead, scoring):
    text = "Look at <img src=x onerror=alert(1)> here"
    comment(scoring=scoring, epoch=2, text=text, save=Save(user=lead))
    page = page_of(annotator)
    bench = Workbench(page, scoring).open(epoch=1)
    page.get_by_role("button", name="Comments (1)").click()
    expect(page.get_by_text("No comment on epoch 2")).to_be_visible()
    bench.press("Escape", "ArrowRight")
    page.get_by_role("button", name="Comments (1)").click()
    expect(page.locator(".comment__text")).to_have_text(text)
    page.get_by_role("button", name="resolve").click()
    expect(page.get_by_text("resolved by")).to_be_visible()
    bench.press("Escape", "ArrowRight")
    page.get_by_role("button", name="Comments", exact=True).click()
    page.get_by_label("Comment", exact=True).fill("w r 1 2 3 A vertex wave?")
    page.get_by_label("Comment", exact=True).press("Control+Enter")
    expect(page.locator(".comment__text")).to_have_text("w r 1 2 3 A vertex wave?")
    expect(page.locator(".comment[data-waiting]")).to_have_count(0)
    assert EpochComment.objects.get(epoch=3).author == annotator
    assert EpochComment.objects.get(epoch=2).resolved_by == annotator
    assert not scoring.scores.exists()


def test_the_guideline_is_at_hand_while_scoring(page_of, annotator, scoring):
    scoring.guideline = "Cite the rule that decides."
    scoring.save()
    page = page_of(annotator)
    Workbench(page, scoring).open()
    page.get_by_role("button", name="Guideline").click()
    expect(page.get_by_text("Cite the rule that decides.")).to_be_visible()


def test_words_not_sent_yet_stay_with_their_epoch_and_go_when_the_network_is_back(
    page_of, annotator, scoring, complaints
):
    page = page_of(annotator)
    bench = Workbench(page, scoring).open(epoch=1)
    box = page.get_by_label("Comment", exact=True)
    comments = page.get_by_role("button", name="Comments", exact=True)
    comments.click()
    box.fill("Not finished yet")
    bench.press("Escape", "Escape", "ArrowRight")
    comments.click()
    expect(box).to_have_value("")
    bench.open(epoch=1)
    comments.click()
    expect(box).to_have_value("Not finished yet")
    complaints.expected.add("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    box.press("Control+Enter")
    expect(page.locator(".comment[data-waiting]")).to_contain_text("Not finished yet")
    expect(box).to_have_value("")
    page.context.set_offline(False)  # nobody presses anything
    expect(page.locator(".comment[data-waiting]")).to_have_count(0)
    assert (EpochComment.objects.get().epoch, EpochComment.objects.get().text) == (
        1,
        "Not finished yet",
    )
