"""Simulated nights as a source: labels of the reference expert, words from the known events.

Parts are the cohorts of ``psg.simulate``: subjects for testing differ from all training subjects.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from inference.prompts import Track
from inference.training.data import TEST, TRAIN, VALIDATION, EpochLabel, LabelledNight, TrainingData
from inference.training.data_recordings import StoredNight
from inference.training.data_settings import DataSettings
from inference.training.simulated_words import epochs_of, rationale_of, rules_of
from psg.montage import DERIVATIONS
from psg.night import ArrayNight, NightSignals
from psg.rules.editions import DEFAULT_EDITION
from psg.signalstore import SignalStoreWriter, StoredChannel, put_in_place, scale_for, to_counts
from psg.simulate import Cohort, SimulatedEvent, SimulatedNight, cohort_seeds, simulate_night
from psg.simulate import night as preprocessed
from psg.stages import Stage

COHORTS = {TRAIN: Cohort.TRAINING, VALIDATION: Cohort.VALIDATION, TEST: Cohort.HELD_OUT}
_SAMPLES = 3000
_SFREQ_HZ = 100.0


def simulated_data(settings: DataSettings) -> TrainingData:
    """Simulate the nights that the settings ask for, or read them where they are kept."""
    counts = {TRAIN: settings.train, VALIDATION: settings.validation, TEST: settings.test}
    nights = [
        simulated_night(seed, part=part, hours=settings.hours, cache=settings.cache)
        for part, count in counts.items()
        for seed in cohort_seeds(COHORTS[part], count)
    ]
    told = ", ".join(f"{count} for {part}" for part, count in counts.items() if count)
    return TrainingData(
        nights,
        rule_edition=DEFAULT_EDITION,
        about=f"simulated nights of {settings.hours:g} h: {told}",
    )


def simulated_night(
    seed: int, *, part: str, hours: float, cache: Path | None = None
) -> LabelledNight:
    """One simulated night with fine labels for every epoch that the expert staged."""
    name = f"simulated-{seed}-{hours:g}h"
    if cache is None:
        night = simulate_night(hours=hours, seed=seed)
        return _labelled(name, part, preprocessed(night), _labels(night), _events(night))
    store, words = cache / f"{name}.epw", cache / f"{name}.json"
    if not words.is_file():
        _keep(simulate_night(hours=hours, seed=seed), store, words)
    kept = json.loads(words.read_text("utf-8"))
    labels = [
        EpochLabel(item["epoch"], Stage(item["stage"]), tuple(item["rules"]), item["rationale"])
        for item in kept["labels"]
    ]
    events = [SimulatedEvent(**item) for item in kept["events"]]
    return _labelled(name, part, StoredNight(store), labels, events)


def _labelled(
    name: str,
    part: str,
    signals: NightSignals,
    labels: Sequence[EpochLabel],
    events: Sequence[SimulatedEvent],
) -> LabelledNight:
    return LabelledNight(
        subject=name,
        recording=name,
        scorer="reference",
        part=part,
        track=Track.FINE,
        signals=signals,
        labels=labels,
        events=events,
    )


def _labels(night: SimulatedNight) -> list[EpochLabel]:
    epochs = epochs_of(night)
    makes_alpha = night.plan.subject.alpha_producer
    found = []
    for epoch, stage in enumerate(night.stages):
        if stage is None:
            continue
        stage_before = night.stages[epoch - 1] if epoch else None
        before = epochs[epoch - 1] if epoch else None
        rules = rules_of(stage, stage_before, epochs[epoch], before, makes_alpha=makes_alpha)
        found.append(
            EpochLabel(epoch, stage, rules, rationale_of(stage, stage_before, epochs[epoch]))
        )
    return found


def _events(night: SimulatedNight) -> list[SimulatedEvent]:
    start_s = night.grid.epoch0_s
    return [
        replace(event, start_s=event.start_s - start_s, end_s=event.end_s - start_s)
        for event in night.events
    ]


def _keep(night: SimulatedNight, store: Path, words: Path) -> None:
    """Write both files, the words last: their presence says that the night is whole."""
    store.parent.mkdir(parents=True, exist_ok=True)
    _write_store(preprocessed(night), store)
    kept = {
        "labels": [asdict(label) for label in _labels(night)],
        "events": [asdict(event) for event in _events(night)],
    }
    half = words.with_name(f"{words.name}.{os.getpid()}.part")
    half.write_text(json.dumps(kept), "utf-8")
    put_in_place(half, words)


def _write_store(signals: ArrayNight, path: Path) -> None:
    scales = [scale_for(signals.epochs_uv[:, row]) for row in range(len(DERIVATIONS))]
    channels = [
        StoredChannel(name, _SFREQ_HZ, _SAMPLES, scale)
        for name, scale in zip(DERIVATIONS, scales, strict=True)
    ]
    with SignalStoreWriter(
        path, channels=channels, epoch_count=signals.epoch_count, epoch0_s=0.0
    ) as writer:
        writer.append(
            [to_counts(signals.epochs_uv[:, row], scale) for row, scale in enumerate(scales)]
        )
