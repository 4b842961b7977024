"""Shared parts of all pages: theme, dialogs, error messages."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from annotations.releases.composition import Composition
from annotations.releases.lifecycle import create_release
from studies.models import Study, User


def test_the_theme_is_switched_and_remembered(page_of: Callable[..., Page], annotator: User):
    page = page_of(annotator, color_scheme="light")
    page.goto("/")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    switch = page.get_by_role("button", name="Theme: system")
    switch.click()
    switch = page.get_by_role("button", name="Theme: light")
    switch.click()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark


def test_a_page_that_does_not_exist_says_so_kindly(
    page_of: Callable[..., Page], annotator: User, complaints
):
    complaints.expected.add("404")
    page = page_of(annotator)
    answer = page.goto("/nights/that/never/were/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="Page not available")).to_be_visible()
    page.get_by_role("link", name="Open start page").click()
    expect(page.get_by_role("heading", name="Your work")).to_be_visible()


def test_nobody_elses_scoring_opens(page_of: Callable[..., Page], member, scoring, complaints):
    complaints.expected.add("404")
    page = page_of(member(None, username="stranger"))
    answer = page.goto(f"/scorings/{scoring.pk}/score/")
    assert answer is not None
    assert answer.status == 404


def test_a_dialog_opens_before_the_modules_of_its_page_have_come(
    page_of: Callable[..., Page], lead: User, study: Study
):
    draft = create_release(study=study, title="Nights", composition=Composition(), user=lead)
    page = page_of(lead)
    page.route("**/js/site/page.js", lambda never_answered: None)
    page.goto(f"/releases/{draft.pk}/", wait_until="commit")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("dialog", name="Discard draft")).to_be_visible()
