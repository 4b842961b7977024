"""What the adjudication API accepts and returns. Sides are letters without their scorers."""

from collections.abc import Mapping
from typing import TypedDict

from rest_framework import serializers

from annotations.adjudication.decisions import DECISION_FIELDS, Resolution, decision_json
from annotations.adjudication.models import (
    SIDE_LETTERS,
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
)
from annotations.adjudication.reading import (
    SideScores,
    all_agree,
    scores_by_epoch,
    sides_of,
    standing_decisions,
)
from annotations.saving import (
    RATIONALE_LIMIT,
    SCORE_FIELDS,
    RulesField,
    SaveSerializer,
    WordsField,
)
from annotations.scoring.models import STAGE_CHOICES, EpochScore
from annotations.scoring.serializers import RuleJson, rules_json

Choice = AdjudicationDecision.Choice


class DecisionSerializer(SaveSerializer):
    """A save of a decision. Needs `rule_edition` and the letters of the `sides` in the context."""

    choice = serializers.ChoiceField(choices=Choice.choices)
    side = serializers.CharField(max_length=1, allow_null=True, required=False, default=None)
    stage = serializers.ChoiceField(
        choices=STAGE_CHOICES, allow_null=True, required=False, default=None
    )
    rules = RulesField(required=False, default=list)
    rationale = WordsField(allow_blank=True, limit=RATIONALE_LIMIT, required=False, default="")
    reason = serializers.ChoiceField(
        choices=AdjudicationDecision.Reason.choices, allow_blank=True, required=False, default=""
    )

    def validate_side(self, letter: str | None) -> str | None:
        if letter is not None and letter not in self.context["sides"]:
            raise serializers.ValidationError(f"There is no side {letter}.")
        return letter

    def validate(self, attrs: Mapping[str, object]) -> Mapping[str, object]:
        if attrs["choice"] in (Choice.TAKE, Choice.WRITE) and not attrs["reason"]:
            raise serializers.ValidationError({"reason": "Choose a reason code."})
        return attrs

    def verdict(self) -> Resolution:
        fields = {name: self.validated_data[name] for name in DECISION_FIELDS}
        side = SIDE_LETTERS.index(fields["side"]) if fields["side"] else None
        return Resolution(**{**fields, "side": side})


def answer_json(decision: AdjudicationDecision) -> dict[str, object]:
    """Return the saved decision with its time."""
    return {**decision_json(decision, epoch=decision.epoch), "saved_at": decision.at.isoformat()}


def side_json(score: EpochScore | None) -> dict[str, object]:
    """Return the `SCORE_FIELDS` of a side's score."""
    score = score or EpochScore()
    return {name: getattr(score, name) for name in SCORE_FIELDS}


class ReasonJson(TypedDict):
    """A reason code and its label."""

    id: str
    says: str


class AdjudicationJson(TypedDict):
    """An adjudication as the browser loads it.

    `stages` has the hypnogram of each side; `disagreements` has the scores of the sides by epoch.
    """

    id: int
    recording: int
    state: str
    epoch_count: int
    undecided: dict[str, object]
    sides: list[str]
    rules: list[RuleJson]
    reasons: list[ReasonJson]
    stages: list[list[str | None]]
    disagreements: dict[int, list[dict[str, object]]]
    decisions: list[dict[str, object]]


def adjudication_json(adjudication: Adjudication) -> AdjudicationJson:
    sides = sides_of(adjudication)
    epoch_count = adjudication.recording.epoch_count
    by_epoch = scores_by_epoch([side.scoring for side in sides], epoch_count)
    standing = standing_decisions(adjudication)
    return {
        "id": adjudication.pk,
        "recording": adjudication.recording_id,
        "state": adjudication.state,
        "epoch_count": epoch_count,
        "undecided": {name: getattr(Resolution(choice=""), name) for name in DECISION_FIELDS},
        "sides": [side.letter for side in sides],
        "rules": rules_json(adjudication.rule_edition),
        "reasons": [{"id": str(r), "says": r.label} for r in AdjudicationDecision.Reason],
        "stages": [_hypnogram(by_epoch, side) for side in sides],
        "disagreements": {
            epoch: [side_json(score) for score in scores]
            for epoch, scores in enumerate(by_epoch)
            if not all_agree(scores)
        },
        "decisions": [decision_json(d, epoch=epoch) for epoch, d in sorted(standing.items())],
    }


def _hypnogram(by_epoch: list[SideScores], side: AdjudicationSide) -> list[str | None]:
    scores = [scores[side.place] for scores in by_epoch]
    return [score.stage if score else None for score in scores]
