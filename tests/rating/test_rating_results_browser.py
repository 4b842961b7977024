"""The figures of a rating study's results: drawn, a way to the items, taken away for a paper."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from annotations.rating.lifecycle import unblind
from tests.helpers.accessibility import findings
from tests.helpers.rated_studies import finished_study

pytestmark = pytest.mark.django_db(transaction=True)

OVERHANG = """() => [...document.querySelectorAll('[data-place]')].filter(
  (place) => place.querySelector('.main-svg').getBoundingClientRect().width > place.clientWidth + 1
).length"""


@pytest.fixture
def opened(study, member, lead):
    rating_study = finished_study(
        study=study,
        member=member,
        arms={"Expert": 0.3, "Model": -0.3},
        severity=[-0.3, 0.0, 0.3],
        recordings=6,
        raters_per_item=3,
        repeat_every=4,
        cannot_judge_every=9,
    )
    return unblind(rating_study=rating_study, user=lead, reason="All is rated.")


def taken(page: Page, figure: str, format: str) -> bytes:
    with page.expect_download() as download:
        page.locator(f"[data-figure={figure}] [data-format={format}]").click()
    assert download.value.suggested_filename.endswith(f"-{figure}.{format}")
    return Path(download.value.path()).read_bytes()


def test_a_lead_reads_the_figures_follows_one_to_its_items_and_takes_them_away(
    context_of, lead, opened
):
    context = context_of(lead, color_scheme="light", reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"/ratings/{opened.pk}/?by=arm")
    expect(page.locator("[data-figure=severity] .main-svg .points path.point")).to_have_count(9)
    assert page.evaluate(OVERHANG) == 0
    assert findings(page, within="main") == []

    drawing = taken(page, "means", "svg").decode()
    assert drawing.lstrip().startswith("<svg")
    for words in ("Factual accuracy", "SleepVLM v3", "Expert", "rgb(0, 0, 0)"):
        assert words in drawing, words
    assert taken(page, "levels", "png").startswith(b"\x89PNG")

    page.get_by_role("button", name="Copy methods text").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "rationales from 6 recordings" in page.evaluate("navigator.clipboard.readText()")

    threes_of_coherence = page.locator("[data-figure=levels] .main-svg .bars").nth(12)
    threes_of_coherence.locator(".point path").last.click(force=True)
    expect(page).to_have_url(re.compile(r"/items/\?dimension=logical_coherence&score=3"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("rated item")
