"""Simulated nights as a source: labels of the reference expert, rationales from known events.

Parts are the cohorts of ``psg.simulate``: subjects for testing differ from all training subjects.
Rules and rationales follow from the events that were put into the signal, not from a detector, so
that a model does not learn the errors of a detector. The stage is that of the reference expert. An
epoch without evidence for any rule (because the expert's border or stage differs) gets no rule.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import cycle
from pathlib import Path

from inference.prompts import Track
from inference.training.data.nights import (
    TEST,
    TRAIN,
    VALIDATION,
    EpochLabel,
    LabelledNight,
    TrainingData,
)
from inference.training.data.recordings import StoredNight
from inference.training.settings import DataSettings
from psg.montage import DERIVATIONS
from psg.night import ArrayNight, NightSignals
from psg.rules.editions import DEFAULT_EDITION
from psg.signalstore import SignalStoreWriter, StoredChannel, put_in_place, scale_for, to_counts
from psg.simulate import (
    Cohort,
    Difficulty,
    SimulatedEvent,
    SimulatedNight,
    cohort_seeds,
    preprocessed,
    simulate_night,
)
from psg.stages import EPOCH_S, Stage

HALF_S = EPOCH_S / 2
_SLOW_WAVE_UV = 75.0
_MOST_TIMES = 6
_LAST_S = round(EPOCH_S) - 1
_N2_SIGNS = ("spindle", "k_complex")
_RAPID = {Stage.W: "waking_rem"}
_NAMED = (
    ("spindle", "spindle", "C4-M1"),
    ("k_complex", "K complex", "F4-M1"),
    ("vertex_wave", "vertex wave", "C4-M1"),
    ("sawtooth", "train of sawtooth waves", "C4-M1"),
    ("rem", "rapid eye movement", "E1-M2"),
    ("sem", "slow eye movement", "E1-M2"),
    ("blink", "blink", "E1-M2"),
    ("arousal", "arousal", ""),
)


@dataclass(frozen=True)
class EpochEvents:
    """The events of an epoch, which starts at ``onset_s``; methods give seconds from there."""

    onset_s: float
    events: Sequence[SimulatedEvent]

    def starts(self, *kinds: str) -> list[float]:
        """Return the starts of the events that begin in the epoch, sorted."""
        starts = (e.start_s - self.onset_s for e in self.events if _kind(e) in kinds)
        return sorted(start for start in starts if 0 <= start < EPOCH_S)

    def seconds(self, kind: str) -> float:
        """Return the seconds of the epoch under events of a kind."""
        total = 0.0
        for event in self.events:
            if _kind(event) == kind:
                start_s = max(event.start_s - self.onset_s, 0.0)
                total += max(min(event.end_s - self.onset_s, EPOCH_S) - start_s, 0.0)
        return min(total, EPOCH_S)


def epochs_of(night: SimulatedNight) -> list[EpochEvents]:
    """Return the events of each epoch; an event across a border is in both epochs."""
    inside: list[list[SimulatedEvent]] = [[] for _ in range(night.grid.epoch_count)]
    for event in night.events:
        first = int((event.start_s - night.grid.epoch0_s) // EPOCH_S)
        last = int((event.end_s - night.grid.epoch0_s) // EPOCH_S)
        for epoch in range(max(first, 0), min(last + 1, len(inside))):
            inside[epoch].append(event)
    return [EpochEvents(night.grid.onset_s(n), events) for n, events in enumerate(inside)]


def rules_of(
    stage: Stage,
    stage_before: Stage | None,
    here: EpochEvents,
    before: EpochEvents | None,
    *,
    makes_alpha: bool,
) -> tuple[str, ...]:
    """Return the ids of the rules for which the events are evidence."""
    if here.seconds("movement") > HALF_S:
        return ("MBM.1",) if stage is Stage.W and here.seconds("alpha") else ("MBM.2",)
    if stage is Stage.W:
        return _waking(here)
    if stage is Stage.N1:
        ended = {Stage.N2: ("N2.4",), Stage.R: ("R.3",)}.get(stage_before or Stage.W, ())
        return ("N1.1" if makes_alpha else "N1.2", *ended)
    if stage is Stage.N2:
        return _second(stage_before, here, before)
    if stage is Stage.N3:
        return ("N3.1",)
    return ("R.1",) if here.starts("rem") else ("R.2",)


def _waking(here: EpochEvents) -> tuple[str, ...]:
    holds = {
        "W.1": here.seconds("alpha") > HALF_S,
        "W.2": len(here.starts("blink")) > 1,
        "W.3": len(here.starts("waking_rem")) > 1,
    }
    return tuple(rule for rule, does in holds.items() if does)


def _second(
    stage_before: Stage | None, here: EpochEvents, before: EpochEvents | None
) -> tuple[str, ...]:
    early = [start for start in here.starts(*_N2_SIGNS) if start < HALF_S]
    late = [start for start in before.starts(*_N2_SIGNS) if start >= HALF_S] if before else []
    if early or late:
        return ("N2.1",)
    followed: dict[Stage | None, tuple[str, ...]] = {Stage.N2: ("N2.2",), Stage.N3: ("N2.3",)}
    return followed.get(stage_before, ())


def rationale_of(stage: Stage, stage_before: Stage | None, here: EpochEvents) -> str:
    """Write short sentences in a fixed order: rhythms, waves with their times, absent signs.

    Times are whole seconds, the precision with which a page of 30 s can be read.
    """
    sentences = [*_rhythms(here), *_waves(here, stage)]
    absent = [
        noun for kind, noun, _ in _NAMED[:2] if not here.starts(kind) and stage is not Stage.N3
    ]
    sentences += [f"No {noun}." for noun in absent]
    if stage_before is not None:
        sentences.append(f"The epoch before is {stage_before}.")
    return " ".join(sentences)


def _rhythms(here: EpochEvents) -> list[str]:
    alpha_s, slow_s = here.seconds("alpha"), here.seconds("slow_wave")
    sentences = [f"Alpha in O2-M1 for {alpha_s:.0f} s." if alpha_s >= 1 else "No alpha."]
    if slow_s >= 1:
        sentences.append(f"Slow waves in F4-M1 add up to {slow_s:.0f} s.")
    if here.seconds("movement") >= 1:
        sentences.append(f"Movement for {here.seconds('movement'):.0f} s.")
    return sentences


def _waves(here: EpochEvents, stage: Stage) -> list[str]:
    sentences = []
    for kind, noun, place in _NAMED:
        starts = here.starts(_RAPID.get(stage, kind) if kind == "rem" else kind)
        seconds = list(dict.fromkeys(min(round(start), _LAST_S) for start in starts))
        if seconds:
            name = noun if len(seconds) == 1 else _plural(noun)
            where = f" in {place}" if place else ""
            sentences.append(f"{name[:1].upper()}{name[1:]}{where} at {_times(seconds)}.")
    return sentences


def _times(starts: Sequence[int]) -> str:
    shown = [str(start) for start in starts[:_MOST_TIMES]]
    rest = len(starts) - len(shown)
    if rest:
        return f"{', '.join(shown)} s and {rest} more"
    listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{listed} s"


def _plural(noun: str) -> str:
    if noun.startswith("train"):
        return noun.replace("train", "trains", 1)
    return f"{noun}es" if noun.endswith("x") else f"{noun}s"


def _kind(event: SimulatedEvent) -> str:
    """Return the kind; slow waves below 75 uV peak to peak count as background."""
    is_small = event.parameters.get("peak_to_peak_uv", _SLOW_WAVE_UV) < _SLOW_WAVE_UV
    return "background" if event.kind == "slow_wave" and is_small else event.kind


COHORTS = {TRAIN: Cohort.TRAINING, VALIDATION: Cohort.VALIDATION, TEST: Cohort.HELD_OUT}
_DIFFICULTIES = {
    "plain": (Difficulty.PLAIN,),
    "clinical": (Difficulty.CLINICAL,),
    "mixed": (Difficulty.PLAIN, Difficulty.CLINICAL),
}
_SAMPLES = 3000
_SFREQ_HZ = 100.0


def simulated_data(settings: DataSettings) -> TrainingData:
    """Simulate the nights of the settings, or read them from the cache."""
    counts = {TRAIN: settings.train, VALIDATION: settings.validation, TEST: settings.test}
    difficulties = _DIFFICULTIES[settings.difficulty]
    nights = [
        simulated_night(
            seed, part=part, hours=settings.hours, difficulty=difficulty, cache=settings.cache
        )
        for part, count in counts.items()
        for seed, difficulty in zip(
            cohort_seeds(COHORTS[part], count), cycle(difficulties), strict=False
        )
    ]
    parts = ", ".join(f"{count} for {part}" for part, count in counts.items() if count)
    how = "" if settings.difficulty == Difficulty.PLAIN else f" ({settings.difficulty})"
    return TrainingData(
        nights,
        rule_edition=DEFAULT_EDITION,
        about=f"simulated nights of {settings.hours:g} h{how}: {parts}",
    )


def simulated_night(
    seed: int,
    *,
    part: str,
    hours: float,
    difficulty: Difficulty = Difficulty.PLAIN,
    cache: Path | None = None,
) -> LabelledNight:
    """Return a simulated night with fine labels for every epoch that the expert staged."""
    # Caches of earlier versions hold plain nights under this name.
    suffix = "" if difficulty is Difficulty.PLAIN else f"-{difficulty}"
    name = f"simulated-{seed}-{hours:g}h{suffix}"
    simulate = partial(simulate_night, hours=hours, seed=seed, difficulty=difficulty)
    if cache is None:
        night = simulate()
        return _labelled(name, part, preprocessed(night), _labels_of(night), _events(night))
    store, words = cache / f"{name}.epw", cache / f"{name}.json"
    if not words.is_file():
        _keep(simulate(), store, words)
    stored = json.loads(words.read_text("utf-8"))
    labels = [
        EpochLabel(item["epoch"], Stage(item["stage"]), tuple(item["rules"]), item["rationale"])
        for item in stored["labels"]
    ]
    events = [SimulatedEvent(**item) for item in stored["events"]]
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
        is_simulated=True,
    )


def _labels_of(night: SimulatedNight) -> list[EpochLabel]:
    epochs = epochs_of(night)
    makes_alpha = night.plan.subject.alpha_producer
    labels = []
    for epoch, stage in enumerate(night.stages):
        if stage is None:
            continue
        stage_before = night.stages[epoch - 1] if epoch else None
        before = epochs[epoch - 1] if epoch else None
        rules = rules_of(stage, stage_before, epochs[epoch], before, makes_alpha=makes_alpha)
        labels.append(
            EpochLabel(epoch, stage, rules, rationale_of(stage, stage_before, epochs[epoch]))
        )
    return labels


def _events(night: SimulatedNight) -> list[SimulatedEvent]:
    start_s = night.grid.epoch0_s
    return [
        replace(event, start_s=event.start_s - start_s, end_s=event.end_s - start_s)
        for event in night.events
    ]


def _keep(night: SimulatedNight, store: Path, words: Path) -> None:
    """Write both files, the labels last: if they exist, the night is complete."""
    store.parent.mkdir(parents=True, exist_ok=True)
    _write_store(preprocessed(night), store)
    stored = {
        "labels": [asdict(label) for label in _labels_of(night)],
        "events": [asdict(event) for event in _events(night)],
    }
    half = words.with_name(f"{words.name}.{os.getpid()}.part")
    half.write_text(json.dumps(stored), "utf-8")
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
