"""What the scoring API accepts and returns."""

from collections.abc import Sequence
from typing import TypedDict

from rest_framework import serializers

from annotations.saving import (
    RATIONALE_LIMIT,
    SCORE_FIELDS,
    RulesField,
    SaveSerializer,
    WordsField,
    storable,
)
from annotations.scoring.lights import LightsJson, lights_json
from annotations.scoring.models import STAGE_CHOICES, EpochRevision, EpochScore, Flag, Scoring
from annotations.scoring.scores import ScoreContent
from annotations.visibility import locked_epochs
from psg.montage import DERIVATIONS
from psg.rules.editions import get_edition
from psg.rules.phrases import default_phrases, usable_phrases
from psg.stages import EPOCH_S
from studies.models import Track
from studies.parsers import FiniteField

EVIDENCE_LIMIT = 200
# The signal in which a wave was measured; without an entry it was the filtered signal.
MEASURED_ON = ("filtered", "band-pass", "notch", "raw", "custom")

# Columns of the epochs for the workbench. A recording has about a thousand epochs, so each epoch
# is sent as a list of values without their names.
SCORE_COLUMNS = ("epoch", *SCORE_FIELDS, "version")


class SubmitSerializer(serializers.Serializer):
    accept_unscored = serializers.BooleanField(default=False)


class MeasuredSpan(TypedDict):
    """The times of a measured event, in seconds from the start of the epoch."""

    start_s: float
    end_s: float


class EvidenceSerializer(serializers.Serializer):
    """A measured event of an epoch, in seconds from the start of the epoch."""

    kind = serializers.CharField(max_length=40)
    derivation = serializers.ChoiceField(choices=[d.value for d in DERIVATIONS])
    start_s = FiniteField(min_value=0, max_value=EPOCH_S)
    end_s = FiniteField(min_value=0, max_value=EPOCH_S)
    values = serializers.DictField(child=FiniteField(), required=False, default=dict)
    signal = serializers.ChoiceField(choices=MEASURED_ON, required=False)
    sfreq_hz = FiniteField(required=False, min_value=0)

    def validate_values(self, values: dict[str, float]) -> dict[str, float]:
        return storable(values)

    def validate(self, attrs: MeasuredSpan) -> MeasuredSpan:
        if attrs["end_s"] < attrs["start_s"]:
            raise serializers.ValidationError("end_s is before start_s.")
        return attrs


class ScoreSerializer(SaveSerializer):
    """A save of an epoch score. Needs `rule_edition` in the context."""

    stage = serializers.ChoiceField(choices=STAGE_CHOICES, allow_null=True)
    rules = RulesField()
    rationale = WordsField(allow_blank=True, limit=RATIONALE_LIMIT)
    flags = serializers.ListField(child=serializers.ChoiceField(choices=Flag.choices))
    evidence = serializers.ListField(child=EvidenceSerializer(), max_length=EVIDENCE_LIMIT)

    def content(self) -> ScoreContent:
        fields = {name: self.validated_data[name] for name in SCORE_FIELDS}
        return ScoreContent(**{**fields, "evidence": [dict(event) for event in fields["evidence"]]})


def answer_json(revision: EpochRevision) -> dict[str, object]:
    """Return the saved content of an epoch with its version and time."""
    return {
        "epoch": revision.epoch,
        "version": revision.version,
        "saved_at": revision.at.isoformat(),
        **revision.after,
    }


class RuleJson(TypedDict):
    """A rule of an edition, with the stages that it supports."""

    id: str
    supports: list[str]
    title: str
    text: str


class PhraseJson(TypedDict):
    """A phrase for rationales, with the rule and the stages for which it is offered."""

    rule: str | None
    stages: list[str]
    text: str


class ScoringJson(TypedDict):
    """A scoring as the workbench loads it."""

    id: int
    recording: int
    study: str
    track: str
    mode: str
    state: str
    editable: bool
    epoch_count: int
    rules: list[RuleJson]
    phrases: list[PhraseJson]
    locked: list[int]
    lights: LightsJson
    unscored: dict[str, object]
    score_columns: Sequence[str]
    scores: list[tuple[object, ...]]


def rules_json(edition_id: str) -> list[RuleJson]:
    return [
        {"id": r.id, "supports": list(r.supports), "title": r.title, "text": r.text}
        for r in get_edition(edition_id).rules
    ]


def phrases_json(scoring: Scoring) -> list[PhraseJson]:
    """Return the phrases of the study; none on the coarse track, which has no rationales."""
    if scoring.track == Track.COARSE:
        return []
    text = scoring.study.phrases or default_phrases()
    phrases = usable_phrases(text, get_edition(scoring.rule_edition))
    return [{"rule": p.rule, "stages": list(p.stages), "text": p.text} for p in phrases]


def scoring_json(scoring: Scoring, *, editable: bool) -> ScoringJson:
    return {
        "id": scoring.pk,
        "recording": scoring.recording_id,
        "study": scoring.study.slug,
        "track": scoring.track,
        "mode": scoring.mode,
        "state": scoring.state,
        "editable": editable,
        "epoch_count": scoring.recording.epoch_count,
        "rules": rules_json(scoring.rule_edition),
        "phrases": phrases_json(scoring),
        "locked": locked_epochs(scoring),
        "lights": lights_json(scoring),
        "unscored": {name: getattr(EpochScore(), name) for name in SCORE_FIELDS},
        "score_columns": SCORE_COLUMNS,
        "scores": list(scoring.scores.values_list(*SCORE_COLUMNS)),
    }
