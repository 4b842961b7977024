"""The intake record of a night: what its file said, what was assumed, and what a person said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from psg.edf.annotations import Annotation
from psg.errors import UnknownStageTextError
from psg.ingest.decisions import NightDecisions
from psg.ingest.doubting import notes_of
from psg.ingest.inspect import NightFacts
from psg.lights import lights_word, time_of_day
from psg.montage import DERIVATIONS
from psg.signalfile import SignalFile
from psg.stagefiles import PlacedFile
from psg.stages import parse_stage_text
from psg.typed_json import JsonObject


def intake_record(
    file: SignalFile,
    facts: NightFacts,
    decisions: NightDecisions,
    *,
    format_title: str,
    stage_files: Sequence[PlacedFile] = (),
) -> JsonObject:
    """Describe an intake as plain values for JSON. No text of an annotation is in it."""
    of_stages = [doubt for each in stage_files for doubt in each.doubts]
    return {
        "format": format_title,
        "said": {
            "channels": len(file.channels),
            "start_clock_s": file.start_clock_s,
            "clock_kind": file.clock_kind.value,
            "duration_s": file.duration_s,
            "gaps": len(file.gaps),
            "annotations": _kinds(file.annotations()),
        },
        "doubts": [doubt.as_json() for doubt in (*facts.doubts, *of_stages)],
        "told": [*notes_of(facts.doubts), *map(str, of_stages)],
        "decisions": decisions.as_json(),
        "answers": list(answers(decisions)),
    }


def stated_by_file(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a file stated, from the intake record of its night."""
    return record.get("said") or {}


def assumed_in(record: Mapping[str, Any]) -> Sequence[str]:
    """Return what was assumed of a night, in words, from its intake record."""
    return record.get("told", ())


def _kinds(annotations: Sequence[Annotation]) -> JsonObject:
    """Count annotations by kind; empty where there are none."""
    counts = Counter(map(_kind, annotations))
    return {kind: counts[kind] for kind in ("stages", "lights", "other")} if counts else {}


def _kind(annotation: Annotation) -> str:
    if lights_word(annotation.text):
        return "lights"
    try:
        parse_stage_text(annotation.text)
    except UnknownStageTextError:
        return "other"
    return "stages"


def answers(decisions: NightDecisions) -> list[str]:
    """Word what a person said about the signals of a night, a sentence each."""
    channels = decisions.channels
    words = [
        f"{name.value} is {channels[name]}."
        if channels[name]
        else f"{name.value}: not in the recording."
        for name in DERIVATIONS
        if name in channels
    ]
    words += [f"{label} is in {unit}." for label, unit in decisions.units.items()]
    if decisions.mains_hz is not None:
        words.append(f"Mains frequency: {decisions.mains_hz:g} Hz.")
    if decisions.start_clock_s is not None:
        words.append(f"The recording starts at {time_of_day(decisions.start_clock_s)}.")
    if decisions.epoch_start_s is not None:
        words.append(f"Epoch 1 starts at {decisions.epoch_start_s:g} s.")
    return words
