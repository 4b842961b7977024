"""Types at the edge of the scoring API."""

from typing import Any

from rest_framework import serializers

from annotations.saving import (
    RATIONALE_LIMIT,
    SCORE_FIELDS,
    RulesField,
    SaveSerializer,
    WordsField,
    storable,
)
from annotations.scoring.lights import lights_json
from annotations.scoring.models import STAGE_CHOICES, EpochRevision, EpochScore, Flag, Scoring
from annotations.scoring.scores import ScoreContent
from annotations.visibility import locked_epochs
from psg.montage import DERIVATIONS
from psg.rules.editions import get_edition
from psg.rules.phrases import default_phrases, usable_phrases
from psg.stages import EPOCH_S
from studies.models import Track

EVIDENCE_LIMIT = 200
# What was on screen when a wave was measured; events that do not say were measured filtered.
MEASURED_ON = ("filtered", "band-pass", "notch", "raw")

# One epoch as the workbench keeps it: a night has thousands, so they come without names.
SCORE_COLUMNS = ("epoch", *SCORE_FIELDS, "version")


class SubmitSerializer(serializers.Serializer):
    accept_unscored = serializers.BooleanField(default=False)


class EvidenceSerializer(serializers.Serializer):
    """One measured event of an epoch, in seconds from the start of the epoch."""

    kind = serializers.CharField(max_length=40)
    derivation = serializers.ChoiceField(choices=[d.value for d in DERIVATIONS])
    start_s = serializers.FloatField(min_value=0, max_value=EPOCH_S)
    end_s = serializers.FloatField(min_value=0, max_value=EPOCH_S)
    values = serializers.DictField(child=serializers.FloatField(), required=False, default=dict)
    signal = serializers.ChoiceField(choices=MEASURED_ON, required=False)
    sfreq_hz = serializers.FloatField(required=False, min_value=0)

    def validate_values(self, values: dict[str, Any]) -> dict[str, Any]:
        return storable(values)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end_s"] < attrs["start_s"]:
            raise serializers.ValidationError("end_s lies before start_s.")
        return attrs


class ScoreSerializer(SaveSerializer):
    """One save of one epoch. Needs `rule_edition` in the context."""

    stage = serializers.ChoiceField(choices=STAGE_CHOICES, allow_null=True)
    rules = RulesField()
    rationale = WordsField(allow_blank=True, limit=RATIONALE_LIMIT)
    flags = serializers.ListField(child=serializers.ChoiceField(choices=Flag.choices))
    evidence = serializers.ListField(child=EvidenceSerializer(), max_length=EVIDENCE_LIMIT)

    def content(self) -> ScoreContent:
        said = {name: self.validated_data[name] for name in SCORE_FIELDS}
        return ScoreContent(**{**said, "evidence": [dict(event) for event in said["evidence"]]})


def answer_json(revision: EpochRevision) -> dict[str, Any]:
    return {
        "epoch": revision.epoch,
        "version": revision.version,
        "saved_at": revision.at.isoformat(),
        **revision.after,
    }


def rules_json(edition_id: str) -> list[dict[str, Any]]:
    return [
        {"id": r.id, "supports": list(r.supports), "title": r.title, "text": r.text}
        for r in get_edition(edition_id).rules
    ]


def phrases_json(scoring: Scoring) -> list[dict[str, Any]]:
    """Return the study's wording where rationales are written."""
    if scoring.track == Track.COARSE:
        return []
    text = scoring.study.phrases or default_phrases()
    found = usable_phrases(text, get_edition(scoring.rule_edition))
    return [{"rule": p.rule, "stages": list(p.stages), "text": p.text} for p in found]


def scoring_json(scoring: Scoring, *, editable: bool) -> dict[str, Any]:
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
