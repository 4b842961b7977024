"""Bringing annotations in: files chosen, looked at, confirmed and written."""

from playwright.sync_api import expect

from annotations.exchange.import_work import IMPORTS
from annotations.exchange.models import MassexImport
from annotations.exchange.plan import Counting
from annotations.scoring.models import Scoring
from tests.helpers.massex_tables import night_csv


def csv(name: str, text: str) -> dict[str, str | bytes]:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def test_files_are_chosen_looked_at_confirmed_and_written(page_of, lead, study, labels_only):
    page = page_of(lead)
    page.goto(f"/studies/{study.slug}/imports/")
    expect(page.locator("[data-drop=ready]")).to_be_visible()
    page.get_by_label("Scorer (optional)").fill("Anna")
    page.get_by_label("Epoch numbering").select_option(Counting.EPOCHS.value)
    page.set_input_files("input[name=file]", [csv("letter.txt", "Dear colleague")])
    expect(page.get_by_role("alert")).to_contain_text("No csv or zip file")
    files = [csv("S1.csv", night_csv("S1", ["W", "N1"])), csv("S2.csv", night_csv("S2", ["W"]))]
    page.set_input_files("input[name=file]", files)
    page.wait_for_url("**/imports/*/")
    expect(page.get_by_text("No worker is running")).to_be_visible()
    IMPORTS.run(MassexImport.objects.get().pk)
    expect(page.get_by_role("heading", name="Import preview")).to_be_visible()
    chosen = page.get_by_role("checkbox", name="Import S1.csv")
    expect(chosen).to_be_checked()
    expect(page.get_by_text("no recording or subject S2")).to_be_visible()
    assert not Scoring.objects.exists()
    chosen.focus()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Import selected files").press("Enter")
    expect(page.get_by_role("progressbar", name="Writing")).to_be_visible()
    IMPORTS.run(MassexImport.objects.get().pk)
    expect(page.get_by_text("2 epochs imported")).to_be_visible()
    assert Scoring.objects.get().scorer.label == "Anna"
