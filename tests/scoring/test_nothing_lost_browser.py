"""What goes wrong between the workbench and the server, and that no work is lost by it."""

import json
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Route, expect

from annotations.scoring.assignments import give_back, withdraw
from annotations.scoring.models import EpochScore, Scoring
from studies.models import User
from tests.helpers.browser import PASSWORD
from tests.helpers.workbench_page import SAVE_URL, Workbench


@pytest.fixture
def context(context_of: Callable[..., BrowserContext], annotator: User) -> BrowserContext:
    return context_of(annotator)


@pytest.fixture
def bench(context: BrowserContext, night_scoring: Scoring) -> Workbench:
    return Workbench(context.new_page(), night_scoring).open(epoch=20)


def stored(scoring: Scoring, epoch: int) -> EpochScore:
    return scoring.scores.get(epoch=epoch)


def conflict_at(bench: Workbench, context: BrowserContext) -> Workbench:
    """Change an epoch in `bench` and then, unaware of it, in a second tab."""
    other = Workbench(context.new_page(), bench.scoring).open(epoch=20)
    bench.press("Shift+Digit1")
    bench.explain("alpha gives way")
    bench.expect_saved()
    other.press("Shift+Digit2")
    other.expect_state("conflict")
    return other


def test_two_tabs_on_the_same_epoch_show_both_sides_and_mine_can_be_kept(
    bench, context, complaints, night_scoring
):
    complaints.expected.add("409")
    other = conflict_at(bench, context)
    expect(other.part("conflictMine")).to_contain_text("N2")
    expect(other.part("conflictTheirs")).to_contain_text("alpha gives way")
    other.press("c", "Enter")
    other.expect_saved()
    expect(other.part("conflict")).to_be_hidden()
    assert stored(night_scoring, 20).stage == "N2"
    stages = [r.after["stage"] for r in night_scoring.revisions.order_by("pk")]
    assert (stages[0], stages[-1]) == ("N1", "N2")


def test_two_tabs_on_the_same_epoch_and_theirs_can_be_kept(
    bench, context, complaints, night_scoring
):
    complaints.expected.add("409")
    other = conflict_at(bench, context)
    other.page.get_by_role("button", name="Use their version").click()
    expect(other.part("rationale")).to_have_value("alpha gives way")
    other.press("z")
    other.expect_saved()
    assert (stored(night_scoring, 20).stage, stored(night_scoring, 20).rationale) == ("N2", "")


def test_a_save_whose_reply_was_lost_is_repeated_and_stored_once(bench, night_scoring, complaints):
    complaints.expected.add("ERR_FAILED")
    bodies: list[str] = []

    def lose_the_first_reply(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        if len(bodies) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    bench.page.route(SAVE_URL, lose_the_first_reply)
    bench.press("2")
    bench.expect_state("1 waiting")
    bench.press("ArrowLeft", "r")
    bench.expect_saved()
    assert bodies[0] == bodies[1]
    assert stored(night_scoring, 20).stage == "R"
    whats = night_scoring.revisions.order_by("pk").values_list("version", "after__stage")
    assert list(whats) == [(1, "N2"), (2, "R")]


def test_a_save_after_logout_waits_for_the_next_login(
    bench, context, complaints, annotator: User, night_scoring
):
    complaints.expected.add("401")
    Session.objects.all().delete()
    bench.press("w", "1")
    bench.expect_state("signed out")
    bench.press("2")
    assert not night_scoring.scores.exists()
    with context.expect_page() as opened:
        bench.page.get_by_role("link", name="Sign in again").click()
    login = opened.value
    login.get_by_label("Username").fill(annotator.username)
    login.get_by_label("Password").fill(PASSWORD)
    login.get_by_label("Password").press("Enter")
    login.wait_for_url("**/")
    login.close()
    bench.page.bring_to_front()
    bench.page.evaluate("dispatchEvent(new Event('focus'))")
    bench.expect_saved()
    assert [s.stage for s in night_scoring.scores.order_by("epoch")] == ["W", "N1", "N2"]


def test_work_without_a_network_survives_closing_the_tab(bench, context, complaints, night_scoring):
    complaints.expected.update({"ERR_INTERNET_DISCONNECTED", "ERR_FAILED"})
    bench.page.wait_for_load_state("networkidle")  # the epochs ahead are here by then
    context.set_offline(True)
    bench.press("w", "1", "2", "3", "r")
    bench.explain("written in the dark")
    bench.expect_state("6 waiting")
    expect(bench.part("saveState")).to_have_attribute("data-written", "")
    bench.page.close()
    assert not night_scoring.scores.exists()
    context.set_offline(False)
    again = Workbench(context.new_page(), night_scoring).open()
    again.expect_saved()
    stages = night_scoring.scores.order_by("epoch").values_list("stage", flat=True)
    assert list(stages) == ["W", "N1", "N2", "N3", "R", None]
    assert stored(night_scoring, 25).rationale == "written in the dark"


def test_leaving_with_unsaved_work_needs_a_confirmation(bench, context, complaints):
    complaints.expected.update({"ERR_INTERNET_DISCONNECTED", "ERR_FAILED"})
    dialogs: list[str] = []
    bench.page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    context.set_offline(True)
    bench.press("w")
    bench.expect_state("1 waiting")
    with bench.page.expect_event("close"):
        bench.page.close(run_before_unload=True)
    assert dialogs == ["beforeunload"]


def test_a_save_after_submitting_elsewhere_is_refused_in_words(
    bench, complaints, night_scoring: Scoring
):
    complaints.expected.add("409")
    night_scoring.state = Scoring.State.SUBMITTED
    night_scoring.save()
    bench.press("w")
    bench.expect_state("not saved")
    expect(bench.part("noticeText")).to_contain_text("submitted")
    assert not night_scoring.scores.exists()


def test_a_night_taken_away_while_scoring_closes_the_page_and_goes_on_when_given_back(
    bench, complaints, night_scoring: Scoring, lead: User
):
    complaints.expected.add("409")
    withdraw(scoring=night_scoring, user=lead, reason="Somebody else takes it.")
    bench.press("w")
    bench.expect_state("not saved")
    expect(bench.part("closed")).to_have_text("withdrawn")
    expect(bench.part("noticeText")).to_contain_text("1 change is stored in this browser")
    bench.press("z", "1")  # neither undone nor staged: it would only be refused later
    expect(bench.part("answer")).to_contain_text("withdrawn: nothing was changed")
    give_back(scoring=night_scoring, user=lead)
    bench.page.evaluate("dispatchEvent(new Event('focus'))")
    bench.expect_saved()
    expect(bench.part("closed")).to_be_hidden()
    assert [(s.epoch, s.stage) for s in night_scoring.scores.all()] == [(20, "W")]


def test_changes_of_a_night_taken_away_are_read_and_downloaded_and_let_go_by_an_act(
    bench, context, complaints, night_scoring: Scoring, lead: User
):
    complaints.expected |= {"409", "ERR_INTERNET_DISCONNECTED"}
    context.set_offline(True)
    bench.press("Shift+Digit2")
    bench.explain("worth keeping")
    withdraw(scoring=night_scoring, user=lead, reason="Somebody else takes it.")
    context.set_offline(False)
    bench.expect_state("not saved")
    bench.page.get_by_role("button", name="View unsent changes").click()
    expect(bench.page.locator(".unsent__list")).to_contain_text("worth keeping")
    with bench.page.expect_download() as downloading:
        bench.page.get_by_role("button", name="Download").click()
    assert json.loads(downloading.value.path().read_text())["changes"][0]["epoch"] == 20
    bench.press("Escape")
    bench.page.close()
    night_scoring.study.memberships.filter(user=night_scoring.scorer.user).delete()
    home = context.new_page()
    home.goto("/")
    home.get_by_role("button", name="View changes").click()
    expect(home.locator(".unsent__list")).to_contain_text("N2")
    home.get_by_role("button", name="Delete changes").click()
    home.get_by_role("button", name="for good").press("Enter")
    expect(home.locator("[data-unsent]")).to_be_hidden()
    home.reload()
    expect(home.locator("[data-unsent]")).to_be_hidden()
    assert not night_scoring.scores.exists()


def test_signals_that_do_not_arrive_are_spoken_of_and_fetched_again(
    context, complaints, night_scoring
):
    complaints.expected.add("ERR_FAILED")
    page = context.new_page()
    page.route("**/epochs/*/?count=*", lambda route: route.abort())
    bench = Workbench(page, night_scoring).open(epoch=20)
    expect(bench.part("waiting")).to_contain_text("Trying again")
    expect(bench.part("waiting")).to_be_visible()
    bench.press("2", ".", "n", "2", "y", "Shift+Digit3")
    bench.part("stages").locator("[data-stage=R]").click()
    bench.expect_epoch(21)
    expect(bench.part("answer")).to_contain_text("signal of this epoch is not here")
    bench.explain("Nothing is seen yet.")
    bench.expect_saved()
    assert stored(night_scoring, 20).stage is None
    page.unroute("**/epochs/*/?count=*")
    expect(bench.part("waiting")).to_be_hidden()
    bench.press("Shift+Digit3")
    bench.expect_saved()
    assert stored(night_scoring, 20).stage == "N3"
    assert bench.inked_pixels() > 5_000
