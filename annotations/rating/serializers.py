"""What the rating API accepts and returns. Raters get only the fields that are listed here."""

from collections.abc import Mapping
from typing import TypedDict

from rest_framework import serializers

from annotations.rating.models import (
    DIMENSIONS,
    RatingGold,
    RatingItem,
    RatingRevision,
    RatingSlot,
)
from annotations.rating.queue import signal_layout
from annotations.rating.ratings import RatingContent, rating_json
from annotations.saving import SaveSerializer, WordsField
from psg.rules.editions import get_edition

COMMENT_LIMIT = 2000


class RuleTextJson(TypedDict):
    """A rule cited by an item, with its text."""

    id: str
    title: str
    text: str


class ItemTextJson(TypedDict):
    """The stage, rules and rationale of an item."""

    stage: str | None
    rules: list[RuleTextJson]
    rationale: str


class ReferenceJson(TypedDict):
    """The reference scores of a calibration item by dimension, and their explanation."""

    scores: dict[str, int]
    explanation: str


class SlotJson(ItemTextJson):
    """An item as the rater reads it."""

    code: str
    calibration: bool
    awaits_stage: bool
    own_stage: str | None
    signals: Mapping[str, object]
    rating: dict[str, object]
    feedback: ReferenceJson | None


# Instead of the text until the rater has given their own stage.
NO_TEXT: ItemTextJson = {"stage": None, "rules": [], "rationale": ""}


class RatingSerializer(SaveSerializer):
    """A save of a rating."""

    CARRIES = ("version", "shown", "active_ms")

    cannot_judge = serializers.BooleanField()
    comment = WordsField(allow_blank=True, limit=COMMENT_LIMIT)

    def get_fields(self) -> dict[str, serializers.Field]:
        scores = {
            name: serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
            for name in DIMENSIONS
        }
        return {**super().get_fields(), **scores}

    def validate(self, attrs: Mapping[str, object]) -> Mapping[str, object]:
        if attrs["cannot_judge"] and any(attrs[name] is not None for name in DIMENSIONS):
            raise serializers.ValidationError("“Cannot judge” cannot have scores.")
        return attrs

    def content(self) -> RatingContent:
        return RatingContent.of(self.validated_data)


def answer_json(revision: RatingRevision) -> dict[str, object]:
    """Return the saved rating with its version, time and missing fields."""
    content = RatingContent.of(revision.after)
    return {
        "version": revision.version,
        "saved_at": revision.at.isoformat(),
        "missing": content.missing,
        "complete": not content.missing,
        **revision.after,
    }


def slot_json(slot: RatingSlot) -> SlotJson:
    """Return an item for its rater. The layout of the rationale is removed (`evened`)."""
    return {
        "code": str(slot.code),
        "calibration": slot.is_calibration,
        "awaits_stage": slot.awaits_stage,
        "own_stage": slot.own_stage,
        **(NO_TEXT if slot.awaits_stage else _text_json(slot.item)),
        "signals": signal_layout(slot),
        "rating": rating_json(getattr(slot, "rating", None)),
        "feedback": gold_json(slot.item.gold) if slot.gold_shown_at else None,
    }


def _text_json(item: RatingItem) -> ItemTextJson:
    return {
        "stage": item.stage,
        "rules": _rules(item.rules, item.rule_edition),
        "rationale": item.words,
    }


def gold_json(gold: RatingGold) -> ReferenceJson:
    return {"scores": gold.given_scores, "explanation": gold.feedback}


def _rules(rule_ids: list[str], edition_id: str) -> list[RuleTextJson]:
    """Return the known rules in the order of the edition; another order could show the writer."""
    edition = get_edition(edition_id)
    known = edition.in_order({rule_id for rule_id in rule_ids if rule_id in edition})
    return [
        {"id": rule.id, "title": rule.title, "text": rule.text} for rule in map(edition.rule, known)
    ]
