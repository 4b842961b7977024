"""The report on the effect of suggestions, and the epochs behind its numbers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from annotations.agreement.caching import key_of, remembered
from annotations.agreement.measures import about_intervals
from annotations.agreement.sheet import Column, Sheet
from annotations.assistance.answers import LEFT_OUT, SHOWN, Answer, Place, answers_of
from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.assistance.rates import (
    MS_A_SECOND,
    Judged,
    counted_in,
    edits_of,
    rates_of,
    seconds,
    times_of,
)
from annotations.scoring.models import FINISHED, EpochRevision, Scorer, Scoring
from psg.stages import STAGES
from studies.models import Mode


def with_help(scorings: "QuerySet[Scoring]") -> list[Scoring]:
    """Choose the finished ones in the modes that show a suggestion."""
    shown = scorings.filter(mode__in=SHOWN, suggestion__isnull=False, state__in=FINISHED)
    return list(shown.select_related("scorer", "recording").order_by("pk"))


def content_of(scorings: Sequence[Scoring], sheet: Sheet, by: Column | None) -> list[object]:
    """All that an answer about these scorings can rest on, for its key."""
    ours = [[scoring.pk, scoring.recording.subject_id] for scoring in scorings]
    return [ours, _counts(scorings), sheet.content, by and by.key]


def _counts(scorings: Sequence[Scoring]) -> list[object]:
    """How many rows there are of what is only ever added to."""
    rows: Iterable[QuerySet[Any]] = (
        RevealLock.objects.filter(scoring__in=scorings),
        SentSuggestion.objects.filter(scoring__in=scorings),
    )
    counts = (q.order_by().values_list("scoring_id").annotate(Count("pk")) for q in rows)
    return [sorted(map(list, of_each)) for of_each in counts]


def judged_by(
    answers: Iterable[Answer], scorings: Sequence[Scoring], sheet: Sheet, by: Column | None
) -> list[Judged]:
    """Put beside each answer what is right; nobody is judged by their own scoring."""
    return [Judged(answer, right) for answer, right in _right(answers, scorings, sheet, by)]


def _right(
    answers: Iterable[Answer], scorings: Sequence[Scoring], sheet: Sheet, by: Column | None
) -> Iterable[tuple[Answer, str | None]]:
    own = {scoring.pk: scoring.scorer_id for scoring in scorings}
    of_night = {n.recording.pk: n.scorings.get(by.key) for n in sheet.nights} if by else {}
    for answer in answers:
        reference = of_night.get(answer.recording_id)
        if reference is None or reference.scorer_id == own[answer.scoring_id]:
            yield answer, None
            continue
        code = int(sheet.coded[reference.pk].stages[answer.epoch])
        yield answer, str(STAGES[code]) if code >= 0 else None


# The epochs behind a number of the report on suggestions, as many as the number says.


EVERY = "answers"
HITS, MISSES = "hits", "misses"
NO_REFERENCE = "without_reference"


@dataclass(frozen=True)
class AnswerQuery:
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
    scorings: Sequence[Scoring], sheet: Sheet, by: Column | None, wanted: AnswerQuery
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
    scorings: Sequence[Scoring], sheet: Sheet, by: Column | None, wanted: AnswerQuery
) -> Iterable[Place]:
    read = answers_of(scorings)
    if wanted.number in LEFT_OUT:
        return read.left_out[wanted.number]
    judged = judged_by(read.answers, scorings, sheet, by)
    return [(one.answer.scoring_id, one.answer.epoch) for one in judged if _is_meant(one, wanted)]


def _is_meant(one: Judged, wanted: AnswerQuery) -> bool:
    if wanted.number == NO_REFERENCE:
        return one.right is None
    if wanted.mode not in ("", one.answer.mode):
        return False
    rate = counted_in(one.answer.mode).get(wanted.number)
    if rate is None or not rate.of(one):
        return False
    return not wanted.part or rate.hits(one) == (wanted.part == HITS)


# The report on automation bias of a study, as plain values: page and command tell the same.


SAME_HANDS = (
    "The reference was created with these answers among its originals, so it is biased towards"
    " them."
)
NO_OWN_ANSWER = (
    "Assisted mode has no answer before the suggestion. It shows how often suggestions were"
    " followed, not how often they changed an answer."
)
NO_REFERENCE_NOTE = "No reference available: correct and wrong suggestions cannot be distinguished."
NOT_DRAWN = (
    "Recordings were not assigned to modes at random, so modes also differ in recordings and"
    " scorers."
)


def assistance_report(
    scorings: "QuerySet[Scoring]", sheet: Sheet, by: Column | None
) -> dict[str, Any]:
    """Tell what suggestions did to the finished ones of `scorings`.

    Parameters
    ----------
    scorings
        Those that may be looked at.
    sheet
        The same study's scorings, for the reference.
    by
        Whose stages are taken as right; None: rates are not split into right and wrong.
    """
    found = with_help(scorings)
    key = key_of("assistance", content_of(found, sheet, by))
    return remembered(key, lambda: _report(found, sheet, by))


def reference_of(sheet: Sheet, key: str = "") -> Column | None:
    """Choose whose stages are right: the column named, else the consensus, else nobody's."""
    consensus = next((column for column in sheet.columns if column.is_consensus), None)
    return sheet.column(key) or consensus


def _report(scorings: list[Scoring], sheet: Sheet, by: Column | None) -> dict[str, Any]:
    read = answers_of(scorings)
    judged = judged_by(read.answers, scorings, sheet, by)
    subject_of = {answer.recording_id: answer.subject_id for answer in read.answers}
    return {
        "reference": {"key": by.key, "label": by.label, "kind": by.kind} if by else None,
        "scorings": len(scorings),
        "recordings": len(subject_of),
        "intervals": about_intervals(list(subject_of.values())),
        "answers": len(read.answers),
        "left_out": {why: len(places) for why, places in read.left_out.items()},
        "without_reference": sum(one.right is None for one in judged),
        "modes": [_of_mode(mode, judged, scorings, sheet) for mode in SHOWN],
        "notes": _notes(scorings, sheet, by, judged),
    }


def _of_mode(
    mode: Mode, judged: Sequence[Judged], scorings: Sequence[Scoring], sheet: Sheet
) -> dict[str, Any]:
    of_mode = [one for one in judged if one.answer.mode == mode]
    people = {s.scorer for s in scorings if s.mode == mode}
    return {
        "mode": str(mode),
        "answers": len(of_mode),
        "rates": rates_of(mode, of_mode),
        "edits": edits_of(mode, of_mode),
        "times": {**times_of(mode, of_mode), "same_people_blind": _blind_times(people, sheet)},
        "scorers": [
            {
                "key": str(person.pk),
                "label": person.label,
                **_of_person(mode, person, of_mode, scorings),
            }
            for person in sorted(people, key=lambda scorer: scorer.label)
        ],
    }


def _of_person(
    mode: Mode, person: Scorer, judged: Sequence[Judged], scorings: Sequence[Scoring]
) -> dict[str, Any]:
    theirs = {scoring.pk for scoring in scorings if scoring.scorer_id == person.pk}
    own = [one for one in judged if one.answer.scoring_id in theirs]
    return {"answers": len(own), "rates": rates_of(mode, own)}


def _blind_times(people: Collection[Scorer], sheet: Sheet) -> dict[str, Any]:
    """What the same people took for an epoch of the nights of the sheet they scored blind."""
    every = (s for night in sheet.nights for s in night.scorings.values())
    blind = [s.pk for s in every if s.scorer in people and s.mode == Mode.BLIND]
    rows = EpochRevision.objects.filter(scoring__in=blind).order_by()
    timed = rows.values_list("scoring_id", "epoch").annotate(ms=Sum("active_ms"))
    return seconds(ms for _, _, ms in timed)


def _notes(
    scorings: Sequence[Scoring], sheet: Sheet, by: Column | None, judged: Sequence[Judged]
) -> list[str]:
    if not judged:
        return []
    notes = [NOT_DRAWN]
    if any(one.answer.mode == Mode.ASSISTED for one in judged):
        notes.append(NO_OWN_ANSWER)
    if by is None:
        notes.append(NO_REFERENCE_NOTE)
    elif _is_of_same_hands(scorings, sheet, by):
        notes.append(SAME_HANDS)
    return notes


def _is_of_same_hands(scorings: Sequence[Scoring], sheet: Sheet, by: Column) -> bool:
    references = [n.scorings[by.key].pk for n in sheet.nights if by.key in n.scorings]
    sides = Scoring.objects.filter(adjudicated_as__adjudication__consensus__in=references)
    return sides.filter(pk__in=[scoring.pk for scoring in scorings]).exists()
