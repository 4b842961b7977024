"""Scoring a night in the browser."""

from itertools import cycle, islice

import pytest
from playwright.sync_api import expect

from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from recordings.models import Recording
from studies.models import User
from tests.helpers.edf_files import MASS_LABELS, edf_bytes
from tests.helpers.nights import stored_night
from tests.helpers.workbench_page import Workbench

STAGE_KEYS = {"W": "w", "N1": "1", "N2": "2", "N3": "3", "R": "r"}
KEYBOARD_EPOCHS = 105


def stored(scoring: Scoring, epoch: int) -> EpochScore:
    return scoring.scores.get(epoch=epoch)


def test_a_hundred_epochs_are_scored_by_keyboard_alone(open_workbench, night_scoring: Scoring):
    stages = list(islice(cycle(["W", "N1", "N2", "N2", "N3", "R"]), KEYBOARD_EPOCHS))
    bench = open_workbench()
    bench.expect_epoch(1)
    for stage in stages:
        bench.press_when_seen(STAGE_KEYS[stage])
    bench.expect_epoch(KEYBOARD_EPOCHS + 1)
    bench.expect_saved()
    expect(bench.part("progress")).to_have_text(
        f"{KEYBOARD_EPOCHS} / {night_scoring.recording.epoch_count}"
    )
    scores = night_scoring.scores.order_by("epoch")
    assert [score.epoch for score in scores] == list(range(KEYBOARD_EPOCHS))
    assert [score.stage for score in scores] == stages


def test_an_epoch_is_staged_cited_explained_and_flagged_by_keys(open_workbench, night_scoring):
    bench = open_workbench(epoch=7)
    bench.press("Shift+Digit2", "j", ".", "m", "2", "f", "Shift+F")
    bench.explain("Spindle at 12 s, w r 1 2 3, not W.")
    bench.press("Enter")
    bench.expect_epoch(9)
    bench.expect_saved()
    score = stored(night_scoring, 7)
    assert (score.stage, score.rules) == ("N2", ["N2.1", "MBM.2"])
    assert score.rationale == "Spindle at 12 s, w r 1 2 3, not W."
    assert score.flags == ["artefact", "unsure"]
    assert night_scoring.scores.count() == 1
    shown = night_scoring.revisions.latest("pk").shown
    assert (shown["view"], shown["negative_up"], shown["page_s"]) == ("human", True, 30)


def test_citing_a_rule_of_a_single_stage_stages_the_epoch(open_workbench, night_scoring):
    bench = open_workbench(epoch=3)
    bench.press(".", "3", "1")
    bench.expect_saved()
    assert (stored(night_scoring, 3).stage, stored(night_scoring, 3).rules) == ("N3", ["N3.1"])


def test_changing_the_stage_drops_rules_that_no_longer_support_it(open_workbench, night_scoring):
    bench = open_workbench(epoch=3)
    bench.press("Shift+Digit2", "j", ".", "m", "2", "Shift+R")
    bench.expect_saved()
    assert (stored(night_scoring, 3).stage, stored(night_scoring, 3).rules) == ("R", ["MBM.2"])


def test_keys_move_through_the_night(open_workbench):
    bench = open_workbench(epoch=0)
    bench.press("w", "w", "2", "Home")
    bench.expect_epoch(1)
    bench.press("t")
    bench.expect_epoch(3)
    bench.press("n")
    bench.expect_epoch(4)
    bench.press("ArrowLeft", "ArrowLeft")
    bench.expect_epoch(2)
    bench.press("g", "4", "2", "Enter")
    bench.expect_epoch(42)
    bench.press("End")
    bench.expect_epoch(120)
    bench.expect_saved()


def test_a_click_on_the_hypnogram_goes_there(open_workbench):
    bench = open_workbench(epoch=0)
    strip = bench.part("strip").bounding_box()
    bench.page.mouse.click(strip["x"] + strip["width"] * 60.5 / 120, strip["y"] + 20)
    bench.expect_epoch(61)


def test_a_key_that_cannot_act_says_so_on_the_page(open_workbench):
    bench = open_workbench(epoch=5)
    expect(bench.part("answer")).to_be_hidden()
    bench.press("z")
    expect(bench.part("answer")).to_have_text("Nothing to undo")
    bench.press("j")
    expect(bench.part("answer")).to_contain_text("Score the epoch first")
    expect(bench.part("answer")).to_be_hidden()


def test_undo_and_redo_reach_over_the_session(open_workbench, night_scoring):
    bench = open_workbench(epoch=5)
    bench.press("1", "2")
    bench.expect_epoch(8)
    bench.expect_saved()
    bench.press("z", "Control+z")
    bench.expect_epoch(6)
    bench.expect_saved()
    assert [stored(night_scoring, n).stage for n in (5, 6)] == [None, None]
    bench.press("Shift+Z")
    bench.expect_saved()
    whys = night_scoring.revisions.order_by("pk").values_list("epoch", "why")
    assert list(whys) == [(5, "edit"), (6, "edit"), (6, "undo"), (5, "undo"), (5, "redo")]
    assert stored(night_scoring, 5).stage == "N1"


def test_the_traces_are_painted_and_change_with_the_epoch(open_workbench):
    bench = open_workbench(epoch=10)
    expect(bench.part("noSignals")).to_be_hidden()
    bench.expect_painted()
    first = bench.inked_pixels()
    assert first > 5_000
    bench.press("ArrowRight")
    bench.expect_painted()
    assert bench.inked_pixels() not in (0, first)


def test_display_keys_change_the_description_of_the_display(open_workbench):
    bench = open_workbench(epoch=10)
    bench.press("ArrowUp", "-", "p")
    expect(bench.part("gain")).to_have_text("5 µV/mm")
    expect(bench.part("page")).to_have_text("1 min page")
    expect(bench.part("polarity")).to_have_text("positive up")
    bench.press("m")
    expect(bench.page.get_by_text("model view: positive up")).to_be_visible()
    expect(bench.part("model")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (1920, 1080)])
def test_the_page_fills_the_screen_without_gaps_or_scrolling(open_workbench, size):
    bench = open_workbench(epoch=10)
    width, height = size
    bench.page.set_viewport_size({"width": width, "height": height})
    traces, panel = bench.part("traces").bounding_box(), bench.page.locator(".panel").bounding_box()
    assert traces["y"] + traces["height"] == panel["y"]
    assert panel["y"] + panel["height"] == height
    assert (traces["width"], traces["height"] > 300) == (width, True)
    overflow = "document.documentElement.scrollWidth + document.documentElement.scrollHeight"
    assert bench.page.evaluate(overflow) == width + height


def test_a_long_title_is_shortened_in_the_bar_of_a_narrow_window(open_workbench, study):
    study.title = "Sleep of adults with narcolepsy or with idiopathic hypersomnia"
    study.save()
    page = open_workbench(epoch=10).page
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 768})
        bar = page.get_by_role("navigation", name="Breadcrumb").bounding_box()
        assert bar["x"] + bar["width"] <= width
    page.set_viewport_size({"width": 1024, "height": 768})
    assert page.evaluate("document.documentElement.scrollWidth") == 1024


def test_help_lists_the_keys_and_keeps_them_from_working(open_workbench, night_scoring):
    bench = open_workbench(epoch=10)
    bench.press("?")
    expect(bench.part("help")).to_be_visible()
    expect(bench.part("help")).not_to_contain_text("suggestion")  # this scoring is blind
    bench.press("2", "Escape")
    expect(bench.part("help")).to_be_hidden()
    assert not night_scoring.scores.exists()


def test_submitting_names_what_is_not_scored_and_then_closes(open_workbench, night_scoring):
    bench = open_workbench(epoch=0)
    bench.press("w")
    bench.expect_saved()
    bench.press("Shift+S")
    expect(bench.part("submitLead")).to_have_text("119 epochs are not scored.")
    bench.page.get_by_role("button", name="Submit with 119 epochs not scored").press("Enter")
    expect(bench.part("closed")).to_have_text("submitted")
    bench.press("2")
    night_scoring.refresh_from_db()
    assert night_scoring.state == Scoring.State.SUBMITTED
    assert EpochRevision.objects.count() == 1


def test_no_key_pressed_again_submits_and_gaps_are_walked_listed_and_refused(
    open_workbench, night_scoring, complaints
):
    complaints.expected.add("409")
    bench = open_workbench(epoch=4)
    bench.press("Shift+Digit2", "q")
    bench.page.keyboard.type("spindle")
    bench.press("Enter", "End")
    bench.page.keyboard.type(" Then ___.")
    bench.press("Control+Home", "Tab")
    bench.page.keyboard.type("C4-M1")
    bench.press("Tab")
    assert bench.page.evaluate("String(getSelection())") == "___"
    expect(bench.part("length")).to_contain_text("1 gap (___)")
    bench.press("Control+Enter", "Control+Enter", "Control+Enter", "Control+Enter")
    bench.expect_epoch(6)
    expect(bench.part("answer")).to_contain_text("Epoch 5: 1 gap (___) left")
    bench.press("Shift+S")
    expect(bench.part("submitFindings")).to_contain_text("epoch 5")
    bench.press("Shift+S", "Control+Enter", "Shift+S")
    expect(bench.part("submitDialog")).to_be_visible()
    bench.expect_saved()
    bench.part("submitNow").click()
    expect(bench.part("submitError")).to_contain_text("Epoch 5: The rationale has a gap")
    night_scoring.refresh_from_db()
    assert night_scoring.is_open


def test_a_labels_only_recording_says_so_and_can_be_staged(
    page_of, annotator: User, labels_only: Recording, scoring: Scoring
):
    bench = Workbench(page_of(annotator), scoring).open()
    expect(bench.part("noSignals")).to_contain_text("stages but no signals")
    bench.press("2", "r")
    bench.expect_saved()
    assert [score.stage for score in scoring.scores.order_by("epoch")] == ["N2", "R"]


def test_a_night_without_some_derivations_names_them_and_draws_the_others(
    page_of, annotator: User, lead: User, study
):
    labels = [label for label in MASS_LABELS if "O2" not in label and "EMG" not in label]
    night = stored_night(study=study, data=edf_bytes(labels, sfreq_hz=100))
    scoring = assign(recording=night, annotator=annotator, assigned_by=lead)
    bench = Workbench(page_of(annotator), scoring).open()
    expect(bench.part("absent")).to_have_text("not in the file: O2-M1, Chin")
    for key in ("m", "m"):
        bench.expect_painted()
        assert bench.inked_pixels() > 1_000
        bench.press(key)
    bench.press("2")
    bench.expect_saved()


def test_the_coarse_track_asks_for_no_rationale(page_of, annotator: User, night_scoring: Scoring):
    night_scoring.track = "coarse"
    night_scoring.save()
    bench = Workbench(page_of(annotator), night_scoring).open(epoch=0)
    expect(bench.part("rationale")).to_have_count(0)
    bench.press("e", "Shift+Digit2", "j")
    bench.expect_saved()
    assert stored(night_scoring, 0).rules == ["N2.1"]


def test_pasted_markup_and_control_characters_stay_text(open_workbench, night_scoring):
    bench = open_workbench(epoch=0)
    text = "<img src=x onerror=alert(1)> \u202eRTL \U0001f634"
    bench.press("e")
    bench.page.keyboard.insert_text(f"\x07{text}\x00")
    expect(bench.part("answer")).to_contain_text("left out of the pasted text")
    bench.press("Escape")
    bench.expect_saved()
    assert stored(night_scoring, 0).rationale == text
    bench.open(epoch=0)
    expect(bench.part("rationale")).to_have_value(text)


def test_a_rationale_that_is_too_long_is_refused_with_a_reason_and_kept(
    open_workbench, night_scoring, complaints
):
    complaints.expected.add("400")
    bench = open_workbench(epoch=0)
    bench.press("e")
    bench.page.keyboard.insert_text("x" * 10_500)
    bench.press("Escape", "ArrowRight", "ArrowRight")
    bench.expect_state("not saved")
    expect(bench.part("noticeText")).to_contain_text("Epoch 1: ")
    expect(bench.part("noticeText")).to_contain_text("10,500 characters are too many")
    bench.press("c")
    bench.expect_epoch(1)
    bench.press("e", "Control+a")
    bench.page.keyboard.insert_text("short")
    bench.press("Escape")
    bench.expect_saved()
    assert stored(night_scoring, 0).rationale == "short"


def test_a_rule_that_cannot_support_the_stage_stops_the_submission(
    open_workbench, night_scoring, complaints
):
    complaints.expected.add("409")
    bench = open_workbench(epoch=4)
    bench.press("Shift+Digit2", ".", "r", "1")
    expect(bench.part("problems")).to_have_text("R.1 cannot support N2")
    bench.expect_saved()
    bench.press("Shift+S")
    bench.page.get_by_role("button", name="not scored").click()
    expect(bench.part("submitError")).to_contain_text("Epoch 5")
    night_scoring.refresh_from_db()
    assert night_scoring.is_open


def test_a_key_held_down_stages_a_single_epoch(open_workbench, night_scoring):
    bench = open_workbench(epoch=4)
    for _ in range(6):
        bench.page.keyboard.down("2")
    bench.page.keyboard.up("2")
    bench.expect_epoch(6)
    bench.expect_saved()
    assert night_scoring.scores.count() == 1


def test_a_night_seen_by_its_lead_can_be_looked_at_and_not_changed(
    page_of, lead: User, night_scoring
):
    bench = Workbench(page_of(lead), night_scoring).open(epoch=4)
    expect(bench.part("closed")).to_have_text("view only")
    bench.press("2", "ArrowRight")
    bench.expect_epoch(6)
    assert not night_scoring.scores.exists()
