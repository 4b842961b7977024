"""Types at the edge of the adjudication API. Sides are letters; whose they are is not said."""

from typing import Any

from rest_framework import serializers

from annotations.adjudication.decisions import Resolution
from annotations.adjudication.models import (
    SIDE_LETTERS,
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
)
from annotations.adjudication.reading import (
    Said,
    all_agree,
    said_by_sides,
    sides_of,
    standing_decisions,
)
from annotations.scoring.models import STAGE_CHOICES, EpochScore
from annotations.scoring.serializers import RATIONALE_LIMIT, WordsField, rules_json, storable
from psg.rules.editions import get_edition

Choice = AdjudicationDecision.Choice


class DecisionSerializer(serializers.Serializer):
    """One decision. Needs `adjudication` in the context."""

    client_uuid = serializers.UUIDField()
    version = serializers.IntegerField(min_value=0)
    choice = serializers.ChoiceField(choices=Choice.choices)
    side = serializers.CharField(max_length=1, allow_null=True, required=False, default=None)
    stage = serializers.ChoiceField(
        choices=STAGE_CHOICES, allow_null=True, required=False, default=None
    )
    rules = serializers.ListField(
        child=serializers.CharField(max_length=12), max_length=20, required=False, default=list
    )
    rationale = WordsField(allow_blank=True, limit=RATIONALE_LIMIT, required=False, default="")
    reason = serializers.ChoiceField(
        choices=AdjudicationDecision.Reason.choices, allow_blank=True, required=False, default=""
    )
    why = serializers.ChoiceField(
        choices=AdjudicationDecision.Why.choices, default=AdjudicationDecision.Why.EDIT
    )
    shown = serializers.DictField(required=False, default=dict)
    active_ms = serializers.IntegerField(
        min_value=0, max_value=24 * 3600 * 1000, required=False, default=0
    )

    def validate_shown(self, shown: dict[str, Any]) -> dict[str, Any]:
        return storable(shown)

    def validate_rules(self, rules: list[str]) -> list[str]:
        known = get_edition(self.context["adjudication"].rule_edition).rule_ids
        unknown = sorted(set(rules) - set(known))
        if unknown:
            raise serializers.ValidationError(f"Not rules of this edition: {', '.join(unknown)}.")
        return list(dict.fromkeys(rules))

    def validate_side(self, letter: str | None) -> str | None:
        sides = self.context["adjudication"].sides.count()
        if letter is not None and letter not in SIDE_LETTERS[:sides]:
            raise serializers.ValidationError(f"There is no side {letter}.")
        return letter

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["choice"] in (Choice.TAKE, Choice.WRITE) and not attrs["reason"]:
            raise serializers.ValidationError({"reason": "Say why, in one of the codes."})
        return attrs

    def verdict(self) -> Resolution:
        data = self.validated_data
        names = ("choice", "stage", "rules", "rationale", "reason")
        side = SIDE_LETTERS.index(data["side"]) if data["side"] else None
        return Resolution(side=side, **{name: data[name] for name in names})


def decision_json(decision: AdjudicationDecision | None, *, epoch: int) -> dict[str, Any]:
    """Return what stands; version 0 and no choice where nothing was ever decided."""
    decision = decision or AdjudicationDecision(epoch=epoch, version=0, choice="")
    names = ("epoch", "version", "choice", "stage", "rules", "rationale", "reason")
    return {
        **{name: getattr(decision, name) for name in names},
        "side": decision.side.letter if decision.side else None,
    }


def answer_json(decision: AdjudicationDecision) -> dict[str, Any]:
    return {**decision_json(decision, epoch=decision.epoch), "saved_at": decision.at.isoformat()}


def side_json(score: EpochScore | None) -> dict[str, Any]:
    score = score or EpochScore()
    names = ("stage", "rules", "rationale", "flags", "evidence")
    return {name: getattr(score, name) for name in names}


def adjudication_json(adjudication: Adjudication) -> dict[str, Any]:
    sides = sides_of(adjudication)
    epoch_count = adjudication.recording.epoch_count
    said = said_by_sides([side.scoring for side in sides], epoch_count)
    standing = standing_decisions(adjudication)
    return {
        "id": adjudication.pk,
        "recording": adjudication.recording_id,
        "state": adjudication.state,
        "epoch_count": epoch_count,
        "sides": [side.letter for side in sides],
        "rules": rules_json(adjudication.rule_edition),
        "reasons": [{"id": str(r), "says": r.label} for r in AdjudicationDecision.Reason],
        "stages": [_hypnogram(said, side) for side in sides],
        "disagreements": {
            epoch: [side_json(score) for score in scores]
            for epoch, scores in enumerate(said)
            if not all_agree(scores)
        },
        "decisions": [decision_json(d, epoch=epoch) for epoch, d in sorted(standing.items())],
    }


def _hypnogram(said: list[Said], side: AdjudicationSide) -> list[str | None]:
    scores = [scores[side.place] for scores in said]
    return [score.stage if score else None for score in scores]
