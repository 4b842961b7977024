"""Types at the edge of the scoring API."""

import unicodedata
from typing import Any

from rest_framework import serializers

from annotations.scoring.models import STAGE_CHOICES, EpochRevision, EpochScore, Flag, Scoring
from annotations.scoring.scores import ScoreContent, known_rules
from annotations.visibility import locked_epochs
from psg.montage import DERIVATIONS
from psg.rules.editions import get_edition
from psg.rules.phrases import default_phrases, usable_phrases
from psg.stages import EPOCH_S
from studies.models import Track
from studies.storable import why_unstorable


class WordsField(serializers.CharField):
    """Text as it was written, up to `limit` characters, without control characters."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})
        self.limit = limit

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if len(text) > self.limit:
            raise serializers.ValidationError(
                f"{len(text):,} characters are too many: at most {self.limit:,} can be kept."
            )
        return without_controls(text)


def without_controls(text: str) -> str:
    """Refuse characters that no keyboard types and that databases or viewers choke on."""
    bad = sorted({c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"})
    if bad:
        names = ", ".join(f"U+{ord(c):04X}" for c in bad)
        raise serializers.ValidationError(f"Control characters ({names}) are not text.")
    return text


def storable(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what JSON can carry and the database cannot keep."""
    if why := why_unstorable(value):
        raise serializers.ValidationError(f"This cannot be kept: {why}.")
    return value


# Types at the edge of the scoring API.


RATIONALE_LIMIT = 10_000
EVIDENCE_LIMIT = 200
# What was on screen when a wave was measured; events that do not say were measured filtered.
MEASURED_ON = ("filtered", "band-pass", "notch", "raw")

# One epoch as the workbench keeps it: a night has thousands, so they come without names.
SCORE_ROW = ("epoch", "stage", "rules", "rationale", "flags", "evidence", "version")


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


class SaveSerializer(serializers.Serializer):
    """One save of one epoch. Needs `scoring` in the context."""

    client_uuid = serializers.UUIDField()
    version = serializers.IntegerField(min_value=0)
    stage = serializers.ChoiceField(choices=STAGE_CHOICES, allow_null=True)
    rules = serializers.ListField(child=serializers.CharField(max_length=12), max_length=20)
    rationale = WordsField(allow_blank=True, limit=RATIONALE_LIMIT)
    flags = serializers.ListField(child=serializers.ChoiceField(choices=Flag.choices))
    evidence = serializers.ListField(child=EvidenceSerializer(), max_length=EVIDENCE_LIMIT)
    why = serializers.ChoiceField(
        choices=[EpochRevision.Why.EDIT, EpochRevision.Why.UNDO, EpochRevision.Why.REDO],
        default=EpochRevision.Why.EDIT,
    )
    shown = serializers.DictField(required=False, default=dict)
    active_ms = serializers.IntegerField(
        min_value=0, max_value=24 * 3600 * 1000, required=False, default=0
    )

    def validate_shown(self, shown: dict[str, Any]) -> dict[str, Any]:
        return storable(shown)

    def validate_rules(self, rules: list[str]) -> list[str]:
        unknown = sorted(set(rules) - known_rules(self.context["scoring"]))
        if unknown:
            raise serializers.ValidationError(f"Not rules of this edition: {', '.join(unknown)}.")
        return list(dict.fromkeys(rules))

    def content(self) -> ScoreContent:
        data = self.validated_data
        return ScoreContent(
            stage=data["stage"],
            rules=data["rules"],
            rationale=data["rationale"],
            flags=data["flags"],
            evidence=[dict(event) for event in data["evidence"]],
        )


def score_json(score: EpochScore | None, *, epoch: int) -> dict[str, Any]:
    """Return one epoch by names; version 0 where there is no score yet."""
    score = score or EpochScore(epoch=epoch, version=0)
    names = ("epoch", "version", "stage", "rules", "rationale", "flags", "evidence")
    return {name: getattr(score, name) for name in names}


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


def lights_json(scoring: Scoring) -> dict[str, Any]:
    """Tell the scorer's own marks and, beside them, those of the file."""
    file = scoring.recording.lights
    return {
        "version": scoring.lights_version,
        "off_s": scoring.lights_off_s,
        "on_s": scoring.lights_on_s,
        "file": {"off_s": file.off_s, "on_s": file.on_s},
    }


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
        "scores": list(scoring.scores.values_list(*SCORE_ROW)),
    }
