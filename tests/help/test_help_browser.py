"""The help beside a page and a tour of it, in the browser."""

import pytest
from playwright.sync_api import Page, expect

from annotations.scoring.assignments import assign
from studies.models import Preferences
from tests.helpers.accessibility import findings
from tests.helpers.workbench_page import Workbench

pytestmark = pytest.mark.django_db(transaction=True)


def shown(page: Page):
    return page.locator("#help article")


def test_the_help_opens_beside_the_page_by_key_and_gives_the_focus_back(page_of, lead, study):
    page = page_of(lead)
    page.goto("/studies/")
    link = page.locator("[data-help-open]")
    link.focus()
    page.keyboard.press("?")
    expect(shown(page)).to_contain_text("Archived studies")
    expect(page.locator("#help:focus-within")).to_be_visible()
    assert findings(page) == []

    page.locator("#help").get_by_role("link", name="All help").click()
    expect(shown(page).locator("h2")).to_have_text("Help")
    expect(page.locator("#help:focus-within")).to_be_visible()
    assert page.url.endswith("/studies/")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    expect(link).to_be_focused()


def test_a_question_mark_in_a_text_stays_there_and_a_lost_network_is_named(
    page_of, lead, study, complaints
):
    page = page_of(lead)
    page.goto("/me/")
    name = page.get_by_label("Full name")
    name.focus()
    page.keyboard.type("?")
    expect(page.locator("#help")).to_be_hidden()
    assert name.input_value().endswith("?")
    page.route("**/help/account/", lambda route: route.abort())
    page.locator("[data-help-open]").click()
    expect(page.locator("#help")).to_contain_text("could not be loaded")
    complaints.heard.clear()  # htmx names the requests that were lost
    page.unroute("**/help/account/")
    page.keyboard.press("Escape")
    page.locator("[data-help-open]").click()
    expect(shown(page)).to_contain_text("Sessions")


def test_a_tour_of_the_workbench_changes_nothing_and_is_not_offered_again(
    page_of, annotator, lead, hour_night
):
    page = page_of(annotator)
    bench = Workbench(page, assign(recording=hour_night, annotator=annotator, assigned_by=lead))
    bench.open(epoch=5).expect_painted()
    page.get_by_role("button", name="Start tour").click()
    step = page.locator(".driver-popover")
    expect(step).to_contain_text("The whole recording")
    assert findings(page, within=".driver-popover") == []
    for key in ("2", "z", "Shift+S"):
        page.keyboard.press(key)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        while step.is_visible():
            page.keyboard.press("Enter")
    expect(page.locator("[data-tour-offer]")).to_have_count(0)
    expect(bench.part("epoch")).to_have_text("epoch 6")
    expect(bench.part("progress")).to_have_text("0 / 120")
    expect(bench.part("submitDialog")).to_be_hidden()
    assert Preferences.objects.get(user=annotator).tours["annotator"] == ["scoring"]

    page.keyboard.press("?")
    expect(bench.part("help").locator("article")).to_contain_text("Score epoch after epoch")
    bench.part("help").get_by_role("button", name="Start tour of this page").click()
    expect(step).to_be_visible()
    page.keyboard.press("Escape")
    expect(step).to_be_hidden()
    expect(bench.part("help")).to_be_hidden()
