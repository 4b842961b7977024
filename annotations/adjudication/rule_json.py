"""What the API of settling by rule accepts and returns."""

from typing import TypedDict

from rest_framework import serializers

from annotations.adjudication.majority import (
    FEWEST_SIDES,
    LEAST_PERCENT,
    MOST_PERCENT,
    STAYS_WORDS,
    MajorityRule,
    Stays,
    examples,
)
from annotations.adjudication.models import SIDE_LETTERS, MajoritySettlement
from annotations.adjudication.settling import Preview
from annotations.saving import SaveSerializer

# Examples of a stage or a reason in the preview of a rule.
EXAMPLES = 4


class RuleSerializer(serializers.Serializer):
    """The definition of a rule that settles many epochs."""

    percent = serializers.IntegerField(min_value=LEAST_PERCENT, max_value=MOST_PERCENT)
    least_sides = serializers.IntegerField(min_value=FEWEST_SIDES, max_value=len(SIDE_LETTERS))
    with_models = serializers.BooleanField(default=False)
    beside_transitions = serializers.BooleanField(default=False)
    where_flagged = serializers.BooleanField(default=False)

    def rule(self) -> MajorityRule:
        names = MajorityRule().as_json()
        return MajorityRule(**{name: self.validated_data[name] for name in names})


class SettlementSerializer(RuleSerializer, SaveSerializer):
    """A rule to apply; `preview` is the token of the preview that the person saw."""

    CARRIES = ()

    preview = serializers.CharField(max_length=64)


class SettlementJson(TypedDict):
    """A rule that was applied."""

    id: int
    words: str
    by: str
    at: str
    epoch_count: int
    is_withdrawn: bool


def settlement_json(settlement: MajoritySettlement) -> SettlementJson:
    return {
        "id": settlement.pk,
        "words": MajorityRule(**settlement.rule).words,
        "by": str(settlement.user or ""),
        "at": settlement.at.isoformat(),
        "epoch_count": settlement.epoch_count,
        "is_withdrawn": settlement.withdrawn_at is not None,
    }


class StaysJson(TypedDict):
    """Epochs that a rule leaves open for a reason."""

    says: str
    count: int
    examples: list[int]


class SettlesJson(TypedDict):
    """Epochs to which a rule gives a stage."""

    stage: str
    count: int
    examples: list[int]


class PreviewJson(TypedDict):
    """What a rule would do; `preview` is its token."""

    preview: str
    words: str
    settles: list[SettlesJson]
    stays: list[StaysJson]
    settled: int
    left: int


def preview_json(preview: Preview) -> PreviewJson:
    outcome = preview.outcome
    settles: dict[str, list[int]] = {stage: [] for stage in outcome.by_stage}
    for epoch, stage in outcome.settles.items():
        settles[stage].append(epoch)
    stays: dict[Stays, list[int]] = {reason: [] for reason in Stays}
    for epoch, reason in outcome.stays.items():
        stays[reason].append(epoch)
    return {
        "preview": preview.token,
        "words": preview.rule.words,
        "settles": [
            {"stage": stage, "count": len(epochs), "examples": examples(epochs, EXAMPLES)}
            for stage, epochs in settles.items()
        ],
        "stays": [
            {
                "says": STAYS_WORDS[reason],
                "count": len(epochs),
                "examples": examples(epochs, EXAMPLES),
            }
            for reason, epochs in stays.items()
        ],
        "settled": len(outcome.settles),
        "left": len(outcome.stays),
    }
