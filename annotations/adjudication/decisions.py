"""Deciding epochs of an adjudication. Decisions are only ever added; the newest one stands."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from annotations.adjudication.errors import (
    AdjudicationFinishedError,
    AdjudicationRefusedError,
    StaleDecisionError,
)
from annotations.adjudication.models import Adjudication, AdjudicationDecision, AdjudicationSide
from annotations.adjudication.reading import Said, all_agree, sides_of
from annotations.scoring.errors import ForeignClientUuidError, OutsideNightError
from annotations.scoring.models import EpochScore
from psg.rules.editions import get_edition
from studies.models import User

Choice = AdjudicationDecision.Choice
Why = AdjudicationDecision.Why


@dataclass(frozen=True)
class Resolution:
    """What an adjudicator says of one epoch. `side` is the place of the side taken."""

    choice: str
    side: int | None = None
    stage: str | None = None
    rules: Sequence[str] = field(default_factory=list)
    rationale: str = ""
    reason: str = ""


@transaction.atomic
def decide(
    *,
    adjudication: Adjudication,
    epoch: int,
    verdict: Resolution,
    seen_version: int,
    client_uuid: uuid.UUID,
    user: User,
    why: str = Why.EDIT,
    shown: dict[str, Any] | None = None,
    active_ms: int = 0,
) -> AdjudicationDecision:
    """Write one decision and return it; a replay of `client_uuid` returns its first answer.

    Raises
    ------
    StaleDecisionError
        When the epoch has moved on from `seen_version`.
    AdjudicationFinishedError, AdjudicationRefusedError, OutsideNightError, ForeignClientUuidError
    """
    adjudication = Adjudication.objects.select_for_update(of=("self",)).get(pk=adjudication.pk)
    if answered := AdjudicationDecision.objects.filter(client_uuid=client_uuid).first():
        if answered.adjudication_id != adjudication.pk:
            raise ForeignClientUuidError
        return answered
    if not adjudication.is_open:
        raise AdjudicationFinishedError(adjudication)
    if not 0 <= epoch < adjudication.recording.epoch_count:
        raise OutsideNightError(f"The night has no epoch {epoch}.")
    current = adjudication.decisions.filter(epoch=epoch).order_by("-version").first()
    if (current.version if current else 0) != seen_version:
        raise StaleDecisionError(current)
    decision = AdjudicationDecision(
        adjudication=adjudication,
        epoch=epoch,
        version=seen_version + 1,
        client_uuid=client_uuid,
        user=user,
        why=why,
        choice=verdict.choice,
        shown=shown or {},
        active_ms=active_ms,
    )
    _fill(decision, verdict)
    decision.save()
    return decision


def _fill(decision: AdjudicationDecision, verdict: Resolution) -> None:
    decision.reason = verdict.reason if decision.settles else ""
    if verdict.choice in (Choice.TAKE, Choice.UNANIMOUS):
        _take(decision, verdict)
    elif verdict.choice == Choice.WRITE:
        _check_written(decision.adjudication, verdict)
        decision.stage, decision.rules = verdict.stage, list(verdict.rules)
        decision.rationale = verdict.rationale


def _take(decision: AdjudicationDecision, verdict: Resolution) -> None:
    """Take the words of one side; "unanimous" comes back only where all do agree."""
    sides = sides_of(decision.adjudication)
    said = _said(sides, decision.epoch)
    if verdict.choice == Choice.UNANIMOUS and not all_agree(said):
        raise AdjudicationRefusedError("The sides do not agree on this epoch.")
    side = next((side for side in sides if side.place == verdict.side), None)
    score = said[side.place] if side else None
    if side is None or score is None or score.stage is None:
        raise AdjudicationRefusedError("That side did not score this epoch.")
    decision.side, decision.stage = side, score.stage
    decision.rules, decision.rationale = list(score.rules), score.rationale


def _said(sides: Sequence[AdjudicationSide], epoch: int) -> Said:
    scores = EpochScore.objects.filter(scoring__in=[side.scoring_id for side in sides], epoch=epoch)
    found = {score.scoring_id: score for score in scores}
    return [found.get(side.scoring_id) for side in sides]


def _check_written(adjudication: Adjudication, verdict: Resolution) -> None:
    if verdict.stage is None:
        raise AdjudicationRefusedError("A decision needs a stage.")
    edition = get_edition(adjudication.rule_edition)
    wrong = [r for r in verdict.rules if verdict.stage not in edition.rule(r).supports]
    if wrong:
        raise AdjudicationRefusedError(f"{', '.join(wrong)} cannot support {verdict.stage}.")
