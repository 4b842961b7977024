"""The rule checks and the history of an epoch, as the scorer sees them."""

from playwright.sync_api import expect


def test_a_warning_shows_beside_the_rules_and_a_key_goes_to_it(open_workbench):
    bench = open_workbench(epoch=0)
    bench.press("w", "3")
    expect(bench.part("toCheck")).to_have_text("1 to check")
    expect(bench.part("finding")).to_be_hidden()
    bench.press("i")
    bench.expect_epoch(2)
    expect(bench.part("finding")).to_contain_text("N3 directly after W")
    bench.press("Shift+Digit2")
    expect(bench.part("toCheck")).to_be_hidden()
    expect(bench.part("finding")).to_be_hidden()


def test_the_submit_dialog_lists_findings_and_jumps_to_them(open_workbench):
    bench = open_workbench(epoch=0)
    bench.press("w", "3", "2")
    bench.expect_saved()
    bench.press("Shift+S")
    expect(bench.part("submitChecks")).to_have_text("Rule checks: 1 warning.")
    bench.page.get_by_role("button", name="epoch 2 N3 directly after W").press("Enter")
    expect(bench.part("submitDialog")).to_be_hidden()
    bench.expect_epoch(2)


def test_history_opens_by_key_follows_the_page_and_closes_by_escape(open_workbench):
    bench = open_workbench(epoch=0)
    bench.press("h")
    expect(bench.part("historyNote")).to_contain_text("Nothing has been saved")
    bench.press("Shift+Digit2", "Shift+Digit1")
    expect(bench.part("historyList").locator("li")).to_have_count(2)
    first = bench.part("historyList").locator("li").first
    expect(first).to_contain_text("N2 to N1 changed")
    bench.press("ArrowRight")
    expect(bench.part("historyTitle")).to_have_text("History of epoch 2")
    expect(bench.part("historyList").locator("li")).to_have_count(0)
    bench.press("Escape")
    expect(bench.part("history")).to_be_hidden()
    bench.press("w")
    bench.expect_epoch(3)
