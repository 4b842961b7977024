"""Rates of following suggestions, changes of rationales, and times, each with its count."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from annotations.agreement.measures import Estimate, Floats, bootstrap_of
from annotations.assistance.answers import Answer
from psg.agreement.rationales import word_edits
from psg.agreement.sums import over
from studies.models import Mode

MS_A_SECOND = 1000


@dataclass(frozen=True)
class Judged:
    """An answer with the stage of the reference; None where the reference has no stage."""

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


def _every(judged: Judged) -> bool:
    return True


@dataclass(frozen=True)
class Rate:
    """A share of answers: those with `hits`, of those with `of`."""

    name: str
    of: Callable[[Judged], bool]
    hits: Callable[[Judged], bool] = _every


@dataclass(frozen=True)
class Times:
    """Active time of the answers with `of`, where it was measured."""

    name: str
    ms: Callable[[Judged], int]
    of: Callable[[Judged], bool] = _every

    def has_any(self, judged: Judged) -> bool:
        return self.of(judged) and self.ms(judged) > 0


def _ms_before(judged: Judged) -> int:
    return judged.answer.ms_before


def _ms_after(judged: Judged) -> int:
    return judged.answer.ms_after


def _has_words(judged: Judged) -> bool:
    return bool(judged.answer.words_before and judged.answer.words_after)


def _moved(judged: Judged) -> float:
    return word_edits(judged.answer.words_before, judged.answer.words_after)


def _has_reference(judged: Judged) -> bool:
    return judged.right is not None


def _own_was_right(judged: Judged) -> bool:
    return judged.answer.own == judged.right


def _ends_right(judged: Judged) -> bool:
    return judged.answer.final == judged.right


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
    """Return every number of a mode that counts answers, by its name."""
    timed = (Rate(times.name, times.has_any) for times in TIMES[mode])
    rates = (Rate("answers", _every), *RATES[mode], WORDS[mode], *timed)
    return {rate.name: rate for rate in rates}


# Results. The names of their fields are the keys of the JSON that API and command give out.


@dataclass(frozen=True)
class RateResult:
    """A rate with its counts; value and 95 % interval are None where undefined."""

    count: int
    of: int
    recordings: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class EditResult:
    """Changes of rationales, as a share of their words (0 to 1)."""

    compared: int
    unchanged: int
    median: float | None
    mean: float | None


@dataclass(frozen=True)
class TimeResult:
    """Median active time an epoch, in seconds, over the epochs with a measured time."""

    median_s: float | None
    epochs: int

    @classmethod
    def of(cls, times_ms: Iterable[int]) -> "TimeResult":
        timed = [ms / MS_A_SECOND for ms in times_ms if ms]
        return cls(median_s=median(timed) if timed else None, epochs=len(timed))


def rates_of(mode: str, answers: Sequence[Judged]) -> dict[str, RateResult]:
    """Return the rates of a mode by name."""
    return {rate.name: _rate(rate, answers) for rate in RATES[mode]}


def _rate(rate: Rate, answers: Sequence[Judged]) -> RateResult:
    """Count the rate; its interval is over subjects."""
    counted = [judged for judged in answers if rate.of(judged)]
    subjects = sorted({judged.answer.subject_id for judged in counted})
    hits, of = np.zeros(len(subjects)), np.zeros(len(subjects))
    for judged in counted:
        place = subjects.index(judged.answer.subject_id)
        of[place] += 1
        hits[place] += rate.hits(judged)

    def share(times: Floats) -> Floats:
        return over(times @ hits, times @ of)

    estimate = Estimate(None, None, None)
    if counted:
        estimate = Estimate.of(bootstrap_of(subjects).interval(share))
    return RateResult(
        count=int(hits.sum()),
        of=len(counted),
        recordings=len({judged.answer.recording_id for judged in counted}),
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
    )


def edits_of(mode: str, answers: Sequence[Judged]) -> EditResult:
    """Compare final rationales with the locked, or in `assisted` with the suggested, rationales."""
    shares = [_moved(judged) for judged in answers if WORDS[mode].of(judged)]
    return EditResult(
        compared=len(shares),
        unchanged=sum(share == 0 for share in shares),
        median=median(shares) if shares else None,
        mean=sum(shares) / len(shares) if shares else None,
    )


def times_of(mode: str, answers: Sequence[Judged]) -> dict[str, TimeResult]:
    """Return the times of a mode by name."""
    return {
        times.name: TimeResult.of(times.ms(judged) for judged in answers if times.has_any(judged))
        for times in TIMES[mode]
    }
