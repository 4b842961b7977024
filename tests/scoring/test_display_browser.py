"""How signals are looked at: channels, filters, colours, remembered for the person."""

from playwright.sync_api import expect

from tests.helpers.workbench_page import Workbench


def row(bench, name: str):
    return bench.part("displayRows").get_by_role("row", name=name)


def test_channels_are_hidden_resized_and_moved_by_keyboard(open_workbench, night_scoring):
    bench = open_workbench(epoch=10)
    bench.expect_painted()
    before = bench.inked_pixels()
    bench.press("b")
    bench.page.get_by_label("show Chin", exact=True).press("Space")
    bench.page.get_by_label("larger: C4-M1").press("Enter")
    bench.page.get_by_label("up: C4-M1").press("Enter")
    expect(bench.part("displayRows").locator("th").first).to_have_text("C4-M1")
    expect(row(bench, "C4-M1")).to_contain_text("× 1.5")
    bench.press("Escape")
    bench.expect_painted()
    assert bench.inked_pixels() != before
    bench.press("2")
    bench.expect_saved()
    shown = night_scoring.revisions.latest("pk").shown
    assert {r["name"]: (r["hidden"], r["gain"]) for r in shown["rows"]} == {
        "Chin": (True, 1),
        "C4-M1": (False, 1.5),
    }
    bench.press("b")
    bench.page.get_by_role("button", name="Reset display").dblclick()
    expect(row(bench, "C4-M1")).to_contain_text("× 1.5")
    bench.page.get_by_role("button", name="Reset channels and filters").press("Enter")
    expect(row(bench, "C4-M1")).to_contain_text("× 1")
    expect(bench.part("displayRows").locator("th").first).to_have_text("F4-M1")


def test_filters_off_draws_the_signal_as_recorded(open_workbench, night_scoring):
    bench = open_workbench(epoch=10)
    bench.expect_painted()
    filtered = bench.inked_pixels()
    with bench.page.expect_response(lambda answer: "view=raw" in answer.url):
        bench.press("Shift+B")
    expect(bench.part("display")).to_have_text("filters off")
    expect(bench.part("traceCanvas")).to_have_attribute("data-view", "raw")
    bench.expect_painted()
    assert bench.inked_pixels() != filtered
    bench.press("2")
    bench.expect_saved()
    shown = night_scoring.revisions.latest("pk").shown
    assert (shown["filters"], shown["notch"]) == (False, True)


def test_own_filters_are_typed_and_stand_in_the_status_line(open_workbench, night_scoring):
    bench = open_workbench(epoch=10)
    bench.expect_painted()
    before = bench.inked_pixels()
    bench.press("b")
    expect(bench.part("cuts")).to_be_visible()
    bench.part("cuts").locator("summary").press("Enter")
    low = bench.page.get_by_label("low cut of EEG", exact=True)
    low.fill("40")
    low.press("Tab")
    expect(bench.part("cutRows").get_by_role("alert").first).to_have_text(
        "The low cut must be below the high cut."
    )
    low.fill("2")
    low.press("Tab")
    notch = bench.page.get_by_label("notch of EEG", exact=True)
    notch.fill("")
    notch.press("Tab")
    bench.press("Escape")
    expect(bench.part("display")).to_have_text("EEG 2-35 Hz, no notch")
    expect(bench.part("traceCanvas")).to_have_attribute("data-view", "raw")
    bench.expect_painted()
    assert bench.inked_pixels() != before
    bench.press("m")
    expect(bench.part("display")).to_have_text("display")
    expect(bench.part("traceCanvas")).to_have_attribute("data-view", "filtered")
    bench.press("m")
    bench.press("2")
    bench.expect_saved()
    shown = night_scoring.revisions.latest("pk").shown
    assert shown["cuts"] == {"eeg": {"low": 2, "high": 35, "notch": None}}
    assert shown["signals_version"] == 1


def test_another_channel_of_the_file_is_shown_on_demand(open_workbench):
    bench = open_workbench(epoch=10)
    bench.press("b")
    box = bench.page.get_by_label("show ECG")
    expect(box).not_to_be_checked()
    expect(bench.part("displayRows").locator("th")).to_have_count(7)
    box.press("Space")
    bench.press("Escape")
    expect(bench.part("traceCanvas")).to_have_attribute("data-view", "raw")
    bench.expect_painted()
    bench.press("m")
    expect(bench.part("traceCanvas")).to_have_attribute("data-view", "filtered")


def test_settings_follow_the_person_to_another_browser(page_of, annotator, night_scoring):
    here = Workbench(page_of(annotator), night_scoring).open(epoch=10)
    with here.page.expect_response("**/api/v1/me/display/"):
        here.press("-")
    there = Workbench(page_of(annotator), night_scoring).open(epoch=10)
    expect(there.part("page")).to_have_text("1 min page")


def test_the_wheel_moves_along_the_night_and_with_ctrl_it_zooms(open_workbench):
    bench = open_workbench(epoch=10)
    bench.expect_painted()
    page = bench.part("page")
    box = bench.part("traces").bounding_box()
    bench.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    bench.page.mouse.wheel(0, 120)
    bench.expect_epoch(12)
    bench.page.keyboard.down("Control")
    bench.page.mouse.wheel(0, -120)
    expect(page).to_have_text("15 s page: 7.5-22.5 s")
    bench.page.keyboard.up("Control")
    bench.page.mouse.wheel(0, 60)
    expect(page).not_to_have_text("15 s page: 7.5-22.5 s")
    bench.press("ArrowRight")
    expect(page).to_have_text("15 s page: 15-30 s")
    bench.expect_epoch(12)


def test_a_difference_is_drawn_measured_and_saved_as_a_montage(open_workbench, night_scoring):
    bench = open_workbench(epoch=10)
    bench.press("b")
    expect(bench.part("montage")).to_be_visible()
    bench.part("montage").locator("summary").press("Enter")
    reference = bench.part("montage").get_by_role("checkbox")
    reference.nth(1).press("Space")
    reference.nth(2).press("Space")
    bench.page.get_by_role("button", name="Add difference").press("Enter")
    name = bench.part("displayRows").locator("th").first
    expect(name).to_contain_text(" − mean(")
    bench.page.get_by_label("Name of the montage").fill("<b>Bipolar")
    bench.page.get_by_role("button", name="Save montage").press("Enter")
    bench.page.get_by_label("remove").press("Enter")
    expect(name).to_have_text("F4-M1")
    bench.page.get_by_role("button", name="Use montage").press("Enter")
    expect(bench.page.get_by_text("“<b>Bipolar” is used.")).to_be_visible()
    difference = name.text_content()
    bench.press("Escape")
    bench.expect_painted()
    bench.press("v", "ArrowUp", "ArrowUp", "Shift+P")
    spectrum = bench.page.get_by_label("Power spectrum", exact=True)
    expect(spectrum).to_contain_text(str(difference))
    expect(spectrum).to_contain_text("alpha 8-13 Hz")
    bench.press("Escape")
    expect(spectrum).to_be_hidden()
    bench.press_when_seen("2")
    bench.expect_saved()
    [row] = night_scoring.revisions.latest("pk").shown["rows"]
    assert (row["name"], row["gain"]) == (difference, 1)
    assert len(row["minus"]) == 2


def test_filters_stay_on_where_there_are_no_unfiltered_channels(open_workbench, night_scoring):
    recording = night_scoring.recording
    for field in (recording.raw_file, recording.spectrogram_file):
        field.delete()
    bench = open_workbench(epoch=10)
    bench.expect_painted()
    bench.press("Shift+B")
    expect(bench.part("display")).to_have_text("filtered here")
    bench.press_when_seen("2")
    bench.expect_saved()
    shown = night_scoring.revisions.latest("pk").shown
    assert (shown["filters"], shown["notch"], shown["cuts"]) == (True, True, {})
