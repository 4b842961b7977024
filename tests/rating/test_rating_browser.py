"""Rating by keyboard, by touch and without a network, and what a lead sees of it afterwards."""

import re
import threading

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from annotations.rating.models import Rating, RatingRevision, RatingStudy
from annotations.scoring.models import EpochScore
from tests.helpers.reach import unreached

pytestmark = pytest.mark.django_db(transaction=True)

FITS = "document.documentElement.scrollHeight <= innerHeight"
NO_WIDER = "document.documentElement.scrollWidth <= innerWidth"
TOO_SMALL_TO_TOUCH = """() => [...document.querySelectorAll('.rate button, .rate label:has(input)')]
  .filter((node) => node.checkVisibility() && !node.matches('.mention'))
  .filter((node) => Math.min(node.offsetHeight, node.offsetWidth) < 44)
  .map((node) => node.textContent.trim())"""


@pytest.fixture
def rating_study(make_rating_study, sources) -> RatingStudy:
    EpochScore.objects.filter(scoring__in=sources).update(
        rationale="Spindle in C4-M1 at 12.3-13.1 s, 13.4 Hz. It lasts 0.8 s."
    )
    return make_rating_study(item_count=3, repeat_percent=0)


@pytest.fixture
def context(context_of, rating_study, raters) -> BrowserContext:
    return context_of(raters[0])


def open_queue(page: Page, rating_study: RatingStudy) -> Page:
    page.goto(f"/rate/{rating_study.pk}/")
    expect(page.locator("[data-rating]")).to_have_attribute("data-ready", "")
    return page


@pytest.fixture
def page(context, rating_study) -> Page:
    return open_queue(context.new_page(), rating_study)


def rate(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def expect_place(page: Page, place: int) -> None:
    expect(page.locator("[data-part=place]")).to_have_text(f"{place} of 3")


def scores() -> list[tuple[int | None, ...]]:
    names = ("factual_accuracy", "evidence_comprehensiveness", "logical_coherence")
    return list(Rating.objects.order_by("slot__place").values_list(*names))


def test_a_queue_is_rated_and_taken_back_without_the_mouse(page, rating_study):
    for place in (1, 2):
        expect_place(page, place)
        rate(page, "454")
        page.keyboard.press("Enter")
    expect_place(page, 3)
    expect(page.locator("[data-part=saveState]")).to_contain_text("saved")
    page.keyboard.press("Backspace")
    expect_place(page, 2)
    expect(page.locator("[data-part=missing]")).to_have_text("missing: coherence")
    page.keyboard.press("Shift+Z")
    page.keyboard.press("Enter")
    expect_place(page, 3)
    rate(page, "255")
    page.keyboard.press("Enter")
    comment = page.get_by_label("Comment")
    expect(comment).to_be_focused()
    comment.fill("No spindle there.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="All rated. Thank you.")).to_be_visible()
    assert scores() == [(4, 5, 4), (4, 5, 4), (2, 5, 5)]
    assert Rating.objects.filter(complete=True).count() == 3
    # Taken back from the item after it: nothing of this one was on screen.
    assert RatingRevision.objects.get(shown={}).slot.place == 2


def test_thanks_are_given_only_once_everything_is_saved(page):
    may_pass = threading.Event()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PUT" and not may_pass.is_set():
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/v1/rating/**", hold)
    for place in (1, 2, 3):
        expect_place(page, place)
        rate(page, "444")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="waiting to be saved")).to_be_visible()
    may_pass.set()
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", name="All rated. Thank you.")).to_be_visible()
    assert Rating.objects.filter(complete=True).count() == 3


def test_ratings_without_a_network_survive_closing_the_page(
    page, context, rating_study, complaints
):
    complaints.expected.update({"ERR_INTERNET_DISCONNECTED", "ERR_FAILED"})
    page.wait_for_load_state("networkidle")  # the items ahead are here by then
    context.set_offline(True)
    for place in (1, 2, 3):
        expect_place(page, place)
        rate(page, "435" if place < 3 else "43")
        page.keyboard.press("Enter")
    state = page.locator("[data-part=saveState]")
    expect(state).to_have_text(re.compile(r"\d waiting"))
    expect(state).to_have_attribute("data-written", "")
    page.close()
    assert not Rating.objects.exists()
    context.set_offline(False)
    home = context.new_page()
    home.goto("/")
    card = home.locator("[data-unsent] .card", has_text=rating_study.title)
    expect(card).to_contain_text(re.compile(r"\d changes not sent, since"))
    card.get_by_role("button", name="View changes").click()
    expect(home.locator(".unsent__list")).to_contain_text("accuracy 4, evidence 3, coherence 5")
    home.close()
    again = open_queue(context.new_page(), rating_study)
    expect(again.locator("[data-part=saveState]")).to_have_text(re.compile("saved"))
    expect_place(again, 3)
    expect(again.locator("[data-part=missing]")).to_have_text("missing: coherence")
    assert scores() == [(4, 3, 5), (4, 3, 5), (4, 3, None)]


def test_the_signal_has_the_controls_of_the_workbench_and_phrases_light_their_wave(page):
    part = lambda name: page.locator(f"[data-part={name}]")  # noqa: E731
    expect(part("traceCanvas")).not_to_have_attribute("data-waiting", "")
    assert page.evaluate(FITS)
    for key, name, words in [
        ("ArrowUp", "gain", "5 µV/mm"),
        ("p", "polarity", "positive up"),
        ("+", "page", "15 s page"),
        ("Shift+ArrowRight", "partWords", "15-30 s"),
    ]:
        page.keyboard.press(key)
        expect(part(name)).to_have_text(words)
    page.keyboard.press("e")
    link = page.get_by_role("button", name="12.3-13.1 s")
    expect(link).to_have_attribute("data-lit", "")
    expect(part("partWords")).to_have_text("0-15 s")
    lit, traces = part("spots").locator(".spot").bounding_box(), part("traces").bounding_box()
    main = traces["width"] * 0.71
    start = traces["x"] + traces["width"] * 0.145 + main * 12.3 / 15
    assert lit["x"] == pytest.approx(start, abs=3)
    assert lit["width"] == pytest.approx(main * 0.8 / 15, abs=3)
    assert lit["y"] == pytest.approx(traces["y"] + traces["height"] / 6, abs=3)
    page.keyboard.press("v")
    expect(part("measureValues")).to_contain_text("µV pp")
    page.keyboard.press("5")  # a letter or digit still judges while a wave is measured
    expect(part("missing")).to_have_text("missing: evidence, coherence")
    expect(part("saveState")).to_contain_text("saved")
    shown = RatingRevision.objects.get().shown
    assert (shown["view"], shown["gain_uv_per_mm"], shown["negative_up"]) == ("signal", 5, False)
    assert (shown["page_s"], shown["part"]) == (15, {"at": 0, "of": 2})
    page.keyboard.press("Escape")
    assert unreached(page) == {}
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("m")
    image = page.get_by_role("img", name="Epoch to rate").bounding_box()
    lit = page.locator(".epoch-image .spot").bounding_box()
    assert lit["x"] == pytest.approx(image["x"] + image["width"] * 12.3 / 30, abs=3)
    names = page.get_by_role("list", name="Derivations, from the top").get_by_role("listitem")
    expect(names).to_have_text(["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin"])
    for place, box in enumerate(name.bounding_box() for name in names.all()):
        assert box["x"] + box["width"] <= image["x"]
        middle = box["y"] + box["height"] / 2 - image["y"]
        assert middle == pytest.approx((place + 0.5) * image["height"] / 6, abs=2)
    assert page.evaluate(FITS)


def test_a_phone_has_all_of_it_in_reach_of_a_thumb(context_of, rating_study, raters):
    phone = context_of(raters[0], has_touch=True)
    page = phone.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    open_queue(page, rating_study)
    assert page.evaluate(NO_WIDER)
    assert page.evaluate(TOO_SMALL_TO_TOUCH) == []
    expect(page.locator("[data-part=partWords]")).to_have_text("0-10 s")
    page.get_by_role("button", name="12.3-13.1 s").tap()
    expect(page.locator("[data-part=partWords]")).to_have_text("10-20 s")
    for _ in range(3):
        page.locator("[data-open] label:last-child").tap()
    page.get_by_role("button", name="Undo").tap()
    expect(page.locator("[data-open]")).to_have_attribute("data-dimension", "logical_coherence")
    page.locator("[data-open] label:last-child").tap()
    page.get_by_role("button", name="Next").tap()
    expect_place(page, 2)
    expect(page.locator("[data-part=saveState]")).to_have_text(re.compile("saved"))
    page.locator("[data-act=view]").tap()
    expect(page.get_by_role("img", name="Epoch to rate")).to_be_visible()
    assert page.evaluate(NO_WIDER)
    assert scores() == [(5, 5, 5)]


def test_wheel_and_fingers_move_inside_the_epoch_of_the_item_and_fetch_nothing_more(page):
    part = lambda name: page.locator(f"[data-part={name}]")  # noqa: E731
    expect(part("traceCanvas")).not_to_have_attribute("data-waiting", "")
    page.wait_for_load_state("networkidle")
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    box = part("traces").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.wheel(0, 2000)
    expect_place(page, 1)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    expect(part("partWords")).to_have_text("7.5-22.5 s")
    page.mouse.wheel(0, -120)
    expect(part("partWords")).to_have_text("10-20 s")
    page.keyboard.up("Control")
    page.mouse.wheel(0, 60)
    expect(part("partWords")).not_to_have_text("10-20 s")
    for _ in range(3):
        page.mouse.wheel(0, 2000)
    expect(part("partWords")).to_have_text("20-30 s")
    page.keyboard.press("Shift+ArrowLeft")
    expect(part("partWords")).to_have_text("10-20 s")
    for _ in range(3):
        page.mouse.wheel(0, -2000)
    expect(part("partWords")).to_have_text("0-10 s")
    page.keyboard.down("Control")
    for _ in range(8):
        page.mouse.wheel(0, 120)
    expect(part("page")).to_have_text("1 min page")
    page.keyboard.up("Control")
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 120)
    expect(part("gain")).to_have_text("10 µV/mm")
    page.keyboard.up("Shift")
    expect_place(page, 1)
    assert [url for url in requested if "/api/" in url] == []


def test_two_fingers_zoom_the_signal_on_a_phone(context_of, rating_study, raters):
    page = context_of(raters[0], has_touch=True).new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    open_queue(page, rating_study)
    expect(page.locator("[data-part=page]")).to_have_text("10 s page")
    box = page.locator("[data-part=traces]").bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    fingers = lambda *xs: [  # noqa: E731
        {"x": box["x"] + x, "y": box["y"] + 60, "id": number} for number, x in enumerate(xs)
    ]
    for kind, points in [
        ("touchStart", fingers(150)),
        ("touchStart", fingers(150, 220)),
        ("touchMove", fingers(150, 230)),
        ("touchMove", fingers(150, 330)),
    ]:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_load_state("networkidle")  # what moves the page is loaded with the first
    expect(page.locator("[data-part=page]")).to_have_text("5 s page")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect_place(page, 1)
