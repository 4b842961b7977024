"""Measuring and marking waves, and what of it reaches the database."""

import re

import pytest
from playwright.sync_api import expect

from annotations.scoring.models import EpochScore, Scoring
from psg.events import registry
from psg.events.registry import EVENT_KINDS, EventKind
from psg.montage import Derivation
from studies.models import User
from tests.helpers.workbench_page import Workbench, marked_pixels


def stored(scoring: Scoring, epoch: int) -> EpochScore:
    return scoring.scores.get(epoch=epoch)


def drag(bench: Workbench, *, from_s: float, to_s: float, band: int) -> None:
    """Drag over a band of the six, in seconds of the epoch."""
    box = bench.part("traces").bounding_box()
    y = box["y"] + box["height"] * (band + 0.5) / 6
    x = [box["x"] + box["width"] * (0.145 + 0.71 * s / 30) for s in (from_s, to_s)]
    bench.page.mouse.move(x[0], y)
    bench.page.mouse.down()
    bench.page.mouse.move((x[0] + x[1]) / 2, y)
    bench.page.mouse.move(x[1], y)
    bench.page.mouse.up()


def test_an_epoch_is_staged_measured_marked_and_explained_by_keys_alone(
    open_workbench, night_scoring
):
    bench = open_workbench(epoch=30)
    bench.expect_painted()
    bench.press("Shift+Digit2", "j", "v", "Control+ArrowLeft", "ArrowRight", "Shift+ArrowRight")
    expect(bench.part("measureValues")).to_contain_text("C4-M1  ·  13.6 s  ·  1.10 s long")
    expect(bench.part("measureValues")).to_contain_text("µV pp")
    bench.press("s")
    expect(bench.part("measure")).to_be_hidden()
    bench.press("v", "ArrowUp", "d")
    bench.explain(" Mixed frequencies else.")
    bench.press("ArrowRight")
    bench.expect_saved()
    score = stored(night_scoring, 30)
    assert (score.stage, score.rules) == ("N2", ["N2.1"])
    spindle, wave = score.evidence
    names = ("kind", "derivation", "start_s", "end_s")
    assert [spindle[n] for n in names] == ["spindle", "C4-M1", 13.6, 14.7]
    assert [wave[n] for n in names] == ["slow_wave", "F4-M1", 14.7, 15.7]
    assert 0.5 <= spindle["values"]["frequency_hz"] <= 30
    assert spindle["values"]["peak_to_peak_uv"] > 1
    assert score.rationale.startswith("Spindle in C4-M1 at 13.6-14.7 s, ")
    assert "µV. Slow wave in F4-M1 at 14.7-15.7 s, " in score.rationale
    assert score.rationale.endswith("µV. Mixed frequencies else.")


def test_a_drag_measures_and_a_click_marks(open_workbench, night_scoring):
    bench = open_workbench(epoch=30)
    bench.expect_painted()
    drag(bench, from_s=20, to_s=21.5, band=3)
    expect(bench.part("measureValues")).to_contain_text("E1-M2")
    bench.page.get_by_role("button", name="R REM", exact=True).click()
    expect(bench.part("evidence").locator("li")).to_have_text(["REM E1-M2 20.0 s×"])
    bench.expect_saved()
    (event,) = stored(night_scoring, 30).evidence
    assert (event["kind"], event["derivation"]) == ("rem", "E1-M2")
    assert event["start_s"] == pytest.approx(20, abs=0.1)
    assert event["end_s"] == pytest.approx(21.5, abs=0.1)


def test_a_new_kind_of_event_is_marked_by_its_letter(monkeypatch, open_workbench, night_scoring):
    twinkle = EventKind(
        "twinkle", "twinkle", names=("twinkle",), derivations=(Derivation.C4,), letter="Z"
    )
    monkeypatch.setattr(registry, "EVENT_KINDS", (*EVENT_KINDS, twinkle))
    bench = open_workbench(epoch=30)
    bench.expect_painted()
    bench.press("v")
    expect(bench.page.get_by_role("button", name="Z twinkle", exact=True)).to_be_visible()
    bench.press("z")
    expect(bench.part("evidence").locator("li")).to_contain_text(["twinkle C4-M1"])
    expect(bench.part("rationale")).to_have_value(re.compile(r"^Twinkle in C4-M1 at .*\.$"))
    bench.expect_saved()
    assert [mark["kind"] for mark in stored(night_scoring, 30).evidence] == ["twinkle"]


def test_undo_takes_mark_and_phrase_back_together_and_redo_brings_both(
    open_workbench, night_scoring
):
    bench = open_workbench(epoch=30)
    bench.expect_painted()
    bench.press("v", "k", "z")
    expect(bench.part("rationale")).to_have_value("")
    bench.expect_saved()
    assert stored(night_scoring, 30).evidence == []
    bench.press("Shift+Z")
    expect(bench.part("evidence").locator("li")).to_have_count(1)
    bench.expect_saved()
    score = stored(night_scoring, 30)
    assert [event["kind"] for event in score.evidence] == ["k_complex"]
    assert score.rationale.startswith("K complex in C4-M1 at 14.5-15.5 s")


def test_chips_and_phrases_show_their_wave_and_a_chip_takes_it_away(open_workbench, night_scoring):
    bench = open_workbench(epoch=30)
    bench.expect_painted()
    assert marked_pixels(bench) == 0
    bench.press("v", "s")
    quiet = marked_pixels(bench)
    assert quiet > 0
    bench.press("x")
    lit = marked_pixels(bench)
    assert lit > quiet
    bench.press("Escape")
    assert marked_pixels(bench) == quiet
    bench.press("e", "ArrowLeft")
    assert marked_pixels(bench) == lit
    bench.press("Escape", "x", "Delete")
    expect(bench.part("evidence").locator("li")).to_have_count(0)
    expect(bench.part("rationale")).to_have_value("")
    bench.expect_saved()
    assert (stored(night_scoring, 30).evidence, stored(night_scoring, 30).stage) == ([], None)
    assert marked_pixels(bench) == 0


def test_the_ruler_adds_slow_waves_on_f4_up_to_six_seconds(open_workbench):
    bench = open_workbench(epoch=30)
    bench.expect_painted()
    expect(bench.part("ruler")).to_be_hidden()
    bench.press("v", "ArrowUp", *["Control+Shift+ArrowRight"] * 3, "d")
    expect(bench.part("ruler")).to_have_text("slow waves 4.0 of 6 s")
    expect(bench.part("ruler")).not_to_have_attribute("data-met", "")
    bench.press("v", *["Control+Shift+ArrowRight"], "d")
    expect(bench.part("ruler")).to_have_text("slow waves 6.0 of 6 s")
    expect(bench.part("ruler")).to_have_attribute("data-met", "")
    bench.press("ArrowRight")
    expect(bench.part("ruler")).to_be_hidden()


def test_the_coarse_track_keeps_evidence_without_words(
    page_of, annotator: User, night_scoring: Scoring
):
    night_scoring.track = "coarse"
    night_scoring.save(update_fields=["track"])
    bench = Workbench(page_of(annotator), night_scoring).open(epoch=30)
    bench.expect_painted()
    bench.press("v", "s")
    expect(bench.part("evidence").locator("li")).to_have_count(1)
    bench.expect_saved()
    assert len(stored(night_scoring, 30).evidence) == 1
    assert stored(night_scoring, 30).rationale == ""


def test_a_submitted_night_is_measured_and_not_marked(
    page_of, annotator: User, night_scoring: Scoring
):
    night_scoring.state = Scoring.State.SUBMITTED
    night_scoring.save(update_fields=["state"])
    bench = Workbench(page_of(annotator), night_scoring).open(epoch=30)
    bench.expect_painted()
    bench.press("v")
    expect(bench.part("measureValues")).to_contain_text("µV pp")
    bench.press("s")
    expect(bench.part("live")).to_contain_text("nothing was changed")
    assert not night_scoring.scores.exists()


def test_nothing_moves_when_marks_come_and_the_page_turns(open_workbench):
    bench = open_workbench(epoch=30)
    bench.expect_painted()
    boxes = [bench.part(name).bounding_box() for name in ("traces", "rationale", "stages")]
    bench.press("v", "s", "v", "k", "v", "a")
    for keys in ([], ["x"], ["ArrowRight"]):
        bench.press(*keys)
        now = [bench.part(name).bounding_box() for name in ("traces", "rationale", "stages")]
        assert now == boxes


def test_a_phrase_is_selected_by_typing_and_filled_with_marked_values(
    open_workbench, night_scoring
):
    bench = open_workbench(epoch=30)
    bench.expect_painted()
    bench.press("Shift+Digit2", "v", "ArrowUp", "k", "q")
    expect(bench.part("phraseInput")).to_be_focused()
    bench.page.keyboard.type("n2.1 complex")
    expect(bench.part("phraseList").locator("li")).to_have_count(2)
    bench.press("ArrowDown", "ArrowUp", "Enter")
    expect(bench.part("phrasebook")).to_be_hidden()
    bench.press("j", "ArrowRight")
    bench.expect_epoch(32)
    bench.expect_saved()
    score = stored(night_scoring, 30)
    assert score.rules == ["N2.1"]
    mark, phrase = score.rationale.split(" K complex")
    assert phrase.startswith(" in F4-M1 at 14.5-15.5 s, ")
    assert phrase.endswith("µV, not tied to an arousal.")
    assert mark.startswith("K complex in F4-M1 at 14.5-15.5 s, ")


def test_a_gap_in_a_phrase_is_written_at_once_and_undo_takes_the_phrase(
    open_workbench, night_scoring
):
    bench = open_workbench(epoch=30)
    bench.explain("First.")
    bench.press("Shift+Digit2", "q")
    bench.page.keyboard.type("spindle")
    bench.press("Enter")
    bench.page.keyboard.type("O2")
    expect(bench.part("rationale")).to_have_value(
        "First. Spindle in the first half of the epoch: O2."
    )
    expect(bench.part("length")).to_have_text("50 characters")
    bench.press("Escape", "z", "z")
    expect(bench.part("rationale")).to_have_value("First.")
    bench.expect_saved()
    assert stored(night_scoring, 30).rationale == "First."


def test_a_phrase_goes_where_the_caret_is(open_workbench):
    bench = open_workbench(epoch=30)
    bench.press("e")
    bench.page.keyboard.type("One. Two.")
    bench.press(*["ArrowLeft"] * 5, "Control+Space")
    bench.page.keyboard.type("no sleep")
    bench.press("Enter")
    expect(bench.part("rationale")).to_have_value("One. No sleep pattern in any derivation. Two.")
    expect(bench.part("rationale")).to_be_focused()


def test_rules_and_words_are_copied_from_the_epoch_before(open_workbench, night_scoring):
    bench = open_workbench(epoch=30)
    bench.expect_painted()
    bench.press("Shift+Digit2", "j", "v", "s")
    bench.explain(" No arousal.")
    bench.press("ArrowRight", "y")
    expect(bench.part("rationale")).to_have_value("No arousal.")
    bench.expect_saved()
    score = stored(night_scoring, 31)
    assert (score.stage, score.rules, score.evidence) == ("N2", ["N2.1"], [])
    bench.press("z")
    bench.expect_saved()
    assert (stored(night_scoring, 31).stage, stored(night_scoring, 31).rationale) == (None, "")
