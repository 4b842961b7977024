"""Ready-made phrases for rationales, with slots that marked events fill.

A phrase is a line such as ``N2.1: Spindle in {spindle}.``: a rule or a stage, a colon, the words.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from psg.errors import PsgError
from psg.events.registry import current_id, marked_ids
from psg.rules.editions import RuleEdition
from psg.stages import STAGES, Stage

PHRASE_LIMIT = 200
LENGTH_LIMIT = 400
SLOW_WAVE_SECONDS = "slow_wave_s"
"""The slot for the seconds of slow waves on F4-M1."""
GAP = "___"
"""What a phrase has in place of a slot that no event fills, until somebody writes there."""
_SLOT = re.compile(r"\{([^}]*)\}")


class PhraseError(PsgError):
    """A list of phrases cannot be used as it is."""


@dataclass(frozen=True)
class Phrase:
    """Words for a rule, or for a stage (then ``rule`` is None)."""

    rule: str | None
    stages: tuple[Stage, ...]
    text: str


def phrase_slots() -> tuple[str, ...]:
    """Names of the slots: each kind of event that people mark, and the seconds of slow waves."""
    return (*marked_ids(), SLOW_WAVE_SECONDS)


@cache
def default_phrases() -> str:
    """The phrases of a study that has none of its own, as a lead edits them."""
    return Path(__file__).with_name("default_phrases.txt").read_text("utf-8")


def parse_phrases(text: str, edition: RuleEdition) -> tuple[Phrase, ...]:
    """Read phrases line by line; empty lines and lines that begin with # are left out.

    Raises
    ------
    PhraseError
        When a line cannot be used, with its number, or when there are too many.
    """
    phrases = tuple(_phrase(number, line, edition) for number, line in _lines(text))
    if len(phrases) > PHRASE_LIMIT:
        raise PhraseError(
            f"{len(phrases)} phrases are too many",
            where="phrases",
            advice=f"Keep {PHRASE_LIMIT} at most.",
        )
    return phrases


def usable_phrases(text: str, edition: RuleEdition) -> tuple[Phrase, ...]:
    """The phrases that fit an edition: a scoring may have an older edition than its study."""
    usable = []
    for number, line in _lines(text):
        with suppress(PhraseError):
            usable.append(_phrase(number, line, edition))
    return tuple(usable)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _phrase(number: int, line: str, edition: RuleEdition) -> Phrase:
    head, colon, words = (part.strip() for part in line.partition(":"))
    where = f"line {number}"
    if not colon or not words:
        raise PhraseError(
            "A phrase needs a rule and words", where=where, advice="Write it as `N2.1: words`."
        )
    if len(words) > LENGTH_LIMIT:
        raise PhraseError(
            "A phrase is too long", where=where, advice=f"Use {LENGTH_LIMIT} characters at most."
        )
    words = _SLOT.sub(_with_current_id, words)
    unknown = sorted(set(_SLOT.findall(words)) - set(phrase_slots()))
    if unknown:
        raise PhraseError(
            f"Unknown name in braces: {{{unknown[0]}}}",
            where=where,
            advice="Use one of " + ", ".join(sorted(phrase_slots())) + ".",
        )
    return _for(head, words, where, edition)


def _with_current_id(slot: re.Match[str]) -> str:
    """A slot under the present name of its kind: stored phrases may have a former name."""
    return f"{{{current_id(slot.group(1))}}}"


def _for(head: str, words: str, where: str, edition: RuleEdition) -> Phrase:
    if head in set(STAGES):
        return Phrase(rule=None, stages=(Stage(head),), text=words)
    if head in edition.rule_ids:
        return Phrase(rule=head, stages=edition.rule(head).supports, text=words)
    raise PhraseError(
        f"{head!r} is no rule of this edition and no stage",
        where=where,
        advice="Begin with one of " + ", ".join([*edition.rule_ids, *STAGES]) + ".",
    )
