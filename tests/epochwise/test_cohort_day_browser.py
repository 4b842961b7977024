"""A lead's day with a cohort of 60 nights, on the pages alone: assign, follow, remind, settle by
majority, release. What annotators do meanwhile is written by the services that their pages call."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotations.releases.models import Release
from annotations.releases.work import RELEASES
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import close_scoring
from recordings.models import Recording, Subject
from studies.models import Role, Study, User
from tests.helpers.adjudications import RULES, finished_scoring

pytestmark = pytest.mark.django_db(transaction=True)

NIGHTS = 60
# Epochs of the scored night on which one of three says another stage.
DIFFERING = ({10: "N1", 30: "R"}, {80: "N2"}, {})


@pytest.fixture
def lead(study: Study, member) -> User:
    return member(study, Role.LEAD, Role.ADJUDICATOR, username="lena")


@pytest.fixture
def cohort(study: Study, hour_night: Recording) -> Recording:
    """Sixty nights; the first has signals and is returned."""
    Study.objects.update(licence="CC BY 4.0", may_release_words=True)
    subject = Subject.objects.create(study=study, code="S002")
    Recording.objects.bulk_create(
        Recording(
            study=study, subject=subject, name=f"COH-{n:04}", state="labels_only", epoch_count=4
        )
        for n in range(1, NIGHTS)
    )
    return hour_night


def stages_of(side: int, epoch_count: int) -> list[str | None]:
    common = ["N2" if epoch < 60 else "N3" for epoch in range(epoch_count)]
    return [DIFFERING[side].get(epoch, stage) for epoch, stage in enumerate(common)]


def submit(scoring: Scoring, stages: list[str | None]) -> None:
    contents = [
        (epoch, ScoreContent(stage, RULES[stage], "Seen.")) for epoch, stage in enumerate(stages)
    ]
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.EDIT)
    close_scoring(scoring=scoring)


def click(page: Page, name: str, role: str = "button") -> None:
    page.get_by_role(role, name=name, exact=True).first.click()


def choose_all_that_match(page: Page) -> None:
    page.get_by_label(f"Choose all {NIGHTS} that match").check()


def assign_two_each(page: Page, study: Study) -> None:
    page.goto(f"/studies/{study.slug}/recordings/")
    choose_all_that_match(page)
    click(page, "Assign…")
    expect(page.get_by_text(f"{NIGHTS} recordings chosen")).to_be_visible()
    page.get_by_label("Due").fill(str(timezone.localdate() + timedelta(days=7)))
    click(page, "Preview assignments")
    click(page, f"Assign {2 * NIGHTS}")
    expect(page.get_by_text(f"{2 * NIGHTS} done, 0 refused")).to_be_visible()


def a_week_later(night: Recording) -> None:
    """Let both annotators of one night submit, and what is left of one night become overdue."""
    for side, scoring in enumerate(Scoring.objects.filter(recording=night).order_by("pk")):
        submit(scoring, stages_of(side, night.epoch_count))
    finished_scoring(night, "night technician", stages_of(2, night.epoch_count))
    late = Scoring.objects.filter(recording__name="COH-0007")
    late.update(due=timezone.localdate() - timedelta(days=1))


def remind_the_late(page: Page, study: Study) -> None:
    page.goto(f"/studies/{study.slug}/")
    page.get_by_role("region", name="Needs you").get_by_role("link", name="2 overdue").click()
    expect(page.locator("#rows p[role=status]")).to_have_text("1 to 2 of 2")
    page.get_by_role("checkbox", name="Choose this page").check()
    click(page, "Remind…")
    click(page, "Send reminders")
    expect(page.get_by_text("2 done, 0 refused")).to_be_visible()


def settle_by_majority(page: Page, night: Recording) -> None:
    page.goto(f"/recordings/{night.pk}/")
    click(page, "Adjudicate recording", "link")
    for box in page.get_by_role("group", name="Finished scorings").get_by_role("checkbox").all():
        box.check()
    click(page, "Start adjudication")
    page.wait_for_selector("[data-adjudication][data-ready]")
    page.keyboard.press("Shift+R")
    rule = page.get_by_role("dialog", name="Settle by rule")
    rule.get_by_label("Least share of scorings in %").fill("60")
    page.locator("[data-part=rulePreview]").press("Enter")
    expect(rule).to_contain_text("3 epochs settled")
    page.locator("[data-part=ruleApply]").press("Enter")
    expect(page.locator("[data-part=progress]")).to_have_text("all settled")
    page.keyboard.press("Shift+S")
    dialog = page.get_by_role("dialog", name="Consensus")
    dialog.get_by_role("button", name="Create consensus").press("Enter")
    expect(page.get_by_role("link", name="Open consensus")).to_be_visible()


def release(page: Page, study: Study) -> Release:
    page.goto(f"/studies/{study.slug}/releases/new/")
    click(page, "Preview release")
    click(page, "Freeze release")
    page.get_by_label("Version").fill("1.0.0")
    page.locator("dialog[open]").get_by_role("button", name="Freeze release").click()
    expect(page.locator("#progress")).to_be_visible()
    made = Release.objects.get(version="1.0.0")
    RELEASES.run(made.pk)
    expect(page.get_by_role("link", name="Download zip")).to_be_visible()
    return Release.objects.get(pk=made.pk)


@pytest.mark.long
def test_a_lead_takes_a_cohort_from_assignment_to_release(page_of, study, lead, member, cohort):
    names = ("ada", "ben", "cleo")
    annotators = [member(study, Role.ANNOTATOR, username=name) for name in names]
    page = page_of(lead, reduced_motion="reduce")
    assign_two_each(page, study)
    assert [Scoring.objects.filter(scorer__user=user).count() for user in annotators] == [40] * 3
    a_week_later(cohort)
    remind_the_late(page, study)
    settle_by_majority(page, cohort)
    made = release(page, study)
    assert [entry["recording"] for entry in made.manifest["nights"]] == [cohort.name]
