"""Ready-made wording for rationales, with slots that marked events fill."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from psg.errors import PsgError
from psg.rules.editions import RuleEdition
from psg.stages import STAGES, Stage

PHRASE_LIMIT = 200
LENGTH_LIMIT = 400
# Kinds of events that a scorer can mark, and the seconds of slow waves on F4-M1.
SLOTS = frozenset(
    {
        "spindle",
        "k_complex",
        "slow_wave",
        "alpha",
        "vertex_wave",
        "rem",
        "sem",
        "blink",
        "sawtooth",
        "arousal",
        "tone",
        "movement",
        "artefact",
        "slow_wave_s",
    }
)
_SLOT = re.compile(r"\{([^}]*)\}")


class PhraseError(PsgError):
    """A list of phrases cannot be used as it is."""


@dataclass(frozen=True)
class Phrase:
    """Words for a rule, or for a stage without one (then ``rule`` is None)."""

    rule: str | None
    stages: tuple[Stage, ...]
    text: str


def parse_phrases(text: str, edition: RuleEdition) -> tuple[Phrase, ...]:
    """Read phrases; empty lines and lines that begin with # say nothing.

    Raises PhraseError, which names the line.
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
    """Return the phrases that fit an edition, for a scoring under an older one than its study's."""
    found = []
    for number, line in _lines(text):
        with suppress(PhraseError):
            found.append(_phrase(number, line, edition))
    return tuple(found)


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
    unknown = sorted(set(_SLOT.findall(words)) - SLOTS)
    if unknown:
        raise PhraseError(
            f"There is no slot {{{unknown[0]}}}",
            where=where,
            advice="Use one of " + ", ".join(sorted(SLOTS)) + ".",
        )
    return _for(head, words, where, edition)


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


@cache
def default_phrases() -> str:
    """Return them as a lead edits them: one a line, after its rule or stage."""
    return Path(__file__).with_name("default_phrases.txt").read_text("utf-8")
