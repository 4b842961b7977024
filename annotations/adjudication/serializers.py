"""What the adjudication API accepts and returns. Sides are letters without their scorers."""

from collections.abc import Iterable, Mapping
from typing import TypedDict

from django.db.models import Count
from rest_framework import serializers

from annotations.adjudication.comments import newest_comments
from annotations.adjudication.decisions import DECISION_FIELDS, Resolution, decision_json
from annotations.adjudication.majority import Codes
from annotations.adjudication.models import (
    SIDE_LETTERS,
    Adjudication,
    AdjudicationComment,
    AdjudicationDecision,
    AdjudicationSide,
)
from annotations.adjudication.reading import (
    provenances,
    scores_at,
    sides_of,
    stage_codes_of,
    standing_decisions,
)
from annotations.adjudication.rule_json import SettlementJson, settlement_json
from annotations.saving import (
    RATIONALE_LIMIT,
    RulesField,
    SaveSerializer,
    WordsField,
)
from annotations.scoring.models import STAGE_CHOICES, EpochScore
from annotations.scoring.serializers import RuleJson, rules_json
from psg.stages import STAGES

Choice = AdjudicationDecision.Choice

COMMENT_LIMIT = 4_000
# Texts are loaded in pages: so many epochs, or as many as have so many bytes together.
EPOCHS_A_PAGE = 20
TEXT_A_PAGE = 50_000

BRIEF = ("epoch", "version", "choice", "side", "stage", "reason")
# By stage code; the last, at -1, is for no stage.
LETTERS = "".join(stage.value[-1] for stage in STAGES) + "."


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


class CommentSerializer(SaveSerializer):
    """A comment on an epoch; comments have no version."""

    CARRIES = ()

    epoch = serializers.IntegerField(min_value=0)
    text = WordsField(limit=COMMENT_LIMIT, trim_whitespace=True)


class EarlierCommentsSerializer(serializers.Serializer):
    """The epoch whose comments are wanted, and the id before which."""

    epoch = serializers.IntegerField(min_value=0)
    before = serializers.IntegerField(min_value=1)


class EpochsSerializer(serializers.Serializer):
    """Which epochs are wanted: numbers with commas between them."""

    epochs = serializers.RegexField(r"^\d{1,6}(,\d{1,6})*$", max_length=7 * EPOCHS_A_PAGE)

    def validate_epochs(self, text: str) -> list[int]:
        return list(dict.fromkeys(map(int, text.split(","))))[:EPOCHS_A_PAGE]


def side_json(score: EpochScore | None) -> dict[str, object]:
    """Return stage, rules, rationale and flags of a side's score."""
    score = score or EpochScore()
    return {name: getattr(score, name) for name in ("stage", "rules", "rationale", "flags")}


def comment_json(comment: AdjudicationComment) -> dict[str, object]:
    return {
        "id": comment.pk,
        "epoch": comment.epoch,
        "author": str(comment.author),
        "text": comment.text,
        "at": comment.at.isoformat(),
    }


class EpochJson(TypedDict):
    """What a page needs to settle an epoch."""

    sides: list[dict[str, object]]
    decision: dict[str, object]
    comments: list[dict[str, object]]
    comment_count: int
    """How many comments there are; `comments` are the newest of them."""


def epochs_json(
    adjudication: Adjudication, sides: list[AdjudicationSide], wanted: Iterable[int]
) -> dict[int, EpochJson]:
    """Return the sides, the decision and the comments of epochs, in the order of `wanted`.

    Texts of any length stop a page early: what is left out can be requested again.
    """
    epoch_count = adjudication.recording.epoch_count
    epochs = [epoch for epoch in wanted if epoch < epoch_count]
    scores = scores_at(sides, epochs)
    standing = standing_decisions(adjudication, epochs)
    comments = newest_comments(adjudication, epochs)
    page: dict[int, EpochJson] = {}
    length = 0
    for epoch in epochs:
        newest, count = comments[epoch]
        length += sum(len(score.rationale.encode()) for score in scores[epoch] if score)
        length += sum(len(comment.text.encode()) for comment in newest)
        if page and length > TEXT_A_PAGE:
            break
        page[epoch] = {
            "sides": [side_json(score) for score in scores[epoch]],
            "decision": decision_json(standing.get(epoch), epoch=epoch),
            "comments": [comment_json(comment) for comment in newest],
            "comment_count": count,
        }
    return page


class ReasonJson(TypedDict):
    """A reason code and its label."""

    id: str
    says: str


class ProvenanceJson(TypedDict):
    """How many epochs are settled, and how."""

    unanimous: int
    by_rule: int
    by_hand: int


class AdjudicationJson(TypedDict):
    """An adjudication as the browser loads it, without texts but those of a first page.

    `stages` has the hypnogram of each side, a character an epoch: the last of the name of the
    stage, or a point. `decisions` has epoch, version, choice, side, stage and reason of each
    decision. `disagreements` are the first epochs to settle, as `epochs_json` has them.
    """

    id: int
    recording: int
    state: str
    epoch_count: int
    undecided: dict[str, object]
    sides: list[str]
    rules: list[RuleJson]
    reasons: list[ReasonJson]
    stages: list[str]
    disagreements: dict[int, EpochJson]
    decisions: list[list[object]]
    commented: dict[int, int]
    settlements: list[SettlementJson]
    provenance: ProvenanceJson


def adjudication_json(adjudication: Adjudication) -> AdjudicationJson:
    sides = sides_of(adjudication)
    codes = stage_codes_of(sides, adjudication.recording.epoch_count)
    standing = standing_decisions(adjudication)
    comments = adjudication.comments.order_by().values_list("epoch").annotate(Count("pk"))
    settlements = adjudication.settlements.select_related("user").order_by("pk")
    provenance = provenances([adjudication])[adjudication.pk]
    return {
        "id": adjudication.pk,
        "recording": adjudication.recording_id,
        "state": adjudication.state,
        "epoch_count": adjudication.recording.epoch_count,
        "undecided": {name: getattr(Resolution(choice=""), name) for name in DECISION_FIELDS},
        "sides": [side.letter for side in sides],
        "rules": rules_json(adjudication.rule_edition),
        "reasons": [{"id": str(r), "says": r.label} for r in AdjudicationDecision.Reason],
        "stages": ["".join(LETTERS[code] for code in column) for column in codes.T],
        "disagreements": epochs_json(adjudication, sides, _first_page(codes, standing)),
        "decisions": [_brief(decision) for _, decision in sorted(standing.items())],
        "commented": dict(comments),
        "settlements": [settlement_json(settlement) for settlement in settlements],
        "provenance": {
            "unanimous": provenance.unanimous,
            "by_rule": provenance.by_rule,
            "by_hand": provenance.by_hand,
        },
    }


def _first_page(codes: Codes, standing: Mapping[int, AdjudicationDecision]) -> list[int]:
    """Return the first epochs to settle; where all are settled, the first that were disputed."""
    disputed = [int(epoch) for epoch in (codes != codes[:, :1]).any(axis=1).nonzero()[0]]
    is_settled = {epoch for epoch, decision in standing.items() if decision.settles}
    return sorted(disputed, key=lambda epoch: (epoch in is_settled, epoch))[:EPOCHS_A_PAGE]


def _brief(decision: AdjudicationDecision) -> list[object]:
    content = decision_json(decision, epoch=decision.epoch)
    return [content[name] for name in BRIEF]
