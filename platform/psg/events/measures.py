"""The events of a night by epoch: measures of each epoch, and their evidence as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from psg.events import chin_tone, movement
from psg.events.chin_tone import ChinTone, measure_tone
from psg.events.continuous import read_continuous
from psg.events.event import MEASURED_ON, DetectedEvent, Evidence
from psg.events.faults import EpochFaults, Fault
from psg.events.quality import quality_of
from psg.events.registry import current_id, detect_events, offered_ids
from psg.montage import EOG_DERIVATIONS, Derivation
from psg.night import NightSignals
from psg.stages import EPOCH_S

LONG_EVENT_S = 3.0
LEAST_PART_S = 0.5


def events_by_epoch(
    events: Mapping[str, Sequence[DetectedEvent]], epoch_count: int
) -> list[dict[str, list[DetectedEvent]]]:
    """Return the events of each epoch by kind, in seconds from its start, cut at its edges."""
    by_epoch: list[dict[str, list[DetectedEvent]]] = [{} for _ in range(epoch_count)]
    for kind, same_kind in events.items():
        for event in same_kind:
            for epoch in _epochs_of(event, epoch_count):
                by_epoch[epoch].setdefault(kind, []).append(_inside(event, epoch))
    return by_epoch


def _epochs_of(event: DetectedEvent, epoch_count: int) -> Iterable[int]:
    """Return the epoch of a short event, or the epochs with 0.5 s or more of a long event."""
    if event.duration_s < LONG_EVENT_S:
        return (min(int(event.middle_s // EPOCH_S), epoch_count - 1),)
    first = int((event.start_s + LEAST_PART_S) // EPOCH_S)
    last = int(np.ceil((event.end_s - LEAST_PART_S) / EPOCH_S))
    return range(first, min(last, epoch_count))


def _inside(event: DetectedEvent, epoch: int) -> DetectedEvent:
    onset_s = epoch * EPOCH_S
    return replace(
        event,
        start_s=round(max(event.start_s - onset_s, 0.0), 2),
        end_s=round(min(event.end_s - onset_s, EPOCH_S), 2),
    )


HALF_S = EPOCH_S / 2


def seconds_text(value_s: float) -> str:
    """Write seconds with a decimal; 5.96 s must not read as the whole 6 s that a rule requires."""
    tenths = round(10 * value_s)
    is_short = tenths % 10 == 0 and tenths / 10 - value_s > 1e-6
    return f"{(tenths - is_short) / 10:.1f} s"


@dataclass(frozen=True)
class EpochMeasures:
    """Events by kind with times in seconds inside the epoch, cut at its edges.

    Events of a derivation with one of the ``faults`` are left out, and so is tone of the chin.
    ``tone_uv`` is the median chin level in uV RMS, None without a chin; ``low_tone_share`` is the
    share of seconds with low tone, None also where the chin is uninformative.
    """

    events: Mapping[str, tuple[DetectedEvent, ...]] = field(default_factory=dict)
    tone_uv: float | None = None
    low_tone_share: float | None = None
    faults: EpochFaults = field(default_factory=dict)

    def of(self, kind: str) -> tuple[DetectedEvent, ...]:
        return self.events.get(kind, ())

    def count(self, kind: str) -> int:
        return len(self.of(kind))

    def seconds(self, kind: str) -> float:
        """Return the seconds of the epoch under events of this kind, overlaps counted once."""
        covered_s, reached_s = 0.0, 0.0
        for event in self.of(kind):
            covered_s += max(event.end_s - max(event.start_s, reached_s), 0.0)
            reached_s = max(reached_s, event.end_s)
        return covered_s

    @property
    def tone_is_low(self) -> bool | None:
        return None if self.low_tone_share is None else self.low_tone_share > 0.5


def measure_epochs(
    events: Mapping[str, list[DetectedEvent]],
    tone: ChinTone | None,
    epoch_count: int,
    faults: Sequence[EpochFaults] = (),
) -> list[EpochMeasures]:
    """Sort the events of a night into its epochs.

    What lies in a faulty derivation is left out, and so is what a movement hides by half or more.
    """
    return [
        EpochMeasures(
            {
                kind: tuple(kept)
                for kind, inside in kinds.items()
                if (
                    kept := [
                        event
                        for event in inside
                        if not _is_lost(event, faulty)
                        and not movement.hides(kinds.get(movement.KIND, ()), event)
                    ]
                )
            },
            faults=faulty,
            **_tone_of(None if Derivation.CHIN in faulty else tone, epoch),
        )
        for epoch, (kinds, faulty) in enumerate(
            zip(events_by_epoch(events, epoch_count), faults or [{}] * epoch_count, strict=True)
        )
    ]


def _is_lost(event: DetectedEvent, faults: EpochFaults) -> bool:
    """Movements of the eyes need both; a movement of the body is an artefact itself."""
    if event.kind == movement.KIND:
        return False
    eyes = EOG_DERIVATIONS if event.derivation in EOG_DERIVATIONS else ()
    return any(name in faults for name in (event.derivation, *eyes))


def _tone_of(tone: ChinTone | None, epoch: int) -> dict[str, float | None]:
    if tone is None:
        return {}
    first = int(epoch * EPOCH_S)
    level_uv = tone.level_uv[first : first + int(EPOCH_S)]
    median_uv = float(np.median(level_uv))
    if not tone.informative:
        return {"tone_uv": median_uv}
    return {
        "tone_uv": median_uv,
        "low_tone_share": float(np.mean(level_uv <= tone.low_below_uv)),
    }


# Evidence: the measures of an epoch as JSON, and read back from it.

_TONE_LEVEL = "rms_uv"
"""The value that distinguishes the level of the tone from its rises, which have the same kind."""


def evidence_of(epoch: EpochMeasures) -> list[Evidence]:
    """Return all events in order of time, then the chin tone of the epoch, and its faults."""
    events = sorted(
        (event for same_kind in epoch.events.values() for event in same_kind),
        key=lambda event: (event.start_s, event.end_s, event.kind),
    )
    return [event.as_evidence() for event in events] + _tone_evidence(epoch) + _faults_in(epoch)


def measures_from(evidence: Iterable[Evidence]) -> EpochMeasures:
    """Read the measures of an epoch from its evidence, with the stored decimals.

    Evidence that was stored under a former name of its kind is read too.
    """
    events: dict[str, list[DetectedEvent]] = {}
    tone: dict[str, float] = {}
    faults: dict[Derivation, tuple[Fault, ...]] = {}
    for entry in evidence:
        event = _event_from(entry)
        if entry["kind"] in set(Fault):
            known = faults.get(event.derivation, ())
            faults[event.derivation] = (*known, Fault(entry["kind"]))
        elif event.kind == chin_tone.KIND and _TONE_LEVEL in entry["values"]:
            tone = entry["values"]
        else:
            events.setdefault(event.kind, []).append(event)
    return EpochMeasures(
        {kind: tuple(same_kind) for kind, same_kind in events.items()},
        tone_uv=tone.get(_TONE_LEVEL),
        low_tone_share=tone.get("low_share"),
        faults=faults,
    )


def _event_from(entry: Evidence) -> DetectedEvent:
    values = entry["values"]
    return DetectedEvent(
        current_id(entry["kind"]),
        Derivation(entry["derivation"]),
        entry["start_s"],
        entry["end_s"],
        values.get("peak_to_peak_uv"),
        values.get("frequency_hz"),
    )


def _tone_evidence(epoch: EpochMeasures) -> list[Evidence]:
    if epoch.tone_uv is None:
        return []
    values = {_TONE_LEVEL: epoch.tone_uv, "low_share": epoch.low_tone_share}
    rounded = {n: round(value, 2) for n, value in values.items() if value is not None}
    return [_throughout(chin_tone.KIND, Derivation.CHIN, rounded)]


def _faults_in(epoch: EpochMeasures) -> list[Evidence]:
    return [
        _throughout(fault.value, derivation, {})
        for derivation, faults in epoch.faults.items()
        for fault in faults
    ]


def _throughout(kind: str, derivation: Derivation, values: dict[str, float]) -> Evidence:
    return {
        "kind": kind,
        "derivation": derivation.value,
        "start_s": 0.0,
        "end_s": EPOCH_S,
        **MEASURED_ON,
        "values": values,
    }


# To be raised whenever a detector changes, so that stored events are detected anew.
DETECTORS_VERSION = 7


def find_evidence(night: NightSignals) -> list[list[Evidence]]:
    """Return the evidence of every epoch: events in order of time, then chin tone and faults.

    Thresholds depend on the level of the whole night, so the night is searched as a whole.
    """
    continuous = read_continuous(night)
    measured = measure_epochs(
        detect_events(continuous),
        measure_tone(continuous),
        night.epoch_count,
        quality_of(night).faults,
    )
    return [evidence_of(epoch) for epoch in measured]


def offered(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return the events of an epoch that are offered to scorers as candidates."""
    offered_kinds = offered_ids()
    return [event for event in evidence if event["kind"] in offered_kinds]
