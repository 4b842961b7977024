"""The page of the whole night, and the lights marks that bound it."""

from playwright.sync_api import expect

from psg.lights import Lights


def test_the_whole_night_is_a_page_on_which_keys_and_clicks_move(open_workbench, night_scoring):
    bench = open_workbench(epoch=10)
    bench.expect_painted()
    requests: list[str] = []
    bench.page.on("request", lambda request: requests.append(request.url))
    bench.press(*["-"] * 4)
    expect(bench.part("page")).to_have_text("whole night")
    bench.expect_painted()
    drawn = bench.inked_pixels()
    assert drawn > 10_000
    strip, mark = bench.part("strip").bounding_box(), bench.part("epochMark").bounding_box()
    column = strip["width"] / 120
    middle = mark["x"] + mark["width"] / 2
    assert abs(middle - (strip["x"] + 10.5 * column)) < 1.5
    bench.page.mouse.click(strip["x"] + 60.5 * column, mark["y"] + 100)
    bench.expect_epoch(61)
    bench.press("ArrowRight", "v")
    bench.expect_epoch(62)
    expect(bench.part("measure")).to_be_hidden()
    assert bench.inked_pixels() == drawn
    assert sum("/envelope/" in url for url in requests) == 1
    assert not any("/epochs/6" in url for url in requests)
    bench.press("Shift+B", "2")
    expect(bench.page.get_by_text("always filtered")).to_be_visible()
    bench.expect_saved()
    shown = night_scoring.revisions.latest("pk").shown
    assert (shown["page_s"], shown["filters"]) == ("night", True)
    bench.press("Shift+B")
    bench.press(*["+"] * 4)
    bench.expect_painted()
    expect(bench.part("epochMark")).to_be_hidden()


def test_lights_are_marked_by_keys_or_typed_undone_and_shown(open_workbench, night_scoring):
    night_scoring.recording.lights_off_s = 30
    night_scoring.recording.save(update_fields=["lights_off_s"])
    bench = open_workbench(epoch=3)
    words = bench.part("lights")
    expect(words).to_have_text("lights off 22:41")
    expect(bench.part("offStrip")).to_be_visible()
    bench.press("o", "End", "Shift+O")
    expect(words).to_have_text("lights 22:42 to 23:41")
    bench.expect_saved()
    bench.press("z")
    expect(words).to_have_text("lights off 22:42")
    expect(bench.part("onTraces")).to_be_hidden()
    words.click()
    expect(bench.part("lightsHistory").locator("li")).to_have_count(3)
    bench.page.get_by_label("Lights on").fill("22:00")
    bench.press("Enter")
    expect(bench.part("lightsError")).to_contain_text("not a time of this recording")
    bench.page.get_by_label("Lights on").fill("23:30:17")
    bench.press("Enter")
    expect(words).to_have_text("lights 22:42 to 23:30")
    bench.expect_saved()
    night_scoring.refresh_from_db()
    assert night_scoring.lights == Lights(off_s=90, on_s=2940)
    assert [r.why for r in night_scoring.lights_revisions.all()] == ["edit", "edit", "undo", "edit"]
    bench.page.reload()
    expect(words).to_have_text("lights 22:42 to 23:30")
