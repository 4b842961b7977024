"""A night from the file to the export, through all pages, without fixtures in between."""

import csv
import hashlib
import io
import zipfile
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.helpers.running_site import RunningSite
from tests.helpers.workbench_page import Workbench

PASSWORD = "a long enough secret"
SUBJECT = "01-09-0042"
SCORED = 100
RATED = 4
MARKED_EVERY = 3
# The wave that the first phrase of the first rule asks for, by the key of its stage.
MARKS = {
    "w": ("v", "a"),
    "1": ("v", "l"),
    "2": ("v", "s"),
    "3": ("v", "ArrowUp", "d"),
    "r": ("v", "r"),
}
WITHOUT_GAP = {"1"}


@dataclass
class OpenScoring:
    """Stands for the scoring that a page was found to be of."""

    pk: int


def arrive(browser: Browser, site: RunningSite, link: str, username: str) -> Page:
    """Accept an invitation in a browser of one's own, making an account."""
    page = browser.new_context(base_url=site.url, accept_downloads=True).new_page()
    page.goto(link)
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Create account and join").click()
    expect(page.get_by_role("heading", name="Your work")).to_be_visible()
    return page


def invite(lead: Page, role: str) -> str:
    lead.goto("/studies/lab/members/")
    lead.get_by_label("E-mail").fill(f"{role}@example.org")
    lead.get_by_label("Role", exact=True).select_option(role)
    lead.get_by_role("button", name="Create invitation").click()
    return lead.locator(".notice--success code").inner_text()


def upload(lead: Page, folder: Path) -> None:
    lead.goto("/studies/lab/")
    lead.get_by_role("link", name="Add recordings").first.click()
    lead.locator("[data-drop=ready]").wait_for()
    files = [folder / f"{SUBJECT} {kind}.edf" for kind in ("PSG", "Base")]
    lead.get_by_label("choose files").set_input_files(files)
    expect(lead.get_by_text("2 files uploaded", exact=True)).to_be_visible(timeout=120_000)
    lead.get_by_role("button", name=f"Details of {SUBJECT}").click(timeout=120_000)
    scorer = lead.get_by_label(f"Scorer of {SUBJECT} Base.edf")
    scorer.fill("Night technician")
    scorer.press("Tab")
    expect(lead.get_by_text("(Night technician)")).to_be_visible()
    lead.get_by_role("button", name="Import 1 recording").click(timeout=120_000)
    lead.get_by_role("link", name="Open recording").click(timeout=120_000)
    expect(lead.get_by_role("heading", name="Whole recording")).to_be_visible(timeout=120_000)


def score_by_keyboard(annotator: Page) -> int:
    annotator.get_by_role("link", name="Start scoring").click()
    annotator.wait_for_selector("[data-workbench][data-ready]")
    bench = Workbench(annotator, OpenScoring(int(annotator.url.rstrip("/").split("/")[-2])))
    for number, key in enumerate(islice(cycle("w112223r"), SCORED)):
        bench.press(key, "j")
        score_with_words(bench, key, is_marked=number % MARKED_EVERY == 0)
        if number == 0:
            bench.press("ArrowLeft")
            bench.explain(" Seen in epoch 1, “quoted”, comma and all.")
            bench.press("ArrowRight")
    bench.expect_epoch(SCORED + 1)
    bench.expect_saved()
    bench.press("Shift+S")
    expect(bench.part("submitNow")).to_have_text("Submit with 860 epochs not scored")
    bench.part("submitNow").press("Enter")
    expect(bench.part("closed")).to_have_text("submitted")
    return bench.scoring.pk


def score_with_words(bench: Workbench, key: str, *, is_marked: bool) -> None:
    """Put the first phrase in, filled from a marked wave or by typing, and go on."""
    if is_marked:
        bench.expect_painted()
        bench.press(*MARKS[key])
    bench.press("q", "Enter")
    if is_marked or key in WITHOUT_GAP:
        bench.press("ArrowRight")
    else:
        bench.press("C", "4", "Control+Enter")


def rate_by_keyboard(rater: Page) -> None:
    rater.goto("/")
    rater.get_by_role("link", name="Start rating").click()
    for number in range(RATED):
        expect(rater.locator("[data-part=place]")).to_contain_text(f"{number + 1} of {RATED}")
        rater.keyboard.press("4")
        rater.keyboard.press("5")
        rater.keyboard.press("3")
        rater.keyboard.press("Enter")
    expect(rater.get_by_text("All rated")).to_be_visible()
    expect(rater.get_by_role("status", name="Save status")).to_contain_text("saved", timeout=20_000)


def export(lead: Page, scorer: str) -> zipfile.ZipFile:
    lead.goto("/studies/lab/exports/")
    box = lead.get_by_label("Scorer", exact=True)
    box.select_option(label=next(t for t in box.locator("option").all_inner_texts() if scorer in t))
    lead.get_by_label("Include scorings that are not submitted").check()
    lead.get_by_role("button", name="Export").click()
    link = lead.get_by_role("link", name="Download zip").first
    expect(link).to_be_visible(timeout=60_000)
    shown = lead.locator("code.sum").first.get_attribute("title") or ""
    with lead.expect_download() as download:
        link.click()
    data = Path(download.value.path()).read_bytes()
    assert hashlib.sha256(data).hexdigest() in shown
    return zipfile.ZipFile(io.BytesIO(data))


def massex_rows(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    name = next(n for n in archive.namelist() if n.endswith(f"fine/{SUBJECT}.csv"))
    return list(csv.DictReader(io.StringIO(archive.read(name).decode())))


@pytest.mark.long
def test_a_night_goes_from_a_file_to_a_dataset(
    browser: Browser, migrated_site: RunningSite, tmp_path: Path
):
    site = migrated_site
    site.start()
    link = str(site.manage_json("create_study", "lab", "--lead", "l@example.org")["invitation"])
    made = site.manage(
        "simulate_night", str(tmp_path), "--hours", "8", "--seed", "42", "--subject", SUBJECT
    )
    assert made.returncode == 0, made.stderr

    lead = arrive(browser, site, link, "lena")
    annotator = arrive(browser, site, invite(lead, "annotator"), "ana")
    rater = arrive(browser, site, invite(lead, "rater"), "ravi")

    upload(lead, tmp_path)
    lead.get_by_role("link", name="Assign annotator").click()
    lead.get_by_label("Annotator").select_option(label="ana")
    lead.get_by_role("button", name="Assign").click()
    lead.get_by_role("button", name="Pre-score recording").click()
    lead.wait_for_url("**/runs/*/")
    run = lead.url

    annotator.reload()
    scoring = score_by_keyboard(annotator)
    scores = annotator.request.get(f"/api/v1/scorings/{scoring}/").json()["scores"]
    assert len(scores) == SCORED
    assert [epoch for epoch, *_, evidence, _ in scores if evidence] == [*range(0, SCORED, 3)]
    assert all(words and "___" not in words for _, _, _, words, *_ in scores)

    lead.goto(run)
    expect(lead.get_by_text("960 of 960")).to_be_visible(timeout=120_000)

    lead.goto("/studies/lab/")
    lead.get_by_role("link", name="Rating studies").click()
    lead.get_by_role("link", name="Create rating study").click()
    lead.get_by_label("Title").fill("First round")
    lead.get_by_label("ana", exact=True).select_option("")
    lead.get_by_label("AASM reader").select_option("A")
    expect(lead.get_by_label("ravi")).to_be_checked()
    lead.get_by_label("Number of rationales").fill(str(RATED))
    lead.get_by_label("Control items, %").fill("0")
    lead.get_by_label("Hidden repeats").fill("0")
    lead.get_by_role("button", name="Generate and preview").click()
    lead.get_by_role("button", name="Launch").click()
    lead.locator("dialog[open]").get_by_role("button", name="Launch study").click()
    expect(lead.get_by_role("heading", name="No ratings yet")).to_be_visible(timeout=60_000)
    rate_by_keyboard(rater)
    lead.reload()
    expect(lead.get_by_role("row", name="All items").first).to_contain_text("4.00")

    rows = massex_rows(archive := export(lead, "ana"))
    assert len(rows) == SCORED
    assert rows[0]["reasoning_text"].endswith(" Seen in epoch 1, “quoted”, comma and all.")

    archive.extractall(tmp_path / "exported")
    source = next((tmp_path / "exported").rglob(f"fine/{SUBJECT}.csv"))
    epochs = next((tmp_path / "exported").rglob("epochs.csv"))
    site.manage_json(
        *("import_scoring", str(source), "--study", "lab", "--recording", SUBJECT),
        *("--scorer", "brought back", "--epochs", str(epochs)),
    )
    again = massex_rows(export(lead, "brought back"))
    assert again == rows
    agreement = site.manage_json("agreement", "--recording", SUBJECT, "--study", "lab")
    # What was brought back is a copy of the scoring by ana, and no fourth opinion.
    assert {one["label"] for one in agreement["scorers"]} == {
        "ana",
        "Night technician",
        "AASM reader",
    }
