"""The keys of the annotator's tutorial do on the page what the tutorial says."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from annotations.models import Scoring
from scripts.tutorials import blocks, press_keys
from studies.models import User
from tests.helpers.workbench_page import Workbench

FIRST = 36


def test_the_keys_of_the_tutorial_score_an_epoch_with_evidence_and_words_of_ones_own(
    page_of: Callable[[User], Page], annotator: User, night_scoring: Scoring
) -> None:
    bench = Workbench(page_of(annotator), night_scoring).open(epoch=FIRST, goes_on=False)
    with_evidence, own_words, changed_mind = blocks("first-hour-annotator", "keys")
    bench.expect_epoch(FIRST + 1)
    bench.expect_painted()
    press_keys(bench.page, with_evidence)
    bench.expect_epoch(FIRST + 2)
    press_keys(bench.page, own_words)
    bench.expect_epoch(FIRST + 3)
    for line in changed_mind.splitlines():  # at a person's pace: each change is saved by itself
        press_keys(bench.page, line)
        bench.expect_saved()
    bench.expect_epoch(FIRST + 2)
    expect(bench.part("history")).to_be_hidden()
    first, second = night_scoring.scores.filter(epoch__gte=FIRST).order_by("epoch")
    assert (first.stage, first.rules) == ("N2", ["N2.1"])
    assert [event["kind"] for event in first.evidence] == ["spindle"]
    assert "pindle in C4-M1 at 8.5" in first.rationale
    assert (second.stage, second.rules) == ("N2", ["N2.2"])
    assert second.rationale == "The N2 pattern continues; no arousal."
    revisions = night_scoring.revisions.filter(epoch=second.epoch).order_by("version")
    assert [revision.after["stage"] for revision in revisions][-3:] == ["N2", "N1", "N2"]
