"""A stage file dropped on a recording: looked at above its scorings, answered and imported."""

from playwright.sync_api import expect

from annotations.exchange.models import ScoringImport
from annotations.exchange.stage_work import SCORING_IMPORTS
from annotations.scoring.models import Scoring
from tests.helpers.adjudications import finished_scoring

CODES = "[0, 1, 2, 2, 3, 3, 4, 4, 4, 0]"


def test_a_stage_file_is_chosen_answered_looked_at_and_imported(page_of, lead, study, labels_only):
    finished_scoring(labels_only, "Ben", ["W"] * 10)
    page = page_of(lead)
    page.goto(f"/recordings/{labels_only.pk}/")
    tabs = page.get_by_role("navigation", name="Parts of the recording")
    tabs.get_by_role("link", name="Scorings").click()
    page.get_by_role("link", name="Import scoring").click()
    expect(page.locator("[data-drop=ready]")).to_be_visible()
    page.get_by_label("Scorer (optional)").fill("Anna")
    file = {"name": "night.json", "mimeType": "application/json", "buffer": CODES.encode()}
    page.set_input_files("input[name=file]", [file])
    page.wait_for_url("**/scoring-imports/*/")
    SCORING_IMPORTS.run(ScoringImport.objects.get().pk)
    expect(page.get_by_text("1 with questions")).to_be_visible()
    page.get_by_label("yasa: ").check()
    page.get_by_role("button", name="Save answers and update preview").press("Enter")
    expect(page.get_by_role("progressbar", name="Reading")).to_be_visible()
    SCORING_IMPORTS.run(ScoringImport.objects.get().pk)
    expect(page.get_by_text("8 of 10 differ")).to_be_visible()
    assert not Scoring.objects.filter(scorer__label="Anna").exists()
    page.get_by_role("button", name="Import scoring").press("Enter")
    expect(page.get_by_role("progressbar", name="Writing")).to_be_visible()
    SCORING_IMPORTS.run(ScoringImport.objects.get().pk)
    expect(page.get_by_text("10 epochs imported")).to_be_visible()
    assert Scoring.objects.filter(scorer__label="Anna").exists()
