"""Answers beside what is right: the ground of the report, and of the epochs behind its numbers."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, QuerySet

from annotations.models import RevealLock, Scoring, SentSuggestion
from annotations.models.scoring import FINISHED
from annotations.queries.agreement import Column, Sheet
from annotations.queries.assistance.answers import SHOWN, Answer
from annotations.queries.assistance.rates import Judged
from psg.stages import STAGES


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
