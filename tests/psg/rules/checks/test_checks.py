from dataclasses import dataclass

import pytest

from psg.rules.checks import FindingLevel, check_scoring
from psg.rules.editions import get_edition


@dataclass(frozen=True)
class Scored:
    epoch: int
    stage: str | None
    rules: tuple[str, ...] = ()


def scoring(text: str) -> list[Scored]:
    """One word an epoch, such as ``N2:N2.1+N2.2``; ``-`` is unscored."""
    scored = []
    for epoch, word in enumerate(text.split()):
        stage, _, rules = word.partition(":")
        cited = tuple(rules.split("+")) if rules else ()
        scored.append(Scored(epoch, None if stage == "-" else stage, cited))
    return scored


def codes(text: str) -> list[tuple[int, str]]:
    findings = check_scoring(scoring(text), get_edition())
    return [(finding.epoch, finding.code) for finding in findings]


@pytest.mark.parametrize(
    "text",
    [
        "W:W.1 N1:N1.1 N2:N2.1 N2:N2.2 N3:N3.1 N2:N2.3 N2:N2.2 R:R.1 R:R.2 N1:R.3",
        "N2:N2.1 N1:N2.4 W:MBM.1 N1:MBM.2 N1:N1.1",
        "N2:N2.1+N2.2 R:N2.4+R.1 W:R.3",
        "R:R.2 R:R.2 R:R.1",
        "W N1 N2 N3 R",
        "- - -",
    ],
)
def test_a_regular_scoring_gives_no_findings(text):
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "epoch"),
    [("W:N2.1", 0), ("N2:N2.4", 0), ("R:R.3", 0), ("N1:MBM.1", 0), ("W:W.1 N3:N1.1", 1)],
)
def test_a_rule_that_cannot_support_the_stage_is_an_error(text, epoch):
    findings = check_scoring(scoring(text), get_edition())
    errors = [finding for finding in findings if finding.level is FindingLevel.ERROR]
    assert [(finding.epoch, finding.code) for finding in errors] == [(epoch, "rule-supports-stage")]


def test_a_rule_of_no_edition_is_an_error_that_names_it():
    (finding,) = check_scoring(scoring("N2:N2.9"), get_edition())
    assert finding.level is FindingLevel.ERROR
    assert "N2.9" in finding.message


def test_n2_continuation_needs_an_anchor_in_its_bout():
    assert codes("N2:N2.2") == [(0, "n2-continuation")]
    assert codes("N2:N2.1 N1:N2.4 N2:N2.2") == [(2, "n2-continuation")]
    assert codes("N2:N2.2 N2:N2.1") == [(0, "n2-continuation")]


def test_n2_continuation_is_not_doubted_where_the_anchor_may_be_uncited():
    assert codes("N2 N2:N2.2") == []


def test_r_continuation_needs_definite_r_in_its_bout():
    assert codes("R:R.2 N1:N1.1") == [(0, "r-continuation")]
    assert codes("R:R.1 N2:N2.1 R:R.2 N2:N2.1") == [(2, "r-continuation")]


def test_r_continuation_waits_for_an_unscored_neighbour():
    assert codes("R:R.2 -") == []


def test_end_rules_need_the_stage_they_end_just_before():
    assert codes("N3:N3.1 N1:N2.4") == [(1, "end-rule")]
    assert codes("N2:N2.1 W:R.3") == [(1, "end-rule")]
    assert codes("- W:R.3") == []


def test_movement_takes_the_stage_of_the_next_epoch():
    assert codes("N2:MBM.2 W:W.1") == [(0, "movement-next-stage")]
    assert codes("N2:MBM.2 -") == []


def test_jumps_from_wake_are_warned_of():
    assert codes("W N3:N3.1") == [(1, "wake-jump")]
    assert codes("W R:R.1") == [(1, "wake-jump")]
    assert codes("W - R:R.1") == []


def test_order_of_the_scores_does_not_matter():
    scores = scoring("N2:N2.1 N2:N2.2 W:N3.1")
    edition = get_edition()
    assert check_scoring(scores[::-1], edition) == check_scoring(scores, edition)
