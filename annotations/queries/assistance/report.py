"""The report on automation bias of a study, as plain values: page and command tell the same."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet, Sum

from annotations.models import EpochRevision, Scorer, Scoring
from annotations.queries.agreement import Column, Sheet
from annotations.queries.agreement.intervals import about_intervals
from annotations.queries.agreement.remembering import key_of, remembered
from annotations.queries.assistance.answers import SHOWN, answers_of
from annotations.queries.assistance.judging import content_of, judged_by, with_help
from annotations.queries.assistance.rates import Judged, edits_of, rates_of, seconds, times_of
from studies.models import Mode

SAME_HANDS = (
    "The reference was made with the answers judged here among its originals, so it leans towards"
    " them."
)
NO_OWN_ANSWER = (
    "In assisted mode nobody’s unaided answer is known: how often a suggestion changed a mind"
    " cannot be told, only how often it was followed."
)
NO_REFERENCE = "No reference was found: right and wrong suggestions are not told apart."
NOT_DRAWN = (
    "Nights were not drawn for a mode by lot, so modes differ in nights and people as well as in"
    " help."
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
        notes.append(NO_REFERENCE)
    elif _is_of_same_hands(scorings, sheet, by):
        notes.append(SAME_HANDS)
    return notes


def _is_of_same_hands(scorings: Sequence[Scoring], sheet: Sheet, by: Column) -> bool:
    references = [n.scorings[by.key].pk for n in sheet.nights if by.key in n.scorings]
    sides = Scoring.objects.filter(adjudicated_as__adjudication__consensus__in=references)
    return sides.filter(pk__in=[scoring.pk for scoring in scorings]).exists()
