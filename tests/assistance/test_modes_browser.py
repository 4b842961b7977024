"""What the workbench shows of another scoring, and that it shows nothing before the mode allows."""

from playwright.sync_api import Page, Response, expect

from annotations.assistance.models import RevealLock, SentSuggestion
from recordings.models import Recording
from studies.models import Mode, User
from tests.helpers.adjudications import finished_scoring
from tests.helpers.hour_with_help import DETECTED, SECRET, SPINDLE, WORDS
from tests.helpers.reach import unreached
from tests.helpers.workbench_page import Workbench, marked_pixels


class Overheard:
    """Every text that a page was sent."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        page.on("response", self._hear)

    def _hear(self, response: Response) -> None:
        if "/api/" in response.url and response.ok and "/epochs/" not in response.url.split("?")[0]:
            self.texts.append(response.url + str(response.headers))
        if response.headers.get("content-type", "").startswith(("application/json", "text/html")):
            self.texts.append(response.text())

    def holds(self, *words: str) -> list[str]:
        return [word for word in words if any(word in text for text in self.texts)]


def test_reveal_leaks_nothing_before_the_lock_and_keeps_both_answers(
    page_of, annotator: User, assigned, complaints
):
    complaints.expected |= {"ERR_INTERNET_DISCONNECTED"}
    scoring = assigned(Mode.REVEAL)
    page = page_of(annotator)
    heard = Overheard(page)
    bench = Workbench(page, scoring).open(epoch=30, goes_on=False)
    bench.press("d", "1", "Shift+Enter")
    expect(bench.part("suggestionState")).to_contain_text(
        "Lock your first answer to see the suggestion"
    )
    bench.explain("Mine.")
    bench.expect_saved()
    assert heard.holds(SECRET, '"kind":"', '"probability":') == []
    assert SECRET not in page.content()
    assert not SentSuggestion.objects.exists()

    bench.press(" ")
    expect(bench.part("suggestionText")).to_have_text(WORDS)
    expect(bench.part("suggestionCompared")).to_have_text("differs from yours")
    expect(bench.part("suggestionProbability")).to_have_text("75 %")
    expect(bench.part("detected")).to_have_text("1 detected")
    assert [text.count('"stage":"N2"') for text in heard.texts if SECRET in text] == [1]
    bench.press("Shift+Enter")
    expect(bench.part("suggestionCompared")).to_have_text("agrees with yours")
    bench.expect_saved()
    first, second = scoring.revisions.filter(epoch=30).order_by("version")[1:3]
    assert (first.after["stage"], first.after["rationale"]) == ("N1", "Mine.")
    assert (second.after["stage"], second.after["rationale"]) == ("N2", WORDS)
    assert RevealLock.objects.get().revision == first
    assert (first.shown["suggestion_on_screen"], second.shown["took"]) == (False, "whole")

    # On the fast way a stage key locks, also offline; nothing opens until the server has it.
    bench.press("ArrowRight", "a")
    page.context.set_offline(True)
    bench.press("2")
    bench.expect_epoch(32)
    expect(bench.part("suggestionState")).to_contain_text("The suggestion is shown when the server")
    bench.press("2", "3")
    bench.expect_epoch(33)
    expect(bench.part("saveState")).to_contain_text("4 waiting")
    page.context.set_offline(False)
    expect(bench.part("suggestionText")).to_have_text(WORDS)
    bench.press("Enter")
    bench.expect_epoch(34)
    bench.expect_saved()
    assert list(RevealLock.objects.values_list("epoch", flat=True)) == [30, 31, 32]

    # Submitting names what was staged and never locked, and leads there.
    bench.press("a", "1", "Home", "Shift+S")
    expect(bench.part("submitUnlocked")).to_contain_text("1 staged epoch was never locked")
    bench.part("submitUnlockedList").get_by_role("button", name="34").click()
    bench.expect_epoch(34)


def test_assisted_suggestions_and_detected_waves_are_taken_over_by_keys(
    page_of, annotator: User, assigned
):
    scoring = assigned(Mode.ASSISTED)
    bench = Workbench(page_of(annotator), scoring).open(epoch=30)
    bench.expect_painted()
    expect(bench.part("suggestionText")).to_have_text(WORDS)
    assert marked_pixels(bench) == 0
    bench.page.get_by_role("button", name="12.3-13.1 s").focus()
    assert marked_pixels(bench) > 0
    bench.press("Escape", "Shift+Enter")
    bench.expect_epoch(32)
    assert marked_pixels(bench) == 0
    bench.press("1", "ArrowLeft")
    bench.explain("Mine.")
    bench.press("Shift+E", "d")
    expect(bench.part("detected")).to_have_text("1 detected")
    bench.press("Shift+D")
    expect(bench.part("candidateText")).to_contain_text("1 of 1 detected: spindle in C4-M1")
    bench.press("Enter")
    expect(bench.part("candidate")).to_be_hidden()
    expect(bench.part("evidence").locator("li")).to_have_count(2)
    assert unreached(bench.page) == {}
    for key, dialog in (("?", "help"), ("b", "displayDialog"), ("Shift+S", "submitDialog")):
        bench.press(key)
        expect(bench.part(dialog)).to_be_visible()
        assert unreached(bench.page) == {}
        bench.press("Escape")
    bench.page.set_viewport_size({"width": 1440, "height": 900})
    bench.expect_saved()
    whole, own = scoring.scores.order_by("epoch")
    assert (whole.stage, whole.rules, whole.rationale) == ("N2", ["N2.1"], WORDS)
    assert whole.evidence == [SPINDLE]
    assert (own.stage, own.evidence) == ("N1", [SPINDLE, DETECTED])
    assert own.rationale == f"Mine. {WORDS} Spindle in C4-M1 at 20.0-21.0 s, 13.4 Hz."
    assert scoring.revisions.get(epoch=30).shown["took"] == "whole"
    last = scoring.revisions.filter(epoch=31).latest("version").shown
    assert (last["suggestion_on_screen"], last["candidates"]) == (True, True)
    assert "rationale" in [r.shown.get("took") for r in scoring.revisions.filter(epoch=31)]

    bench.part("claimsOpen").press("Enter")
    expect(bench.part("claimsNote")).to_have_text("1 supported, 1 cannot tell")
    expect(bench.part("claimsList")).to_contain_text("there is one spindle at 20.0-21.0 s")
    expect(bench.part("claimsUnread")).to_contain_text("Mine")
    bench.press("Escape")
    expect(bench.part("claims")).to_be_hidden()
    expect(bench.part("claimsOpen")).to_be_focused()


def test_review_corrects_a_copy_and_tells_of_nobody_and_nothing_else(
    page_of, annotator: User, hour_night: Recording, assigned
):
    scoring = assigned(Mode.REVIEW)
    source = scoring.suggestion
    source.scorer.label = "whoitwas"
    source.scorer.save()
    finished_scoring(hour_night, "anotherscorer", ["W"] * hour_night.epoch_count)
    page = page_of(annotator)
    heard = Overheard(page)
    bench = Workbench(page, scoring).open(epoch=30, goes_on=False)
    expect(bench.part("progress")).to_have_text(
        f"{hour_night.epoch_count} / {hour_night.epoch_count}"
    )
    expect(bench.part("suggestionText")).to_have_text(WORDS)
    expect(bench.part("suggestionCompared")).to_have_text("unchanged")
    expect(bench.part("lock")).to_be_hidden()
    bench.press("1")
    expect(bench.part("suggestionCompared")).to_have_text("stage changed")
    bench.explain(" Or is it?")
    bench.press("ArrowRight", "3")
    expect(bench.part("suggestionCompared")).to_have_text("stage changed")
    bench.expect_saved()
    bench.press("Shift+Enter", "h")
    expect(bench.part("suggestionCompared")).to_have_text("unchanged")
    bench.expect_saved()
    expect(bench.part("historyList").locator("li")).to_have_count(3)
    bench.press("Escape", "Shift+S")
    expect(bench.part("submitLead")).to_have_text(
        f"All {hour_night.epoch_count} epochs are scored."
    )
    bench.part("submitNow").press("Enter")
    expect(bench.part("closed")).to_have_text("submitted")
    one, other = scoring.scores.filter(epoch__in=(30, 31)).order_by("epoch")
    assert (one.stage, one.rationale) == ("N1", f"{WORDS} Or is it?")
    assert (other.stage, other.rationale) == ("N2", WORDS)
    assert source.scores.get(epoch=30).stage == "N2"
    assert page.request.get(f"/api/v1/scorings/{source.pk}/").status == 404
    for tab in ("", "scorings/", "history/"):
        page.goto(f"/recordings/{hour_night.pk}/{tab}")
        expect(page.get_by_role("navigation", name="Parts of the recording")).to_be_visible()
        page.wait_for_load_state("networkidle")
    assert heard.holds("whoitwas", "anotherscorer") == []
