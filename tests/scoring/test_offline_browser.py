"""A night without a network: its signals are on disk before, and nothing is staged unseen."""

import re

from playwright.sync_api import Page, expect

from annotations.scoring.models import Scoring
from studies.models import User
from tests.helpers.workbench_page import Workbench

DATABASES = "async () => (await indexedDB.databases()).map(({ name }) => name)"

LET_ANOTHER_NIGHT_END = """() => {
  const nights = JSON.parse(localStorage.getItem("epochwise.nights"));
  nights.untilMs["999"] = 1;
  localStorage.setItem("epochwise.nights", JSON.stringify(nights));
}"""


def kept(page: Page) -> bool:
    return "epochwise-nights" in page.evaluate(DATABASES)


def test_a_night_is_kept_scored_without_a_network_and_gone_with_its_person(
    context_of, annotator: User, lead: User, night_scoring: Scoring, complaints
):
    complaints.expected |= {"ERR_INTERNET_DISCONNECTED", "ERR_FAILED"}
    context = context_of(annotator)
    bench = Workbench(context.new_page(), night_scoring).open(epoch=20)
    page, keep, reach = bench.page, bench.part("keep"), bench.part("reach")
    expect(keep).to_have_text(re.compile(r"keep offline, \d+ MB"))
    assert not kept(page)

    # Not kept: the page says from which epoch on it has no signal, and nothing is staged there.
    context.set_offline(True)
    expect(reach).to_have_text("no network: no signal from epoch 41 on, staging is locked there")
    bench.press("2", "End", "2")
    expect(reach).to_contain_text("epoch 120 has no signal here")
    expect(bench.part("answer")).to_contain_text("signal of this epoch is not here")
    expect(page.locator("body")).to_have_attribute("data-unseen", "")
    context.set_offline(False)
    bench.expect_painted()
    bench.expect_saved()
    expect(reach).to_be_hidden()
    assert [score.epoch for score in night_scoring.scores.all()] == [20]

    # Kept: the whole night can be looked at and staged.
    bench.press("Home")
    keep.click()
    expect(keep).to_have_text(re.compile(r"kept offline, \d+ MB"))
    context.set_offline(True)
    expect(reach).to_have_text("no network: all signals to the end are here")
    page.evaluate("dispatchEvent(new Event('offline'))")
    for key, number in (("End", 120), ("Home", 1)):
        bench.press(key)
        bench.expect_epoch(number)
        bench.expect_painted()
        bench.press("Shift+Digit3")
    bench.expect_state("2 waiting")
    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('focus'))")
    bench.expect_saved()
    stages = dict(night_scoring.scores.values_list("epoch", "stage"))
    assert stages == {20: "N2", 119: "N3", 0: "N3"}

    # It is found again, and goes when it is removed, or when its person signs out.
    bench.open(epoch=5)
    expect(keep).to_have_text(re.compile("kept offline"))
    keep.click()
    page.get_by_role("button", name="Keep signals").press("Enter")
    assert kept(page)
    page.goto("/")
    assert kept(page)
    # A night of another day has had its time: it goes alone.
    page.evaluate(LET_ANOTHER_NIGHT_END)
    page.goto("/")
    page.wait_for_function("() => !localStorage.getItem('epochwise.nights').includes('999')")
    assert kept(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Username")).to_be_visible()
    page.wait_for_function("() => localStorage.getItem('epochwise.nights') === null")
    assert not kept(page)

    # An entry that cannot be read is nobody's.
    page.evaluate("localStorage.setItem('epochwise.nights', '{')")
    page.reload()
    page.wait_for_function("() => localStorage.getItem('epochwise.nights') === null")
    assert not kept(page)
