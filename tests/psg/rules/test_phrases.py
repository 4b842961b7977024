"""Wording for rationales: what a line means, and what is refused with its place."""

import pytest

from psg.rules.editions import get_edition
from psg.rules.phrases import (
    LENGTH_LIMIT,
    PHRASE_LIMIT,
    PhraseError,
    default_phrases,
    parse_phrases,
    usable_phrases,
)

EDITION = get_edition()


def test_the_usual_phrases_are_valid_and_word_every_rule():
    phrases = parse_phrases(default_phrases(), EDITION)
    assert {phrase.rule for phrase in phrases} - {None} == set(EDITION.rule_ids)


def test_a_phrase_belongs_to_the_stages_of_its_rule_or_to_its_stage():
    spindle, quiet = parse_phrases("N2.1: Spindle in {spindle}: yes.\n# no\n\n R: Quiet.", EDITION)
    assert (spindle.rule, spindle.stages) == ("N2.1", ("N2",))
    assert spindle.text == "Spindle in {spindle}: yes."
    assert (quiet.rule, quiet.stages, quiet.text) == (None, ("R",), "Quiet.")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Spindle.", "needs a rule and words"),
        ("N2.1:", "needs a rule and words"),
        ("N9.1: Spindle.", "no rule of this edition"),
        ("N2.1: Spindle in {spindel}.", "Unknown name in braces: {spindel}"),
        ("N2.1: " + "x" * (LENGTH_LIMIT + 1), "too long"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(line, says):
    with pytest.raises(PhraseError) as refused:
        parse_phrases(f"W: Fine.\n{line}", EDITION)
    assert says in str(refused.value)
    assert "(line 2)" in str(refused.value)
    assert [phrase.text for phrase in usable_phrases(f"W: Fine.\n{line}", EDITION)] == ["Fine."]


def test_too_many_phrases_are_refused():
    with pytest.raises(PhraseError, match="too many"):
        parse_phrases("W: Fine.\n" * (PHRASE_LIMIT + 1), EDITION)
