"""What happened to the scorings of a recording."""

from dataclasses import dataclass
from datetime import datetime

from annotations.scoring.models import Scorer, Scoring, ScoringEvent
from annotations.visibility import own_scorings, visible_scorings
from recordings.models import Recording
from studies.models import Role, User

MOST_SHOWN = 300


@dataclass(frozen=True)
class HistoryRow:
    """An act on a scoring."""

    at: datetime
    who: str
    what: str
    scoring: Scoring
    reason: str = ""


def history_of(recording: Recording, user: User) -> list[HistoryRow]:
    """Return the newest acts on scorings, the newest first: to leads, and of own scorings.

    As on the page of a scoring, which is for its scorer and leads: an act has a reason in words.
    """
    is_lead = recording.study.allows(user, [Role.LEAD])
    known = visible_scorings(user) if is_lead else own_scorings(user)
    scorings = (
        known.filter(recording=recording).select_related("scorer", "assigned_by").order_by("pk")
    )
    by_id = {scoring.pk: scoring for scoring in scorings}
    events = ScoringEvent.objects.filter(scoring__in=by_id).select_related("user").order_by("-pk")
    rows = [row for scoring in by_id.values() for row in _begun_and_finished(scoring)]
    rows += [
        HistoryRow(
            event.at,
            str(event.user or ""),
            event.get_kind_display(),
            by_id[event.scoring_id],
            event.reason,
        )
        for event in events[:MOST_SHOWN]
    ]
    return sorted(rows, key=lambda row: row.at, reverse=True)[:MOST_SHOWN]


def _begun_and_finished(scoring: Scoring) -> list[HistoryRow]:
    begun = {
        Scorer.Kind.HUMAN: "Assigned the recording",
        Scorer.Kind.MODEL: "Pre-scored the recording",
        Scorer.Kind.IMPORT: "Imported the scoring",
        Scorer.Kind.CONSENSUS: "Created the consensus",
    }
    kind = Scorer.Kind(scoring.scorer.kind)
    rows = [HistoryRow(scoring.created_at, str(scoring.assigned_by or ""), begun[kind], scoring)]
    if kind is Scorer.Kind.HUMAN and scoring.submitted_at:
        rows.append(
            HistoryRow(scoring.submitted_at, str(scoring.scorer), "Submitted the scoring", scoring)
        )
    return rows
