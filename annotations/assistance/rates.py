"""Rates of following suggestions, each with its count, what it is of, and its interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from annotations.agreement.measures import Floats, bootstrap_of, told
from annotations.assistance.answers import Answer
from psg.agreement.rationales import word_edits
from psg.agreement.sums import over
from studies.models import Mode

MS_A_SECOND = 1000


@dataclass(frozen=True)
class Judged:
    """An answer with what is right by the reference; None where the reference has no stage."""

    answer: Answer
    right: str | None

    @property
    def differed(self) -> bool:
        return self.answer.own != self.answer.suggested

    @property
    def followed(self) -> bool:
        return self.answer.final == self.answer.suggested

    @property
    def suggested_right(self) -> bool:
        return self.right is not None and self.answer.suggested == self.right

    @property
    def suggested_wrong(self) -> bool:
        return self.right is not None and self.answer.suggested != self.right


def _every(one: Judged) -> bool:
    return True


@dataclass(frozen=True)
class Rate:
    """`hits` among those for which `of` holds."""

    name: str
    of: Callable[[Judged], bool]
    hits: Callable[[Judged], bool] = _every


@dataclass(frozen=True)
class Times:
    """Active time of those for which `of` holds, where any was measured."""

    name: str
    ms: Callable[[Judged], int]
    of: Callable[[Judged], bool] = _every

    def has_any(self, one: Judged) -> bool:
        return self.of(one) and self.ms(one) > 0


def _ms_before(one: Judged) -> int:
    return one.answer.ms_before


def _ms_after(one: Judged) -> int:
    return one.answer.ms_after


def _has_words(one: Judged) -> bool:
    return bool(one.answer.words_before and one.answer.words_after)


def _moved(one: Judged) -> float:
    return word_edits(one.answer.words_before, one.answer.words_after)


def _has_reference(one: Judged) -> bool:
    return one.right is not None


def _own_was_right(one: Judged) -> bool:
    return one.answer.own == one.right


def _ends_right(one: Judged) -> bool:
    return one.answer.final == one.right


RATES: dict[str, tuple[Rate, ...]] = {
    Mode.REVEAL: (
        Rate("switched", lambda j: j.differed, lambda j: j.followed),
        Rate("switched_to_right", lambda j: j.differed and j.suggested_right, lambda j: j.followed),
        Rate("switched_to_wrong", lambda j: j.differed and j.suggested_wrong, lambda j: j.followed),
        Rate(
            "led_astray",
            lambda j: j.differed and j.suggested_wrong and _own_was_right(j),
            lambda j: j.followed,
        ),
        Rate(
            "switched_elsewhere",
            lambda j: j.differed,
            lambda j: not j.followed and j.answer.final != j.answer.own,
        ),
        Rate("accepted_wrong", lambda j: j.suggested_wrong, lambda j: j.followed),
        Rate("said_the_same_wrong_before", lambda j: j.suggested_wrong, lambda j: not j.differed),
        Rate("right_before", _has_reference, _own_was_right),
        Rate("right_after", _has_reference, _ends_right),
    ),
    Mode.ASSISTED: (
        Rate("followed", _every, lambda j: j.followed),
        Rate("taken_by_key", _every, lambda j: j.answer.taken),
        Rate("accepted_wrong", lambda j: j.suggested_wrong, lambda j: j.followed),
        Rate("refused_right", lambda j: j.suggested_right, lambda j: not j.followed),
        Rate("right_after", _has_reference, _ends_right),
    ),
}

WORDS: dict[str, Rate] = {
    Mode.REVEAL: Rate("words_unchanged", _has_words, lambda j: _moved(j) == 0),
    Mode.ASSISTED: Rate(
        "words_unchanged", lambda j: j.followed and _has_words(j), lambda j: _moved(j) == 0
    ),
}
TIMES: dict[str, tuple[Times, ...]] = {
    Mode.REVEAL: (
        Times("before_reveal", _ms_before),
        Times("after_reveal_alike", _ms_after, lambda j: not j.differed),
        Times("after_reveal_different", _ms_after, lambda j: j.differed),
    ),
    Mode.ASSISTED: (Times("with_suggestion", _ms_after),),
}


def counted_in(mode: str) -> dict[str, Rate]:
    """Every number of a mode that counts answers, by its name."""
    timed = (Rate(times.name, times.has_any) for times in TIMES[mode])
    rates = (Rate("answers", _every), *RATES[mode], WORDS[mode], *timed)
    return {rate.name: rate for rate in rates}


def rates_of(mode: str, judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    return {rate.name: _told(rate, judged) for rate in RATES[mode]}


def _told(rate: Rate, judged: Sequence[Judged]) -> dict[str, Any]:
    """The interval draws whole subjects again."""
    asked = [one for one in judged if rate.of(one)]
    recordings = {one.answer.recording_id for one in asked}
    subjects = sorted({one.answer.subject_id for one in asked})
    hits, of = np.zeros(len(subjects)), np.zeros(len(subjects))
    for one in asked:
        place = subjects.index(one.answer.subject_id)
        of[place] += 1
        hits[place] += rate.hits(one)
    counts = {"count": int(hits.sum()), "of": len(asked), "recordings": len(recordings)}
    if not asked:
        return {**counts, "value": None, "low": None, "high": None}

    def share(times: Floats) -> Floats:
        return over(times @ hits, times @ of)

    return {**counts, **told(bootstrap_of(subjects).interval(share))}


def edits_of(mode: str, judged: Sequence[Judged]) -> dict[str, Any]:
    """How far rationales moved, in words: from the locked one, or from the suggested one."""
    distances = [_moved(one) for one in judged if WORDS[mode].of(one)]
    return {
        "compared": len(distances),
        "unchanged": sum(distance == 0 for distance in distances),
        "median": median(distances) if distances else None,
        "mean": sum(distances) / len(distances) if distances else None,
    }


def times_of(mode: str, judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Median active seconds an epoch; epochs without measured time are left out."""
    return {
        times.name: seconds(times.ms(one) for one in judged if times.has_any(one))
        for times in TIMES[mode]
    }


def seconds(all_ms: Any) -> dict[str, Any]:
    timed = [ms / MS_A_SECOND for ms in all_ms if ms]
    return {"median_s": median(timed) if timed else None, "epochs": len(timed)}
