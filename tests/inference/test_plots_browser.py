"""Plots of agreement and of compared models: drawn, titled, a way to their rows, light and dark."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from annotations.scoring.models import Scoring
from inference.registry.bundles import built_in_folder, register_bundle
from recordings.models import Recording, Subject
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db(transaction=True)

NIGHT = ["W", "W", "N1", "N2", "N2", "N2", "N3", "N3", "R", "R"]
WORSE = ["W", "N1", "N1", "N2", "R", "N2", "N3", "N2", "R", "R"]


@pytest.fixture
def compared(labels_only, rules_bundle, study) -> tuple[int, int]:
    """Two nights of two people and two models, one with curves; return two of the scorers."""
    second = register_bundle(folder=built_in_folder("rules"), name="second")[0]
    second.learning = {"validation_loss": [[10, 1.5], [20, 0.75]]}
    second.save()
    other = Recording.objects.create(
        study=study,
        subject=Subject.objects.create(study=study, code="Other"),
        name="Other",
        state=Recording.State.LABELS_ONLY,
        epoch_count=len(NIGHT),
    )
    people = [finished_scoring(labels_only, f"Expert {n}", NIGHT).scorer for n in range(2)]
    scored = (
        (rules_bundle.scorer, NIGHT),
        (second.scorer, WORSE),
        *zip(people, (NIGHT, WORSE), strict=True),
    )
    for night in (labels_only, other):
        for scorer, stages in scored:
            if night == other or scorer not in people:
                scoring = finished_scoring(night, f"{scorer.pk} of {night.pk}", stages)
                Scoring.objects.filter(pk=scoring.pk).update(scorer=scorer)
    return people[0].pk, people[1].pk


def drawn(page: Page, name: str) -> Locator:
    """Return a plot, which has to be drawn, and to have the title that it is read out with."""
    plot = page.locator(f"[id='{name}']")
    expect(plot.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    title = plot.get_by_role("heading").inner_text()
    assert title
    expect(plot.locator("[data-plot]")).to_have_attribute(
        "aria-label", re.compile(re.escape(title))
    )
    return plot


def click_point(page: Page, plot: Locator) -> None:
    box = plot.locator(".points path").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plots_and_confusion_matrices_lead_to_their_rows_by_mouse_and_by_key(
    page_of, lead, study, compared, scheme
):
    page: Page = page_of(lead, color_scheme=scheme, reduced_motion="reduce")
    of_study = reverse("annotations:study-agreement", args=[study.slug])
    one_night = re.compile(r"/recordings/\d+/agreement/")
    page.goto(of_study)
    click_point(page, drawn(page, "by-night"))
    page.wait_for_url(one_night)
    page.go_back()
    drawn(page, "by-night").get_by_role("link", name="Numbers").press("Enter")
    page.locator("#nights ~ * a, section:has(#nights) a").first.press("Enter")
    page.wait_for_url(one_night)

    of_pair = (
        f"{reverse('annotations:study-pair', args=[study.slug])}?a={compared[0]}&b={compared[1]}"
    )
    behind = re.compile(r"/agreement/epochs/")
    for act in (Locator.click, lambda link: link.press("Enter")):
        page.goto(of_pair)
        drawn(page, "by-night")
        cell = page.locator(".confusion a").first
        count = cell.inner_text()
        act(cell)
        page.wait_for_url(behind)
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"^{count} epoch"))

    page.goto(reverse("inference:models-compare", args=[study.slug]))
    expect(drawn(page, "learning-validation_loss").locator(".js-line").first).to_be_visible()
    click_point(page, drawn(page, "kappas"))
    page.wait_for_url(re.compile(r"/agreement/pair/"))
    page.go_back()
    drawn(page, "kappas").get_by_role("link", name="Numbers").press("Enter")
    page.locator("section:has(#measures) thead a").first.press("Enter")
    page.wait_for_url(re.compile(r"/agreement/pair/"))
