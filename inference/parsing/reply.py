"""The reply of a model: stage, rules and rationale, or the reason why it cannot be used.

A reply deserves the suspicion of a stranger's form. What can be read without guessing is read;
a stage is never guessed. The raw text is the caller's to keep, whatever comes out here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from inference.parsing.lenient import repair_json
from psg.errors import UnknownStageTextError
from psg.stages import Stage, parse_stage_text

STAGE_KEY = "sleep_stage"
RULES_KEY = "applicable_rules"
RATIONALE_KEY = "reasoning_text"

_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\r?\n?(.*?)(?:```|\Z)", re.DOTALL)
_RULE_ID = re.compile(r"[A-Z]+\d?\.\d+")
_NO_RULE = frozenset({"", "-", "–", "NONE", "NULL", "N/A", "NO RULE", "NO RULES"})
MAX_REPLY_CHARS = 50_000


class FaultKind(StrEnum):
    """Why an epoch has no stage from a model; the values are stored, so they stay."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NO_JSON = "no_json"
    BAD_JSON = "bad_json"
    CUT_OFF = "cut_off"
    NO_STAGE = "no_stage"
    UNKNOWN_STAGE = "unknown_stage"
    # Not of the reply itself: the adapter had none, or the work was given up.
    NO_REPLY = "no_reply"
    GAVE_UP = "gave_up"


@dataclass(frozen=True)
class ReplyFault:
    """A reply without a usable stage."""

    kind: FaultKind
    detail: str


@dataclass(frozen=True)
class ParsedReply:
    """A reply with a stage. ``notes`` name what was missing, repaired or left out.

    ``unknown_rules`` were cited, but are no rules of the edition: they are never kept with a
    scoring, and count as wrong where cited rules are compared.
    """

    stage: Stage
    rules: tuple[str, ...]
    rationale: str
    notes: tuple[str, ...] = ()
    unknown_rules: tuple[str, ...] = ()


def parse_reply(text: str, *, rule_ids: Collection[str]) -> ParsedReply | ReplyFault:
    """Read a model's reply.

    Parameters
    ----------
    text : str
        What the model wrote, with or without a fence and words around it.
    rule_ids : collection of str
        Ids of the rule edition in use. Other ids are left out with a note.
    """
    if not text.strip():
        return ReplyFault(FaultKind.EMPTY, "The reply is empty.")
    if len(text) > MAX_REPLY_CHARS:
        return ReplyFault(FaultKind.TOO_LONG, f"The reply has {len(text)} characters.")
    first = _first_object(text)
    if isinstance(first, ReplyFault):
        return first
    fields, notes = first
    return _typed(fields, notes, rule_ids)


def _first_object(text: str) -> tuple[dict[str, object], list[str]] | ReplyFault:
    """Give the first object that names a stage, else the first fault met on the way."""
    faults: list[ReplyFault] = []
    for candidate in _candidates(text):
        loaded = _load_object(candidate)
        if isinstance(loaded, ReplyFault):
            faults.append(loaded)
        elif STAGE_KEY in loaded[0]:
            return loaded
        else:
            faults.append(ReplyFault(FaultKind.NO_STAGE, f"The reply has no “{STAGE_KEY}”."))
    return faults[0] if faults else ReplyFault(FaultKind.NO_JSON, "The reply holds no JSON object.")


def _candidates(text: str) -> list[str]:
    """Where an object may start: inside fences first, then anywhere in the text."""
    bodies = [match.group(1) for match in _FENCE.finditer(text)] + [text]
    starts = [body[body.index("{") :] for body in bodies if "{" in body]
    # Words before the object may hold a brace of their own: also try the last outer start.
    key_at = text.find(STAGE_KEY)
    if key_at > 0 and (start := text.rfind("{", 0, key_at)) >= 0:
        starts.append(text[start:])
    return list(dict.fromkeys(starts))


def _load_object(candidate: str) -> tuple[dict[str, object], list[str]] | ReplyFault:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(candidate)
    except (ValueError, RecursionError):
        return _load_repaired(candidate)
    return _plain_keys(value), []


def _load_repaired(candidate: str) -> tuple[dict[str, object], list[str]] | ReplyFault:
    repaired = repair_json(candidate)
    try:
        value = json.loads(repaired.text)
    except (ValueError, RecursionError):
        kind = FaultKind.CUT_OFF if repaired.cut_off else FaultKind.BAD_JSON
        return ReplyFault(kind, _FAULT_WORDS[kind])
    fields = _plain_keys(value)
    if repaired.cut_off and not _closed_stage(candidate):
        return ReplyFault(FaultKind.CUT_OFF, _FAULT_WORDS[FaultKind.CUT_OFF])
    end = ["the reply was cut off after its stage"] if repaired.cut_off else []
    return fields, repaired.notes + end


_FAULT_WORDS = {
    FaultKind.CUT_OFF: "The reply ends in the middle of its JSON.",
    FaultKind.BAD_JSON: "The JSON of the reply cannot be read.",
}
_CLOSED_STAGE = re.compile(STAGE_KEY + r"[\"'“”]\s*:\s*[\"'“”][^\"'“”]*[\"'“”]")


def _closed_stage(candidate: str) -> bool:
    """A stage whose closing quote was cut away could be N1, N2 or N3: never guess."""
    return _CLOSED_STAGE.search(candidate) is not None


def _plain_keys(value: dict[str, object]) -> dict[str, object]:
    return {str(key).strip().lower(): item for key, item in value.items()}


def _typed(
    fields: dict[str, object], notes: list[str], rule_ids: Collection[str]
) -> ParsedReply | ReplyFault:
    stage = _stage(fields[STAGE_KEY])
    if isinstance(stage, ReplyFault):
        return stage
    rules, unknown, rule_notes = _rules(fields.get(RULES_KEY), rule_ids)
    rationale, rationale_notes = _rationale(fields.get(RATIONALE_KEY))
    notes = notes + rule_notes + rationale_notes
    return ParsedReply(stage, rules, rationale, tuple(notes), unknown)


def _stage(value: object) -> Stage | ReplyFault:
    shown = str(value).strip()[:60]
    try:
        # Numbers are refused: 4 is R in one program, N3 in another and wake in a third.
        stage = parse_stage_text(value) if isinstance(value, str) and not _is_digit(value) else None
    except UnknownStageTextError:
        stage = None
    if stage is None:
        return ReplyFault(FaultKind.UNKNOWN_STAGE, f"“{shown}” is not a stage.")
    return stage


def _is_digit(value: str) -> bool:
    return value.strip().lstrip("-").isdigit()


def _rules(
    value: object, rule_ids: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Read rules given as a list, or as a string such as ``"W.1, W.2"``: known, unknown, notes."""
    notes = []
    if isinstance(value, str):
        notes.append("rules were given as text")
        value = [value]
    if not isinstance(value, list):
        return (), (), ["no rules"]
    named = dict.fromkeys(name for item in value for name in _named_rules(str(item)))
    unknown = tuple(name for name in named if name not in rule_ids)
    if unknown:
        notes.append("unknown rules left out: " + ", ".join(name[:20] for name in unknown[:10]))
    known = tuple(name for name in named if name in rule_ids)
    return known, unknown, notes + ([] if known else ["no rules"])


def _named_rules(text: str) -> list[str]:
    """Return the ids in a text such as ``"Rule N2.1 (spindle)"``, else the text itself."""
    text = text.strip().upper()
    return _RULE_ID.findall(text) or ([] if text in _NO_RULE else [text])


def _rationale(value: object) -> tuple[str, list[str]]:
    text = value.strip() if isinstance(value, str) else ""
    return text.replace("\x00", ""), ([] if text else ["no rationale"])
