"""The data manager by keyboard: rows of several pages are chosen and assigned in one act."""

import pytest
from playwright.sync_api import Page, expect

from annotations.scoring.models import Scoring
from recordings.models import Recording, Subject
from studies.models import Role
from tests.helpers.accessibility import findings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cohort(study) -> list[Recording]:
    subject = Subject.objects.create(study=study, code="S001")
    return Recording.objects.bulk_create(
        Recording(
            study=study, subject=subject, name=f"COH-{n:04}", state="labels_only", epoch_count=4
        )
        for n in range(60)
    )


def press_on(page: Page, name: str, role: str = "button", key: str = "Enter") -> None:
    page.get_by_role(role, name=name, exact=True).first.focus()
    page.keyboard.press(key)


@pytest.mark.long
def test_a_lead_assigns_rows_of_several_pages_by_keyboard(page_of, study, lead, member, cohort):
    for username in ("ada", "ben", "cleo"):
        member(study, Role.ANNOTATOR, username=username)
    page: Page = page_of(lead, reduced_motion="reduce")
    page.goto(f"/studies/{study.slug}/recordings/")
    expect(page.get_by_role("button", name="Assign…")).to_be_disabled()
    press_on(page, "Choose COH-0001", "checkbox", "Space")
    press_on(page, "Choose COH-0003", "checkbox", "Shift+Space")
    expect(page.get_by_text("3 chosen")).to_be_visible()
    press_on(page, "Next", "link")
    expect(page.locator("#rows p[role=status]")).to_have_text("51 to 60 of 60")
    assert "page=2" in page.url
    press_on(page, "Choose COH-0059", "checkbox", "Space")
    expect(page.get_by_text("4 chosen")).to_be_visible()
    assert findings(page) == []
    press_on(page, "Previous", "link")
    expect(page.get_by_role("checkbox", name="Choose COH-0002")).to_be_checked()

    press_on(page, "Assign…")
    expect(page.get_by_text("4 recordings chosen")).to_be_visible()
    assert findings(page) == []
    press_on(page, "Preview assignments")
    expect(page.get_by_text("8 assignments of 4 recordings")).to_be_visible()
    assert findings(page) == []
    press_on(page, "Assign 8")
    expect(page.get_by_text("8 done, 0 refused")).to_be_visible()
    assert findings(page) == []
    assigned = Scoring.objects.values_list("recording__name", flat=True)
    assert sorted(set(assigned)) == ["COH-0001", "COH-0002", "COH-0003", "COH-0059"]

    press_on(page, "Back to recordings", "link")
    page.get_by_role("searchbox", name="Search").fill("COH-005")
    expect(page.locator("#rows p[role=status]")).to_have_text("1 to 10 of 10")
    press_on(page, "Kappa", "link")
    expect(page.locator("th[aria-sort]")).to_contain_text("Kappa")
    assert "q=COH-005" in page.url
    page.go_back()
    expect(page.locator("html")).to_contain_text("Recordings")


@pytest.mark.long
def test_every_table_can_be_had_as_csv(page_of, study, lead, member):
    member(study, Role.ANNOTATOR, username="ada")
    page: Page = page_of(lead)
    page.goto(f"/studies/{study.slug}/members/")
    with page.expect_download() as download:
        press_on(page, "Table as csv")
    text = download.value.path().read_text()
    assert "ada" in text
    assert text.count("\n") >= 3
