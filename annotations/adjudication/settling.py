"""Settling many epochs by a rule: previewed, applied as a whole, withdrawn as a whole."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from annotations.adjudication.decisions import fullest_place
from annotations.adjudication.errors import (
    AdjudicationFinishedError,
    AdjudicationRefusedError,
    OutdatedPreviewError,
)
from annotations.adjudication.majority import MajorityRule, Outcome, apply_rule, voters
from annotations.adjudication.models import (
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
    MajoritySettlement,
)
from annotations.adjudication.reading import (
    sides_of,
    standing_decisions,
    standing_of,
    votes_of,
    words_for,
)
from annotations.saving import Save, atomic_save
from annotations.scoring.copying import copy_rows
from studies.archive import lock_unarchived
from studies.models import User

Choice = AdjudicationDecision.Choice


@dataclass(frozen=True)
class Preview:
    """What a rule would do now."""

    rule: MajorityRule
    outcome: Outcome
    versions: dict[int, int]
    """The version of the newest decision of each epoch; missing where there is none."""
    voting: tuple[int, ...]
    """The places of the sides that vote."""

    @property
    def token(self) -> str:
        """Equal as long as the rule would settle the same epochs in the same way."""
        effect = [
            (epoch, stage, self.versions.get(epoch, 0))
            for epoch, stage in sorted(self.outcome.settles.items())
        ]
        text = json.dumps([self.rule.as_json(), effect], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def preview_rule(*, adjudication: Adjudication, rule: MajorityRule) -> Preview:
    """Return what the rule would settle, without writing anything."""
    return _preview(adjudication, sides_of(adjudication), rule)


def _preview(
    adjudication: Adjudication, sides: Sequence[AdjudicationSide], rule: MajorityRule
) -> Preview:
    epoch_count = adjudication.recording.epoch_count
    votes = votes_of(sides, epoch_count)
    decisions = standing_decisions(adjudication)
    outcome = apply_rule(rule, votes, standing_of(decisions.values(), epoch_count))
    versions = {epoch: decision.version for epoch, decision in decisions.items()}
    voting = tuple(int(place) for place in voters(rule, votes).nonzero()[0])
    return Preview(rule, outcome, versions, voting)


@atomic_save
def settle_by_rule(
    *, adjudication: Adjudication, rule: MajorityRule, token: str, save: Save
) -> MajoritySettlement:
    """Settle epochs by a rule as its preview with this token showed.

    Raises
    ------
    ArchivedError, AdjudicationFinishedError, ForeignClientUuidError
    OutdatedPreviewError
        When the rule would settle something else now. Nothing is settled.
    AdjudicationRefusedError
        When the rule settles nothing.
    """
    lock_unarchived(adjudication.recording.study_id)
    adjudication = _lock(adjudication)
    known = save.first_answer(
        MajoritySettlement, adjudication_id=adjudication.pk, user_id=save.user.pk
    )
    if known:
        return known
    _refuse_closed(adjudication)
    sides = sides_of(adjudication)
    preview = _preview(adjudication, sides, rule)
    if preview.token != token:
        raise OutdatedPreviewError
    if not preview.outcome.settles:
        raise AdjudicationRefusedError("This rule settles no epoch. Choose another rule.")
    settlement = MajoritySettlement.objects.create(
        adjudication=adjudication,
        client_uuid=save.client_uuid,
        user=save.user,
        rule=rule.as_json(),
        epoch_count=len(preview.outcome.settles),
    )
    copy_rows(list(_decisions(settlement, sides, preview)))
    return settlement


def _decisions(
    settlement: MajoritySettlement, sides: Sequence[AdjudicationSide], preview: Preview
) -> Iterable[AdjudicationDecision]:
    """Make the decisions; words come from the most complete voting scoring of the majority."""
    adjudication = settlement.adjudication
    words = words_for(sides, preview.voting, preview.outcome.settles)
    for epoch, stage in preview.outcome.settles.items():
        given = words[epoch]
        places = [place for place in preview.voting if place in given]
        place = fullest_place(given, places, seed=adjudication.seed, epoch=epoch)
        yield AdjudicationDecision(
            adjudication=adjudication,
            epoch=epoch,
            version=preview.versions.get(epoch, 0) + 1,
            user=settlement.user,
            at=settlement.at,
            choice=Choice.MAJORITY,
            settlement=settlement,
            side=sides[place],
            stage=stage,
            rules=given[place].rules,
            rationale=given[place].rationale,
        )


@transaction.atomic
def withdraw_rule(*, settlement: MajoritySettlement, user: User) -> MajoritySettlement:
    """Open all epochs again that stand settled by this rule; epochs decided since are kept.

    If repeated, nothing is written.

    Raises
    ------
    ArchivedError, AdjudicationFinishedError
    """
    lock_unarchived(settlement.adjudication.recording.study_id)
    adjudication = _lock(settlement.adjudication)
    settlement = MajoritySettlement.objects.get(pk=settlement.pk)
    if settlement.withdrawn_at:
        return settlement
    _refuse_closed(adjudication)
    settlement.withdrawn_at, settlement.withdrawn_by = timezone.now(), user
    settlement.save(update_fields=["withdrawn_at", "withdrawn_by"])
    copy_rows(
        [
            AdjudicationDecision(
                adjudication=adjudication,
                epoch=epoch,
                version=decision.version + 1,
                user=user,
                at=settlement.withdrawn_at,
                choice=Choice.WITHDRAW,
                settlement=settlement,
            )
            for epoch, decision in standing_decisions(adjudication).items()
            if decision.choice == Choice.MAJORITY and decision.settlement_id == settlement.pk
        ]
    )
    return settlement


def _lock(adjudication: Adjudication) -> Adjudication:
    locked = Adjudication.objects.select_for_update(of=("self",)).select_related("recording")
    return locked.get(pk=adjudication.pk)


def _refuse_closed(adjudication: Adjudication) -> None:
    if not adjudication.is_open:
        raise AdjudicationFinishedError(adjudication)
