"""Types at the edge of the rating API. What is not named here never reaches a rater."""

from typing import Any

from rest_framework import serializers

from annotations.rating.models import (
    DIMENSIONS,
    RatingGold,
    RatingItem,
    RatingRevision,
    RatingSlot,
)
from annotations.rating.queue import signal_layout
from annotations.rating.ratings import RATING_FIELDS, RatingContent, rating_json
from annotations.saving import SaveSerializer, WordsField
from psg.rules.editions import get_edition

COMMENT_LIMIT = 2000
# In place of the text while the rater's own stage comes first.
NOTHING_YET: dict[str, Any] = {"stage": None, "rules": [], "rationale": ""}


class RatingSerializer(SaveSerializer):
    """One save of one rating."""

    CARRIES = ("version", "shown", "active_ms")

    factual_accuracy = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    evidence_comprehensiveness = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    logical_coherence = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    cannot_judge = serializers.BooleanField()
    comment = WordsField(allow_blank=True, limit=COMMENT_LIMIT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["cannot_judge"] and any(attrs[name] is not None for name in DIMENSIONS):
            raise serializers.ValidationError("“Cannot judge” cannot have scores.")
        return attrs

    def content(self) -> RatingContent:
        return RatingContent(**{name: self.validated_data[name] for name in RATING_FIELDS})


def answer_json(revision: RatingRevision) -> dict[str, Any]:
    content = RatingContent(**revision.after)
    return {
        "version": revision.version,
        "saved_at": revision.at.isoformat(),
        "missing": content.missing,
        "complete": not content.missing,
        **revision.after,
    }


def slot_json(slot: RatingSlot) -> dict[str, Any]:
    """Return an item as the rater reads it: in words without their layout (`evened`)."""
    return {
        "code": str(slot.code),
        "calibration": slot.is_calibration,
        "awaits_stage": slot.awaits_stage,
        "own_stage": slot.own_stage,
        **(NOTHING_YET if slot.awaits_stage else _text_json(slot.item)),
        "signals": signal_layout(slot),
        "rating": rating_json(getattr(slot, "rating", None)),
        "feedback": gold_json(slot.item.gold) if slot.gold_shown_at else None,
    }


def _text_json(item: RatingItem) -> dict[str, Any]:
    return {
        "stage": item.stage,
        "rules": _rules(item.rules, item.rule_edition),
        "rationale": item.words,
    }


def gold_json(gold: RatingGold) -> dict[str, Any]:
    return {"scores": gold.scores, "explanation": gold.feedback}


def _rules(rule_ids: list[str], edition_id: str) -> list[dict[str, str]]:
    """Return the known rules in the edition's order: an order of one's own can tell the writer."""
    edition = get_edition(edition_id)
    known = edition.in_order({rule_id for rule_id in rule_ids if rule_id in edition})
    return [
        {"id": rule.id, "title": rule.title, "text": rule.text} for rule in map(edition.rule, known)
    ]
