"""A notice appears on an open page by itself, and is followed by keyboard."""

import pytest
from playwright.sync_api import Page, expect

from annotations.scoring.assignments import assign
from studies.notices.pages import ASKS_EVERY
from tests.helpers.accessibility import findings

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_notice_appears_without_reloading(page_of, annotator, lead, labels_only, monkeypatch):
    monkeypatch.setitem(ASKS_EVERY, "page", 1)
    page: Page = page_of(annotator, color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/notices/")
    expect(page.get_by_role("heading", name="No notices")).to_be_visible()
    bell = page.get_by_role("banner").get_by_role("link", name="Notices")
    expect(bell).to_have_text("Notices")
    scoring = assign(recording=labels_only, annotator=annotator, assigned_by=lead)
    expect(bell).to_have_text("Notices 1")
    notice = page.get_by_role("listitem").filter(has_text="Assigned to you")
    expect(notice).to_be_visible()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, writable: true })")
    page.wait_for_timeout(1500)
    assert asked == []
    with page.expect_response("**/notices/bell/*") as answer:
        page.evaluate(
            "document.hidden = false; document.dispatchEvent(new Event('visibilitychange'))"
        )
    assert answer.value.status == 304

    notice.get_by_role("link").press("Enter")
    page.wait_for_url(f"**/scorings/{scoring.pk}/score/")
    expect(page.get_by_role("banner").get_by_role("link", name="Notices")).to_have_text("Notices")
