"""A whole rating study through its pages: designed, calibrated, rated by three, read, unblinded."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.rating.lifecycle import LAUNCHES
from annotations.rating.models import Rating, RatingItem, RatingSlot, RatingStudy
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import create_scoring, model_scorer
from studies.models import Role, User

pytestmark = pytest.mark.django_db(transaction=True)

ITEMS = 12
STAGES = ["W", "N1", "N2", "N3", "R"]
ARMS = ["Careful-3b", "Careless-3b"]

# Waited for frame by frame: so many items are too many for the pauses between other looks.
# A stage is locked only when the signal is there to be seen.
IS_STAGING = """place => document.querySelector('[data-part=place]').textContent === place
  && document.querySelector('[data-part=judging]').hidden
  && !document.querySelector('canvas[data-waiting]')"""
IS_JUDGING = "() => !document.querySelector('[data-part=judging]').hidden"


@pytest.fixture
def arms(hour_night) -> None:
    """Two models that explain every epoch of the night."""
    for label in ARMS:
        scoring = create_scoring(
            recording=hour_night, scorer=model_scorer(label=label, provenance={"weights": label})
        )
        contents = [
            (n, ScoreContent(stage=STAGES[n % 5], rules=[], rationale=f"Seen at {n % 29}.5 s."))
            for n in range(60)
        ]
        add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.MODEL)
    Scoring.objects.update(state=Scoring.State.SUBMITTED)


@pytest.fixture
def raters(study, member: Callable[..., User]) -> list[User]:
    return [member(study, Role.RATER, username=f"rater-{n}") for n in (1, 2, 3)]


def design(page: Page, slug: str) -> RatingStudy:
    page.goto(f"/studies/{slug}/ratings/new/")
    page.get_by_label("Title").fill("Do raters agree?")
    for name in ("rater-1", "rater-2", "rater-3"):
        page.get_by_label(name).check()
    asked = {"item_count": ITEMS, "control_percent": 0, "raters_per_item": 3, "repeat_percent": 10}
    for name, value in {**asked, "calibration_count": 2, "calibration_pass_percent": 60}.items():
        page.locator(f"[name={name}]").fill(str(value))
    page.locator("[name=own_stage_first]").check()
    page.get_by_role("button", name="Generate and preview").click()
    page.get_by_role("link", name="Set reference scores").click()
    for article in range(2):
        form = page.locator("form.gold__form").nth(article)
        for name in ("factual_accuracy", "evidence_comprehensiveness", "logical_coherence"):
            form.locator(f"[name={name}]").select_option("4")
        form.locator("[name=feedback]").fill("A fair text.")
        form.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Back to plan").click()
    page.get_by_role("button", name="Launch").click()
    page.locator("dialog[open]").get_by_role("button", name="Launch study").click()
    expect(page.get_by_text("being frozen")).to_be_visible()
    study = RatingStudy.objects.get()
    LAUNCHES.run(study.pk)  # as the worker does
    return study


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press({"⏎": "Enter", "␣": "Space"}.get(key, key))


def calibrate(page: Page, study: RatingStudy, scores: str) -> None:
    page.goto(f"/rate/{study.pk}/")
    gold = page.get_by_role("heading", name="Reference scores")
    for place in (1, 2):
        judge(page, f"{place} of 2", scores)
        expect(gold).to_be_hidden()  # Enter is the next rationale everywhere, and locks nothing
        press(page, "␣")
        expect(gold).to_be_visible()
        expect(page.get_by_text("A fair text.")).to_be_visible()
        press(page, "⏎")


def judge(page: Page, place: str, scores: str) -> None:
    """Own stage, then the text, three scores, next: by keys alone."""
    page.wait_for_function(IS_STAGING, arg=place)
    press(page, "2⏎␣")
    page.wait_for_function(IS_JUDGING)
    press(page, scores + "⏎")


def rate_all(page: Page, rater: User, scores: str) -> None:
    total = RatingSlot.objects.filter(rater=rater).count()
    for place in range(3, total + 1):
        judge(page, f"{place} of {total}", scores)
    expect(page.get_by_role("heading", name="All rated. Thank you.")).to_be_visible()


def test_a_study_is_designed_calibrated_rated_by_three_and_unblinded(
    page_of, study, lead, arms, raters
):
    of_lead = page_of(lead)
    rating_study = design(of_lead, study.slug)
    pages = [page_of(rater) for rater in raters]
    for page, scores in zip(pages, ("454", "345", "x"), strict=True):
        calibrate(page, rating_study, scores)
    for page in pages[:2]:
        expect(page.get_by_role("button", name="Continue rating")).to_be_focused()
        press(page, "⏎")
    expect(pages[2].get_by_text("Within 1 point of the reference scores: 0 of 6")).to_be_visible()
    of_lead.goto(f"/ratings/{rating_study.pk}/raters/")
    of_lead.get_by_label("Reason to admit rater-3").fill("We looked at three nights together.")
    of_lead.get_by_role("button", name="Admit rater").click()
    expect(of_lead.get_by_text("We looked at three nights together.")).to_be_visible()
    pages[2].reload()
    for page, rater, scores in zip(pages, raters, ("454", "345", "443"), strict=True):
        rate_all(page, rater, scores)
    main = Rating.objects.filter(complete=True, slot__item__phase=RatingItem.Phase.MAIN)
    assert main.filter(slot__repeat=0).count() == 3 * ITEMS
    assert set(RatingSlot.objects.values_list("own_stage", flat=True)) == {"N2"}

    of_lead.goto(f"/ratings/{rating_study.pk}/")
    for label in ARMS:
        expect(of_lead.get_by_text(label)).to_have_count(0)
    of_lead.get_by_role("button", name="Unblind study").first.click()
    of_lead.get_by_label("Reason").fill("All have rated.")
    of_lead.locator("dialog[open]").get_by_role("button", name="Unblind study").click()
    expect(of_lead.get_by_text("All have rated.").first).to_be_visible()
    for label in ARMS:
        expect(of_lead.get_by_text(label).first).to_be_visible()
