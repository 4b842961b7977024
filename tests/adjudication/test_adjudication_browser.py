"""Two scorings of a simulated night, settled to a consensus at the keys."""

import pytest
from playwright.sync_api import Page, expect

from annotations.adjudication.decisions import Resolution, decide
from annotations.adjudication.lifecycle import start_adjudication
from annotations.adjudication.models import Adjudication
from annotations.saving import Save
from annotations.scoring.models import EpochScore, Scoring
from recordings.models import Recording
from studies.models import Preferences, Role, User
from tests.helpers.adjudications import finished_scoring
from tests.helpers.reach import unreached

TAKEN, WRITTEN, SLIPPED = 3, 10, 20


@pytest.fixture
def adjudicator(study, member) -> User:
    return member(study, Role.ADJUDICATOR)


@pytest.fixture
def adjudication(hour_night: Recording, adjudicator: User) -> Adjudication:
    """Both say N2 all night, but for three epochs."""
    first = ["N2"] * hour_night.epoch_count
    second = list(first)
    for epoch in (TAKEN, WRITTEN, SLIPPED):
        second[epoch] = "N3"
    originals = [
        finished_scoring(hour_night, "one", first),
        finished_scoring(hour_night, "two", second),
    ]
    return start_adjudication(scorings=originals, user=adjudicator, seed=1)


def open_page(page: Page, adjudication: Adjudication) -> Page:
    page.goto(f"/adjudications/{adjudication.pk}/")
    page.wait_for_selector("[data-adjudication][data-ready]")
    return page


def part(page: Page, name: str):
    return page.locator(f'[data-part="{name}"]')


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def at(page: Page, epoch: int) -> None:
    expect(part(page, "epoch")).to_have_text(f"epoch {epoch + 1}")


def test_two_scorings_become_a_consensus_at_the_keys(page_of, adjudicator, adjudication):
    page = open_page(page_of(adjudicator), adjudication)
    letter = adjudication.sides.get(scoring__scorer__label="two").letter
    at(page, TAKEN)
    expect(part(page, "traceCanvas")).not_to_have_attribute("data-waiting", "")
    page.get_by_role("button", name="Start tour").click()
    expect(page.locator(".driver-popover")).to_be_visible()
    press(page, letter, "Shift+2", "Escape")  # nothing is settled behind a tour
    expect(page.locator(".driver-popover")).to_be_hidden()
    at(page, TAKEN)
    press(page, letter, "Shift+2")

    at(page, WRITTEN)
    press(page, "e", "1", "j", "e")
    page.keyboard.type("Alpha gives way <b>here</b>.")
    press(page, "Control+Enter", "Shift+1")

    at(page, SLIPPED)
    press(page, "a", "Shift+8")
    expect(part(page, "progress")).to_have_text("all settled")
    expect(part(page, "saveState")).to_contain_text("saved")  # unsent ones would be folded
    press(page, "z")
    at(page, SLIPPED)
    expect(part(page, "progress")).to_have_text("1 left of 3")
    press(page, letter, "Shift+8")
    expect(part(page, "saveState")).to_contain_text("saved")

    press(page, "Shift+S")
    page.get_by_role("dialog").get_by_role("button", name="Create consensus").press("Enter")
    expect(page.get_by_role("link", name="Open consensus")).to_be_visible()

    consensus = Scoring.objects.get(adjudication=adjudication)
    scores = EpochScore.objects.in_bulk(
        list(consensus.scores.values_list("pk", flat=True)), field_name="pk"
    ).values()
    by_epoch = {score.epoch: score for score in scores}
    assert len(by_epoch) == adjudication.recording.epoch_count
    assert (by_epoch[TAKEN].stage, by_epoch[TAKEN].rationale) == ("N3", f"two-{TAKEN}")
    assert (by_epoch[WRITTEN].stage, by_epoch[WRITTEN].rules) == ("N1", ["N1.1"])
    assert by_epoch[WRITTEN].rationale == "Alpha gives way <b>here</b>."
    assert by_epoch[SLIPPED].stage == "N3"
    assert by_epoch[0].stage == "N2"
    reasons = adjudication.decisions.exclude(reason="").values_list("epoch", "reason")
    assert list(reasons) == [
        (TAKEN, "missed"),
        (WRITTEN, "rule"),
        (SLIPPED, "judgement"),
        (SLIPPED, "judgement"),
    ]


def test_at_any_size_of_the_window_everything_is_in_reach(page_of, adjudicator, adjudication):
    page = open_page(page_of(adjudicator), adjudication)
    assert unreached(page) == {}
    press(page, "e", "2")
    assert unreached(page) == {}
    press(page, "Shift+S")
    assert unreached(page) == {}


def test_an_own_score_is_given_up_by_an_answer_only_and_one_key_finishes_nothing(
    page_of, adjudicator, adjudication
):
    page = open_page(page_of(adjudicator), adjudication)
    question = page.get_by_role("dialog", name="Own score not saved")
    press(page, "e", "ArrowRight")  # nothing was written yet
    at(page, TAKEN + 1)
    press(page, "ArrowLeft", "e", "1", "e")
    page.keyboard.type("Spindle in ___.")
    press(page, "Control+Enter", "Shift+1")
    expect(part(page, "answer")).to_contain_text("has a gap")
    for leave in ("ArrowRight", "Escape", "n", "d", "z", "Shift+Z", "Escape"):
        press(page, leave)
        expect(question).to_be_visible()
        press(page, "Escape")
    at(page, TAKEN)
    expect(part(page, "rationale")).to_have_value("Spindle in ___.")
    press(page, "e", "Control+Home", "Tab")
    page.keyboard.type("C4-M1")
    press(page, "Control+Enter", "Shift+1")
    at(page, WRITTEN)
    press(page, "e", "2", "d")
    question.get_by_role("button", name="Discard own score").press("Enter")
    at(page, SLIPPED)
    press(page, "Shift+S", "Shift+S", "Enter")
    expect(part(page, "finishDialog")).to_be_hidden()
    expect(part(page, "saveState")).to_contain_text("saved")
    adjudication.refresh_from_db()
    assert adjudication.is_open
    assert adjudication.decisions.get(epoch=TAKEN).rationale == "Spindle in C4-M1."


def test_decisions_wait_for_the_network_and_meet_what_was_settled_meanwhile(
    page_of, adjudicator, adjudication, complaints
):
    """The same side for two reasons is two decisions, between which a person must choose."""
    complaints.expected |= {"ERR_INTERNET_DISCONNECTED", "409"}
    own = {"adjudication/conflict": ["Q"]}
    Preferences.objects.create(user=adjudicator, keys=own)
    page = open_page(page_of(adjudicator), adjudication)
    page.context.set_offline(True)
    press(page, "a", "Shift+1", "a", "Shift+8")
    expect(part(page, "saveState")).to_have_text("2 waiting")
    verdict = Resolution(choice="take", side=0, reason="slip")
    decide(
        adjudication=adjudication,
        epoch=TAKEN,
        verdict=verdict,
        save=Save(user=adjudicator),
    )
    page.context.set_offline(False)
    expect(part(page, "conflictMine")).to_contain_text(
        "scoring A accepted: rule misapplied", timeout=20_000
    )
    expect(part(page, "conflictTheirs")).to_contain_text("scoring A accepted: typing error")
    press(page, "q")  # this person's key for it
    expect(part(page, "keepMine")).to_be_focused()
    press(page, "Tab", "Enter")
    expect(part(page, "saveState")).to_contain_text("saved")
    assert adjudication.decisions.get(epoch=WRITTEN).reason == "judgement"
    assert adjudication.decisions.get(epoch=TAKEN).reason == "slip"


def test_the_wheel_moves_and_zooms_as_on_the_workbench(page_of, adjudicator, adjudication):
    page = open_page(page_of(adjudicator), adjudication)
    expect(part(page, "traceCanvas")).not_to_have_attribute("data-waiting", "")
    box = part(page, "traces").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.wheel(0, 120)
    at(page, TAKEN + 1)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    expect(part(page, "page")).to_have_text("15 s page: 7.5-22.5 s")
    page.keyboard.up("Control")
    page.mouse.wheel(0, 60)
    expect(part(page, "page")).not_to_have_text("15 s page: 7.5-22.5 s")
    press(page, "ArrowRight")
    expect(part(page, "page")).to_have_text("15 s page: 15-30 s")
    at(page, TAKEN + 1)
    page.mouse.wheel(0, 60)
    at(page, TAKEN + 2)
    expect(part(page, "page")).to_have_text("15 s page: 0-15 s")
    press(page, "ArrowLeft")
    at(page, TAKEN + 1)
    expect(part(page, "page")).to_have_text("15 s page: 15-30 s")
    page.keyboard.down("Shift")
    page.mouse.wheel(0, -120)
    expect(part(page, "gain")).to_have_text("5 µV/mm")
    page.keyboard.up("Shift")


def test_the_wheel_leaves_an_own_score_that_is_not_saved_by_an_answer_only(
    page_of, adjudicator, adjudication
):
    page = open_page(page_of(adjudicator), adjudication)
    press(page, "+", "e", "1")
    box = part(page, "traces").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.wheel(0, 60)
    expect(part(page, "page")).not_to_have_text("15 s page: 0-15 s")
    for _ in range(2):
        page.mouse.wheel(0, 2000)
    question = page.get_by_role("dialog", name="Own score not saved")
    expect(question).to_have_count(1)
    press(page, "Escape")
    at(page, TAKEN)
    expect(part(page, "write")).to_be_visible()


def test_what_a_night_does_not_have_is_not_fetched_and_its_filters_stay_on(
    page_of, adjudicator, adjudication
):
    recording = adjudication.recording
    for field in (recording.raw_file, recording.spectrogram_file):
        field.delete()
    page = open_page(page_of(adjudicator), adjudication)
    expect(page.get_by_role("img", name="Spectrogram")).to_have_count(0)
    press(page, "Shift+B")
    expect(part(page, "display")).to_have_text("filtered here")
    expect(page.get_by_text("filtered: this recording has")).to_be_visible()
    press(page, "a", "Shift+1")
    expect(part(page, "saveState")).to_contain_text("saved")
    assert adjudication.decisions.get(epoch=TAKEN).shown["filters"] is True
    part(page, "display").press("Enter")
    expect(page.get_by_label("Band-pass (low and high cut)")).to_be_checked()


def test_the_page_of_the_whole_night_says_that_it_is_filtered(page_of, adjudicator, adjudication):
    page = open_page(page_of(adjudicator), adjudication)
    press(page, "Shift+B")
    expect(part(page, "display")).to_have_text("filters off")
    press(page, *["-"] * 4)
    expect(part(page, "page")).to_have_text("whole night")
    expect(part(page, "display")).to_have_text("filtered here")
    expect(page.get_by_text("always filtered")).to_be_visible()
