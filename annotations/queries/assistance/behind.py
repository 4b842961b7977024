"""The epochs behind a number of the report on suggestions, as many as the number says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotations.models import Scoring
from annotations.queries.agreement import Column, Sheet
from annotations.queries.agreement.remembering import key_of, remembered
from annotations.queries.assistance.answers import LEFT_OUT, Place, answers_of
from annotations.queries.assistance.judging import content_of, judged_by
from annotations.queries.assistance.rates import MS_A_SECOND, Judged, counted_in

EVERY = "answers"
HITS, MISSES = "hits", "misses"
NO_REFERENCE = "without_reference"


@dataclass(frozen=True)
class Wanted:
    """Which epochs: those of one number, in one mode or in both, of one scorer or of all."""

    number: str = EVERY
    """A name of `counted_in(mode)`; in both modes EVERY, NO_REFERENCE, or one of LEFT_OUT."""
    mode: str = ""
    part: str = ""
    """HITS, which the rate counts; MISSES, the others that it is of; or all that it is of."""
    scorer: str = ""


@dataclass(frozen=True)
class Behind:
    """One epoch with what was answered; `judged` is None where it was left out."""

    scoring: Scoring
    epoch: int
    judged: Judged | None

    @property
    def seconds_before(self) -> float:
        return self.judged.answer.ms_before / MS_A_SECOND if self.judged else 0.0

    @property
    def seconds_after(self) -> float:
        return self.judged.answer.ms_after / MS_A_SECOND if self.judged else 0.0


def places_behind(
    scorings: Sequence[Scoring], sheet: Sheet, by: Column | None, wanted: Wanted
) -> list[Place]:
    """Find the epochs, night by night; `scorings` are those of `with_help`."""
    asked = [wanted.number, wanted.mode, wanted.part, wanted.scorer]
    key = key_of("assistance-places", [asked, *content_of(scorings, sheet, by)])
    theirs = [s for s in scorings if wanted.scorer in ("", str(s.scorer_id))]
    kept = remembered(key, lambda: {"places": list(_places(theirs, sheet, by, wanted))})
    return [(scoring_id, epoch) for scoring_id, epoch in kept["places"]]


def told_of(
    places: Sequence[Place], scorings: Sequence[Scoring], sheet: Sheet, by: Column | None
) -> list[Behind]:
    """Read what was answered at some of the places."""
    wanted = {scoring_id for scoring_id, _ in places}
    of_page = {scoring.pk: scoring for scoring in scorings if scoring.pk in wanted}
    judged = judged_by(answers_of(of_page.values()).answers, scorings, sheet, by)
    answered = {(one.answer.scoring_id, one.answer.epoch): one for one in judged}
    return [Behind(of_page[pk], epoch, answered.get((pk, epoch))) for pk, epoch in places]


def _places(
    scorings: Sequence[Scoring], sheet: Sheet, by: Column | None, wanted: Wanted
) -> Iterable[Place]:
    read = answers_of(scorings)
    if wanted.number in LEFT_OUT:
        return read.left_out[wanted.number]
    judged = judged_by(read.answers, scorings, sheet, by)
    return [(one.answer.scoring_id, one.answer.epoch) for one in judged if _is_meant(one, wanted)]


def _is_meant(one: Judged, wanted: Wanted) -> bool:
    if wanted.number == NO_REFERENCE:
        return one.right is None
    if wanted.mode not in ("", one.answer.mode):
        return False
    rate = counted_in(one.answer.mode).get(wanted.number)
    if rate is None or not rate.of(one):
        return False
    return not wanted.part or rate.hits(one) == (wanted.part == HITS)
