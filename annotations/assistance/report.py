"""The report on the effect of suggestions, and the epochs behind its numbers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db.models import Count, QuerySet, Sum

from annotations.agreement.caching import cached_result, key_of
from annotations.agreement.measures import IntervalMethod
from annotations.agreement.pair import PairScorer
from annotations.agreement.sheet import Column, Sheet
from annotations.assistance.answers import LEFT_OUT, SHOWN, Answer, Place, answers_of
from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.assistance.rates import (
    MS_A_SECOND,
    EditResult,
    Judged,
    RateResult,
    TimeResult,
    counted_in,
    edits_of,
    rates_of,
    times_of,
)
from annotations.scoring.models import FINISHED, EpochRevision, Scorer, Scoring
from psg.stages import STAGES
from studies.models import Mode


def with_help(scorings: "QuerySet[Scoring]") -> list[Scoring]:
    """Return the finished scorings in the modes that show a suggestion."""
    shown = scorings.filter(mode__in=SHOWN, suggestion__isnull=False, state__in=FINISHED)
    return list(shown.select_related("scorer", "recording").order_by("pk"))


def content_of(scorings: Sequence[Scoring], sheet: Sheet, by: Column | None) -> list[object]:
    """Return everything that a result depends on, for its key in the cache."""
    ours = [[scoring.pk, scoring.recording.subject_id] for scoring in scorings]
    return [ours, _counts(scorings), sheet.content, by and by.key]


def _counts(scorings: Sequence[Scoring]) -> list[object]:
    """Count locks and sent suggestions by scoring; such rows are added, but never changed."""
    return [
        sorted(
            map(
                list,
                model.objects.filter(scoring__in=scorings)
                .order_by()
                .values_list("scoring_id")
                .annotate(Count("pk")),
            )
        )
        for model in (RevealLock, SentSuggestion)
    ]


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


# The epochs behind a number of the report

EVERY = "answers"
HITS, MISSES = "hits", "misses"
NO_REFERENCE = "without_reference"


@dataclass(frozen=True)
class AnswerQuery:
    """A filter: the epochs of a number, in a mode or both, of a scorer or all."""

    number: str = EVERY
    """A name of `counted_in(mode)`; in both modes EVERY, NO_REFERENCE, or one of LEFT_OUT."""
    mode: str = ""
    part: str = ""
    """HITS: the epochs that a rate counts; MISSES: the others; empty: both."""
    scorer: str = ""


@dataclass(frozen=True)
class BehindEpoch:
    """An epoch with its answer; `judged` is None where it was left out."""

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
    """Return the epochs night by night; `scorings` come from `with_help`."""
    query = [wanted.number, wanted.mode, wanted.part, wanted.scorer]
    key = key_of("assistance-places", [query, *content_of(scorings, sheet, by)])
    theirs = [s for s in scorings if wanted.scorer in ("", str(s.scorer_id))]
    return cached_result(key, list[Place], lambda: _places(theirs, sheet, by, wanted))


def answers_at(
    places: Sequence[Place], scorings: Sequence[Scoring], sheet: Sheet, by: Column | None
) -> list[BehindEpoch]:
    """Return the answers at these epochs."""
    wanted = {scoring_id for scoring_id, _ in places}
    of_page = {scoring.pk: scoring for scoring in scorings if scoring.pk in wanted}
    answers = judged_by(answers_of(of_page.values()).answers, scorings, sheet, by)
    answered = {_place(judged): judged for judged in answers}
    return [BehindEpoch(of_page[pk], epoch, answered.get((pk, epoch))) for pk, epoch in places]


def _places(
    scorings: Sequence[Scoring], sheet: Sheet, by: Column | None, wanted: AnswerQuery
) -> list[Place]:
    read = answers_of(scorings)
    if wanted.number in LEFT_OUT:
        return read.left_out[wanted.number]
    answers = judged_by(read.answers, scorings, sheet, by)
    return [_place(judged) for judged in answers if _matches(judged, wanted)]


def _place(judged: Judged) -> Place:
    return judged.answer.scoring_id, judged.answer.epoch


def _matches(judged: Judged, wanted: AnswerQuery) -> bool:
    if wanted.number == NO_REFERENCE:
        return judged.right is None
    if wanted.mode not in ("", judged.answer.mode):
        return False
    rate = counted_in(judged.answer.mode).get(wanted.number)
    if rate is None or not rate.of(judged):
        return False
    return not wanted.part or rate.hits(judged) == (wanted.part == HITS)


# The report

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


@dataclass(frozen=True)
class ScorerEffect:
    """The rates of a scorer in a mode."""

    key: str
    label: str
    answers: int
    rates: dict[str, RateResult]


@dataclass(frozen=True)
class ModeEffect:
    """The effect of suggestions in a mode: rates and times by name."""

    mode: str
    answers: int
    rates: dict[str, RateResult]
    edits: EditResult
    times: dict[str, TimeResult]
    """`same_people_blind`: the time of the same people in blind scorings."""
    scorers: tuple[ScorerEffect, ...]


@dataclass(frozen=True)
class AssistanceReport:
    """The effect of suggestions on the finished scorings of a study."""

    reference: PairScorer | None
    scorings: int
    recordings: int
    intervals: IntervalMethod
    answers: int
    left_out: dict[str, int]
    """Epochs by reason, of LEFT_OUT."""
    without_reference: int
    """Answers without a stage by the reference."""
    modes: tuple[ModeEffect, ...]
    notes: tuple[str, ...]
    """Limits of the report, in sentences."""

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "intervals": self.intervals.as_json()}


def assistance_report(
    scorings: "QuerySet[Scoring]", sheet: Sheet, by: Column | None
) -> AssistanceReport:
    """Compute the effect of suggestions on finished scorings, or return the cached report.

    Parameters
    ----------
    scorings
        Those that may be seen.
    sheet
        The same study's scorings, for the reference.
    by
        The reference scorer; None: suggestions are not divided into right and wrong.
    """
    helped = with_help(scorings)
    key = key_of("assistance", content_of(helped, sheet, by))
    return cached_result(key, AssistanceReport, lambda: _report(helped, sheet, by))


def reference_of(sheet: Sheet, key: str = "") -> Column | None:
    """Return the reference: the column of this key, else the consensus, else None."""
    consensus = next((column for column in sheet.columns if column.is_consensus), None)
    return sheet.column(key) or consensus


def _report(scorings: list[Scoring], sheet: Sheet, by: Column | None) -> AssistanceReport:
    read = answers_of(scorings)
    answers = judged_by(read.answers, scorings, sheet, by)
    subject_of = {answer.recording_id: answer.subject_id for answer in read.answers}
    return AssistanceReport(
        reference=PairScorer.of(by) if by else None,
        scorings=len(scorings),
        recordings=len(subject_of),
        intervals=IntervalMethod.of(list(subject_of.values())),
        answers=len(read.answers),
        left_out={why: len(places) for why, places in read.left_out.items()},
        without_reference=sum(judged.right is None for judged in answers),
        modes=tuple(_of_mode(mode, answers, scorings, sheet) for mode in SHOWN),
        notes=tuple(_notes(scorings, sheet, by, answers)),
    )


def _of_mode(
    mode: Mode, answers: Sequence[Judged], scorings: Sequence[Scoring], sheet: Sheet
) -> ModeEffect:
    of_mode = [judged for judged in answers if judged.answer.mode == mode]
    people = {scoring.scorer for scoring in scorings if scoring.mode == mode}
    return ModeEffect(
        mode=str(mode),
        answers=len(of_mode),
        rates=rates_of(mode, of_mode),
        edits=edits_of(mode, of_mode),
        times={**times_of(mode, of_mode), "same_people_blind": _blind_time(people, sheet)},
        scorers=tuple(
            _of_scorer(mode, person, of_mode, scorings)
            for person in sorted(people, key=lambda scorer: scorer.label)
        ),
    )


def _of_scorer(
    mode: Mode, scorer: Scorer, answers: Sequence[Judged], scorings: Sequence[Scoring]
) -> ScorerEffect:
    own = {scoring.pk for scoring in scorings if scoring.scorer_id == scorer.pk}
    of_scorer = [judged for judged in answers if judged.answer.scoring_id in own]
    return ScorerEffect(
        key=str(scorer.pk),
        label=scorer.label,
        answers=len(of_scorer),
        rates=rates_of(mode, of_scorer),
    )


def _blind_time(people: Collection[Scorer], sheet: Sheet) -> TimeResult:
    """Return the time an epoch of the same people in the blind scorings of the sheet."""
    scorings = (s for night in sheet.nights for s in night.scorings.values())
    blind = [s.pk for s in scorings if s.scorer in people and s.mode == Mode.BLIND]
    rows = EpochRevision.objects.filter(scoring__in=blind).order_by()
    timed = rows.values_list("scoring_id", "epoch").annotate(ms=Sum("active_ms"))
    return TimeResult.of(ms for _, _, ms in timed)


def _notes(
    scorings: Sequence[Scoring], sheet: Sheet, by: Column | None, answers: Sequence[Judged]
) -> list[str]:
    if not answers:
        return []
    notes = [NOT_DRAWN]
    if any(judged.answer.mode == Mode.ASSISTED for judged in answers):
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
