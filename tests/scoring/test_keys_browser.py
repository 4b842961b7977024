"""A person's own keys: changed in the dialog, in force at once, the same on every machine."""

from playwright.sync_api import expect

from studies.models import Preferences
from tests.helpers.workbench_page import Workbench


def test_a_key_is_changed_by_keyboard_with_its_conflict_shown_and_follows_the_person(
    open_workbench,
    page_of,
    annotator,
    night_scoring,
):
    bench = open_workbench(epoch=0, goes_on=False)
    page, dialog = bench.page, bench.page.locator("dialog.keymap")
    bench.press("?", "Shift+Tab", "Enter")
    expect(dialog).to_be_visible()
    bench.page.keyboard.type("REM")
    bench.press("Tab")
    expect(dialog.get_by_role("button", name="REM: change R")).to_be_focused()
    bench.press("Enter", "Shift", "t")
    expect(dialog.get_by_role("alert")).to_contain_text("T is “Next transition”.")
    with page.expect_response("**/api/v1/me/keys/"):
        bench.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text(
        "“Next transition” has no key now. Choose a new key for it. Saved."
    )
    expect(dialog.get_by_role("button", name="REM: change T")).to_be_focused()
    dialog.get_by_label("4 is REM").press("Space")
    expect(dialog.get_by_role("button", name="REM: change 4")).to_be_visible()
    bench.press("Escape", "t", "ArrowRight", "4", "ArrowRight", "r")
    expect(bench.part("stages").get_by_role("button", name="T R")).to_be_visible()
    bench.press("?")
    expect(bench.part("help")).to_contain_text("T 4 REM")
    bench.press("Escape", "1")
    bench.expect_saved()
    there = Workbench(page_of(annotator), night_scoring).open(epoch=3, goes_on=False)
    there.press("t")
    there.expect_saved()
    assert [s.stage for s in night_scoring.scores.order_by("epoch")] == ["R", "R", "N1", "R"]

    bench.press("Shift+K")
    dialog.get_by_role("button", name="Reset all keys").dblclick()
    dialog.get_by_role("button", name="Reset all keys").press("Enter")
    assert Preferences.objects.get(user=annotator).keys != {}
    with page.expect_response("**/api/v1/me/keys/"):
        dialog.get_by_role("button", name="Reset my keys").press("Enter")
    expect(dialog.get_by_role("button", name="REM: change R")).to_be_attached()
    assert Preferences.objects.get(user=annotator).keys == {}


def test_a_stage_key_stays_where_a_rationale_is_written_until_set_otherwise(
    open_workbench,
    night_scoring,
):
    bench = open_workbench(epoch=0, goes_on=False)
    expect(bench.part("advance")).to_have_text("stage key: stay")
    bench.press("2")
    bench.expect_epoch(1)
    bench.press("j", "e")
    bench.page.keyboard.type("Spindle.")
    bench.press("Control+Enter")
    bench.expect_epoch(2)
    bench.press("Shift+Digit2")
    bench.expect_epoch(3)
    bench.press("a", "2")
    bench.expect_epoch(4)
    expect(bench.part("advance")).to_have_text("stage key: next epoch")
    bench.expect_saved()
    assert night_scoring.scores.get(epoch=0).rationale == "Spindle."


def test_the_keys_are_changed_from_any_page(page_of, annotator, night_scoring):
    page = page_of(annotator)
    page.goto("/")
    page.get_by_role("button", name="Keys").press("Enter")
    dialog = page.get_by_role("dialog", name="Your keys")
    dialog.get_by_role("button", name="Wake: change W").press("Enter")
    with page.expect_response("**/api/v1/me/keys/"):
        page.keyboard.press("5")
    dialog.get_by_label("Rating").press("Space")
    dialog.get_by_role("button", name="Comment: change C").press("Enter")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Enter is “Next rationale")
    with page.expect_response("**/api/v1/me/keys/"):
        page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text(
        "has no key now. Choose a new key for it. Saved."
    )
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Keys")).to_be_focused()
    own = {"stage:W": ["5", "0"], "rating/comment": ["Enter"]}
    assert Preferences.objects.get(user=annotator).keys == own
