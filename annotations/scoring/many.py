"""Acts on many scorings at once: change due dates, remind.

Each returns what was done and what was refused, row by row, and may be sent twice: what was done
is not done again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from annotations.scoring.models import Scorer, Scoring, ScoringEvent, label_of
from annotations.scoring.notices import tell_reminded
from annotations.visibility import visible_scorings
from studies.audit import record
from studies.models import Act, Study, User

REMINDED = "Reminder shown on the start page."
GONE = "This row no longer exists, or you have no access to it. Nothing was done."


@dataclass(frozen=True)
class Outcome:
    """What became of a row: done, or refused with the reason."""

    about: str
    done: bool
    words: str
    person: str = ""


def reschedule_many(
    *, study: Study, scorings: Collection[int], due: date | None, by: User
) -> list[Outcome]:
    """Set the due date of open scorings; None removes it."""

    def change(scoring: Scoring) -> str | None:
        if scoring.due == due:
            return "It has this due date already."
        scoring.due = due
        return None

    words = f"Due {due:%-d %b %Y}." if due else "Due date removed."
    with transaction.atomic():
        outcomes, changed = _change_open(study, scorings, by, change, words)
        Scoring.objects.bulk_update(changed, ["due"], batch_size=500)
        _record_events(changed, ScoringEvent.Kind.RESCHEDULED, study, by, Act.RESCHEDULED, due)
    return outcomes


def remind_many(
    *, study: Study, scorings: Collection[int], by: User
) -> tuple[list[Outcome], list[int]]:
    """Remind the scorers of open scorings, each scoring at most once a day.

    Returns
    -------
    tuple
        The outcomes, and the ids of the scorings for the mails. The reminder is on the start page
        of the scorer, whether or not a mail can be sent.
    """
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    of_today = ScoringEvent.objects.filter(
        kind=ScoringEvent.Kind.REMINDED, at__gte=today, scoring__in=scorings
    )
    with transaction.atomic():
        locked = _locked_open(study, scorings, by)  # before the events are read
        reminded = set(of_today.values_list("scoring_id", flat=True))
        members = set(study.memberships.values_list("user_id", flat=True))

        def change(scoring: Scoring) -> str | None:
            if reason := _why_not_reached(scoring, members):
                return reason
            return "A reminder was shown today already." if scoring.pk in reminded else None

        outcomes, changed = _change_open(study, scorings, by, change, REMINDED, locked)
        _record_events(changed, ScoringEvent.Kind.REMINDED, study, by, Act.REMINDED)
        tell_reminded(study=study, scorings=changed, by=by)
    return outcomes, [scoring.pk for scoring in changed]


def _why_not_reached(scoring: Scoring, members: Collection[int]) -> str | None:
    """Return why the scorer would not see a reminder; None if they would."""
    who = scoring.scorer.user
    assert who is not None
    if not who.is_active:
        return f"The account of {who} is deactivated. Reassign the recording."
    if who.pk not in members:
        return f"{who} is no longer a member of the study. Reassign the recording."
    return None


def _locked_open(study: Study, scorings: Collection[int], by: User) -> dict[int, Scoring]:
    """Lock and return those of the scorings that `by` may see, of people, by their id."""
    seen = visible_scorings(by).filter(
        recording__study=study, pk__in=scorings, scorer__kind=Scorer.Kind.HUMAN
    )
    rows = (
        Scoring.objects.filter(pk__in=list(seen.values_list("pk", flat=True)))
        .select_for_update(of=("self",))
        .select_related("recording", "scorer__user")
        .order_by("pk")
    )
    return {scoring.pk: scoring for scoring in rows}


def _change_open(
    study: Study,
    scorings: Iterable[int],
    by: User,
    change: Callable[[Scoring], str | None],
    words: str,
    locked: Mapping[int, Scoring] | None = None,
) -> tuple[list[Outcome], list[Scoring]]:
    scorings = list(dict.fromkeys(scorings))
    known = _locked_open(study, scorings, by) if locked is None else locked
    outcomes, changed = [], []
    for pk in scorings:
        if (scoring := known.get(pk)) is None:
            outcomes.append(Outcome("scoring", False, GONE))
            continue
        state = scoring.get_state_display().lower()
        reason = change(scoring) if scoring.is_open else f"This scoring is {state}."
        who = label_of(scoring)
        outcomes.append(Outcome(str(scoring.recording), not reason, reason or words, who))
        if not reason:
            changed.append(scoring)
    return outcomes, changed


def _record_events(
    scorings: Sequence[Scoring],
    kind: ScoringEvent.Kind,
    study: Study,
    by: User,
    act: Act,
    due: date | None = None,
) -> None:
    ScoringEvent.objects.bulk_create(
        (ScoringEvent(scoring=s, kind=kind, user=by, due=due) for s in scorings), batch_size=500
    )
    if scorings:
        details = {"recordings": sorted({s.recording_id for s in scorings})}
        about = counted(len(scorings), "scoring")
        record(act, user=by, study=study, about=about, details=details)


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
