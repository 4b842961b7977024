"""A release, unpacked: its manifest says which nights, whose labels and which part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inference.prompts import Track
from inference.training.data import LabelledNight, TrackPrompt, TrainingData
from inference.training.data_massex import massex_tables, placed_labels
from inference.training.data_recordings import Recordings
from inference.training.data_settings import DataSettings
from inference.training.errors import TrainingError
from psg.rules.editions import DEFAULT_EDITION

MANIFEST = "manifest.json"


def read_release(settings: DataSettings) -> TrainingData:
    """Read the nights of an unpacked release, each with the labels that were frozen."""
    manifest = _manifest(settings.folder)
    entries = {(night["scorer"], night["name"]): night for night in manifest["nights"]}
    if not entries:
        raise TrainingError(
            "The release has no night", where=settings.folder.name, advice="Freeze another."
        )
    recordings = Recordings(settings.recordings, settings.cache)
    nights = [
        _night(entries[scorer, name], track, rows, places, recordings)
        for scorer in sorted({scorer for scorer, _ in entries})
        for name, track, rows, places in massex_tables(settings.folder / "massex" / scorer)
    ]
    editions = manifest["rule_editions"]
    if len(editions) > 1:
        raise TrainingError(
            "The release mixes rule editions: " + ", ".join(editions),
            advice="Train on nights of one edition.",
        )
    return TrainingData(
        nights,
        rule_edition=editions[0] if editions else DEFAULT_EDITION,
        prompts=_prompts(settings.folder, manifest),
        about=f"{manifest['title']} {manifest['version']} ({manifest['study']}), licence"
        f" {manifest['licence']}, {len(nights)} scorings",
    )


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        value = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise TrainingError(
            f"There is no {MANIFEST}", where=str(folder), advice="Unpack the release there."
        ) from None
    except ValueError:
        raise TrainingError(f"{MANIFEST} is not valid JSON", where=str(folder)) from None
    if not isinstance(value, dict) or not isinstance(value.get("nights"), list):
        raise TrainingError(f"{MANIFEST} is not that of a release", where=str(folder))
    return value


def _night(
    entry: Mapping[str, Any], track: Track, rows: Any, places: Any, recordings: Recordings
) -> LabelledNight:
    name = entry["name"]
    epochs = {number: place.epoch for (night, number), place in places.items() if night == name}
    return LabelledNight(
        subject=entry["subject"],
        recording=entry["recording"],
        scorer=entry["scorer"],
        part=entry["part"],
        track=track,
        signals=recordings.open(entry["recording"], epoch0_s=entry["epoch0_s"]),
        labels=placed_labels(rows, epochs, entry["recording"]),
    )


def _prompts(folder: Path, manifest: Mapping[str, Any]) -> dict[Track, TrackPrompt]:
    return {
        track: TrackPrompt(
            template=prompt["system"],
            labels=tuple(prompt["labels"]),
            keys=tuple(prompt["keys"]),
            fence=prompt["fence"],
        )
        for track in Track
        if (prompt := manifest.get("prompts", {}).get(track.value))
    }
