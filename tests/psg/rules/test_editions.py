import pytest

from psg.rules.editions import (
    DEFAULT_EDITION,
    UnknownEditionError,
    UnknownRuleError,
    edition_ids,
    get_edition,
)
from psg.stages import STAGES, Stage

OPERATIONAL_IDS = """
W.1 W.2 W.3 N1.1 N1.2 N2.1 N2.2 N2.3 N2.4 N3.1 R.1 R.2 R.3 MBM.1 MBM.2
"""


def test_the_default_edition_holds_the_fifteen_operational_rules():
    edition = get_edition(DEFAULT_EDITION)
    assert list(edition.rule_ids) == OPERATIONAL_IDS.split()
    assert edition_ids()[0] == DEFAULT_EDITION
    assert all(rule.title and len(rule.text) > 40 for rule in edition.rules)


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage.W, "W.1 W.2 W.3 N2.4 R.3 MBM.1 MBM.2"),
        (Stage.N1, "N1.1 N1.2 N2.4 R.3 MBM.2"),
        (Stage.N2, "N2.1 N2.2 N2.3 R.3 MBM.2"),
        (Stage.N3, "N2.4 N3.1 R.3 MBM.2"),
        (Stage.R, "N2.4 R.1 R.2 MBM.2"),
    ],
)
def test_rules_that_may_be_cited_for_a_stage(stage, expected):
    supporting = get_edition().supporting(stage)
    assert [rule.id for rule in supporting] == expected.split()


def test_end_rules_never_support_the_stage_they_end():
    ending = [rule for rule in get_edition().rules if rule.ends is not None]
    assert [rule.id for rule in ending] == ["N2.4", "R.3"]
    assert all(rule.ends not in rule.supports for rule in ending)
    assert all(set(rule.supports) == set(STAGES) - {rule.ends} for rule in ending)


def test_ids_are_put_in_edition_order_once_each():
    assert get_edition().in_order(["N2.2", "N2.1", "N2.2"]) == ("N2.1", "N2.2")
    assert "N2.1" in get_edition()
    assert "N2.9" not in get_edition()


def test_unknown_rule_and_edition_are_named_with_advice():
    with pytest.raises(UnknownRuleError, match=r"'N9.1'.*Use one of W.1"):
        get_edition().rule("N9.1")
    with pytest.raises(UnknownEditionError, match=DEFAULT_EDITION):
        get_edition("aasm-1968")
