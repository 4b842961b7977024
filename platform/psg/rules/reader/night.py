"""Read a whole night."""

from __future__ import annotations

from dataclasses import dataclass, replace

from psg.events import read_continuous
from psg.events.event import Evidence
from psg.events.frontal import is_too_small
from psg.events.measures import EpochMeasures, evidence_of, measure_signals, tone_where_read
from psg.events.quality import quality_of
from psg.events.registry import proven_ids
from psg.night import NightSignals
from psg.rules.editions import get_edition
from psg.rules.reader.chin_in_sleep import below_non_rem
from psg.rules.reader.deciding import decide
from psg.rules.reader.deep_sleep import steep_seconds
from psg.rules.reader.rationale import rationale_of
from psg.rules.reader.signs import BESIDE_NON_REM, Signs, traits_of
from psg.rules.reader.wakefulness import waking_eeg
from psg.stages import Stage


@dataclass(frozen=True)
class Reading:
    """Stage, cited rules, rationale and evidence of an epoch.

    ``evidence`` holds the events of the epoch in order of time, then its chin tone. Only kinds
    whose detections are known to be mostly right in real recordings serve as evidence.
    """

    stage: Stage
    rules: tuple[str, ...]
    rationale: str
    evidence: list[Evidence]


def read_night(night: NightSignals) -> list[Reading]:
    """Stage every epoch of a night, with rules, rationale and evidence.

    The whole night is measured before the first epoch is decided: whether the sleeper makes alpha
    and where chin tone is low are facts of the night.
    """
    if night.epoch_count == 0:
        return []
    continuous = read_continuous(night)
    quality = quality_of(night)
    tone = tone_where_read(continuous, quality.faults)
    measured = measure_signals(continuous, quality.faults, night.epoch_count)
    traits = traits_of(measured, tone, night.derivations)
    slow_s = steep_seconds(continuous, night.epoch_count, quality.faults)
    marked = below_non_rem(measured, tone, slow_s)
    is_small = is_too_small(continuous)
    calibration = replace(
        traits,
        chin=traits.chin if marked is None else BESIDE_NON_REM,
        with_ecg=quality.with_ecg,
        without_mastoid=quality.without_mastoid or is_small,
        frontal_is_small=is_small,
    )
    epochs = marked or measured
    awake = waking_eeg(continuous, epochs, makes_alpha=traits.makes_alpha)
    signs = [
        Signs(here, epochs[epoch - 1] if epoch else None, awake[epoch], slow_s[epoch])
        for epoch, here in enumerate(epochs)
    ]
    decisions = decide(signs, calibration)
    edition = get_edition()
    return [
        Reading(
            stage=decision.stage,
            rules=edition.in_order(decision.rules),
            rationale=rationale_of(epoch, decisions, signs, calibration),
            evidence=evidence_of(_proven(signs[epoch].here)),
        )
        for epoch, decision in enumerate(decisions)
    ]


def _proven(epoch: EpochMeasures) -> EpochMeasures:
    proven = proven_ids()
    events = {kind: same for kind, same in epoch.events.items() if kind in proven}
    return replace(epoch, events=events, faults={}, gaps={}, beside=())
