"""Accessibility of all pages, light and dark."""

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from studies.models import Mode, User
from tests.epochwise.test_permission_matrix import EXPECTED
from tests.helpers.accessibility import findings
from tests.helpers.workbench_page import Workbench
from tests.helpers.world import World

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = ("lead", "owner", "adjudicator", "rater", "viewer", "site")
STILL = {"color_scheme": "light", "reduced_motion": "reduce"}
# (key, what to wait for): everything of the workbench that takes the focus away.
DIALOGS = [
    ("?", "[data-part=help]"),
    ("Shift+K", ".keymap"),
    ("b", "[data-part=displayDialog]"),
    ("g", "[data-part=gotoDialog]"),
    ("q", "[data-part=phrasebook]"),
    ("Shift+C", "#comments"),
    ("Shift+L", "#all-rules"),
    ("Shift+S", "[data-part=submitDialog]"),
    ("h", "[data-part=history]"),
]


# A laptop at 200 % has half its pixels each way.
HALF: ViewportSize = {"width": 720, "height": 450}
AT_200_PERCENT = {
    *("home", "study", "desk:recordings", "recordings:recording", "annotations:study-agreement"),
    *("annotations:night-report", "annotations:release", "studies:members"),
}


def pages(world: World) -> Iterator[tuple[str | None, str]]:
    """Everything that answers with a page: who may see it, and its address."""
    yield None, reverse("login")
    yield None, reverse("account_reset_password")
    yield None, reverse("help:guide", args=["lead"])
    yield "lead", reverse("studies:account")
    yield "owner", reverse("notices:inbox")
    yield "owner", reverse("notices:choices")
    for person in PEOPLE:
        yield person, reverse("home")
    for name in ("site", "site-audit"):
        yield "site-owner", reverse(name)
    for name, lines in EXPECTED.items():
        address = reverse(name, kwargs=world.arguments[name])
        allowed = next((line.allowed for line in lines if line.method == "get"), frozenset())
        for person in [one for one in PEOPLE if one in allowed][:1]:
            answer = world.client(person).get(address)
            if not answer.streaming and b"<!doctype html>" in answer.content[:200]:
                yield person, address


def open_page(page: Page, address: str) -> Page:
    page.goto(address)
    for live in page.locator("[data-workbench], [data-adjudication]").all():
        expect(live).to_have_attribute("data-ready", "")
    for rating in page.locator("[data-rating] [data-part=item]").all():
        expect(rating).to_be_visible()
    return page


def test_no_page_has_a_serious_finding_in_light_or_dark(
    context_of: Callable[..., BrowserContext],
):
    world = World.build()
    world.people["site-owner"] = User.objects.create_superuser("site-owner")
    visits = list(pages(world))
    assert {reverse("login"), reverse("studies:members", args=["ours"])} <= {a for _, a in visits}
    zoomed = {
        reverse(name, kwargs=world.arguments[name] if name != "home" else {})
        for name in AT_200_PERCENT
    }
    assert zoomed <= {address for _, address in visits}
    found: dict[str, list[str]] = {}
    for person in dict.fromkeys(person for person, _ in visits):
        page = context_of(person and world.people[person], **STILL).new_page()
        for address in [address for one, address in visits if one == person]:
            found[address] = found.get(address, []) + findings(open_page(page, address))
            if (titles := page.locator("h1").count()) != 1:
                found[address].append(f"{titles} titles")
            if address in zoomed:
                size = page.viewport_size
                page.set_viewport_size(HALF)
                found[address] += [f"at 200 %: {words}" for words in findings(page)]
                page.set_viewport_size(size)
    assert {address: words for address, words in found.items() if words} == {}


def test_what_opens_takes_the_focus_is_sound_and_gives_the_focus_back(
    page_of,
    annotator,
    assigned,
):
    page = page_of(annotator, **STILL)
    bench = Workbench(page, assigned(Mode.ASSISTED)).open(epoch=5)
    bench.expect_painted()
    bench.press("Shift+Digit2", "j", ".", "r", "1", "v", "s", "d")
    expect(bench.part("detected")).to_have_text("1 detected")
    bench.press("Shift+D")
    expect(bench.part("candidate")).to_be_visible()
    expect(bench.part("suggestionBody")).to_be_visible()
    found = {"workbench": findings(page)}
    bench.press("Escape")
    display = bench.part("display")
    for key, selector in DIALOGS:
        display.focus()
        bench.press(key)
        opened = page.locator(selector)
        expect(opened).to_be_visible()
        assert opened.evaluate("node => node.contains(document.activeElement)"), key
        found[selector] = findings(page, within=selector)
        bench.press("Escape")
        expect(opened).to_be_hidden()
        assert page.evaluate("document.activeElement.dataset.part ?? ''") == "display", key
    assert {where: words for where, words in found.items() if words} == {}
