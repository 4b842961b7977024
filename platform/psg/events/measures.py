"""The events of a night by epoch: measures of each epoch, and their evidence as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from psg.events import arousal, chin_tone, movement
from psg.events.chin_tone import ChinTone, measure_tone
from psg.events.continuous import ContinuousNight, read_continuous
from psg.events.event import MEASURED_ON, DetectedEvent, Evidence
from psg.events.faults import EpochFaults, Fault
from psg.events.instead import detect_by_epoch, events_by_epoch
from psg.events.quality import quality_of
from psg.events.registry import current_id, offered_ids
from psg.events.unread import (
    MARGIN_S,
    Gap,
    Span,
    Unread,
    joined,
    needed_for,
    outside,
    read_seconds,
    seconds_outside,
    unread_in,
)
from psg.montage import Derivation
from psg.night import NightSignals
from psg.stages import EPOCH_S

HALF_S = EPOCH_S / 2


def seconds_text(value_s: float) -> str:
    """Write seconds with a decimal; 5.96 s must not read as the whole 6 s that a rule requires."""
    tenths = round(10 * value_s)
    is_short = tenths % 10 == 0 and tenths / 10 - value_s > 1e-6
    return f"{(tenths - is_short) / 10:.1f} s"


@dataclass(frozen=True)
class EpochMeasures:
    """Events by kind with times in seconds inside the epoch, cut at its edges.

    Nothing is read from a derivation with ``faults``, nor in its ``gaps``, nor from EEG, EOG and
    chin where a movement of the body hides them, with a second on either side.
    ``tone_uv`` is the median chin level in uV RMS, None without a chin; ``low_tone_share`` is the
    share of seconds with low tone, None also where the chin is uninformative.
    """

    events: Mapping[str, tuple[DetectedEvent, ...]] = field(default_factory=dict)
    tone_uv: float | None = None
    low_tone_share: float | None = None
    faults: Mapping[Derivation, tuple[Fault, ...]] = field(default_factory=dict)
    gaps: Mapping[Derivation, tuple[Gap, ...]] = field(default_factory=dict)
    beside: tuple[Span, ...] = ()
    """What a movement in the epoch before or after hides here, with the margin."""

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
    def hidden(self) -> list[Span]:
        """Return the stretches that a movement of the body hides, with the margin."""
        return joined((*self.beside, *(_beside(event) for event in self.of(movement.KIND))))

    def unread(self, *places: Derivation) -> list[Span]:
        """Return the stretches in which one of these derivations is not read."""
        if any(place in self.faults for place in places):
            return [(0.0, EPOCH_S)]
        gaps = [(gap.start_s, gap.end_s) for place in places for gap in self.gaps.get(place, ())]
        return joined([*gaps, *self.hidden])

    def measured_s(self, *places: Derivation) -> float:
        """Return the seconds in which all these derivations are read."""
        return EPOCH_S - sum(end_s - start_s for start_s, end_s in self.unread(*places))

    @property
    def tone_is_low(self) -> bool | None:
        return None if self.low_tone_share is None else self.low_tone_share > 0.5


def _beside(event: DetectedEvent) -> Span:
    return max(event.start_s - MARGIN_S, 0.0), min(event.end_s + MARGIN_S, EPOCH_S)


def measure_epochs(
    events: Mapping[str, list[DetectedEvent]],
    tone: ChinTone | None,
    epoch_count: int,
    faults: Sequence[EpochFaults] = (),
) -> list[EpochMeasures]:
    """Sort the events of a night into its epochs, without what lies where nothing is read."""
    unread = unread_in(faults) if faults else [Unread()] * epoch_count
    return _measure(events_by_epoch(events, epoch_count), unread, tone)


def measure_signals(
    night: ContinuousNight, faults: Sequence[EpochFaults], epoch_count: int
) -> list[EpochMeasures]:
    """Run all detectors over a night, and measure its epochs where they are read."""
    unread = unread_in(faults) if faults else [Unread()] * epoch_count
    return _measure(detect_by_epoch(night, unread), unread, tone_where_read(night, faults))


def tone_where_read(night: ContinuousNight, faults: Sequence[EpochFaults]) -> ChinTone | None:
    """Measure the chin tone of a night whose epochs have these faults."""
    is_read = read_seconds(faults, Derivation.CHIN) if faults else None
    return measure_tone(night, is_read)


def _measure(
    by_epoch: Sequence[Mapping[str, list[DetectedEvent]]],
    unread: Sequence[Unread],
    tone: ChinTone | None,
) -> list[EpochMeasures]:
    moved = [tuple(kinds.get(movement.KIND, ())) for kinds in by_epoch]
    wholes = [
        EpochMeasures(
            {movement.KIND: here},
            faults=lost.lost,
            gaps=lost.gaps,
            beside=_across(moved[max(epoch - 1, 0) : epoch], moved[epoch + 1 : epoch + 2]),
        )
        for epoch, (here, lost) in enumerate(zip(moved, unread, strict=True))
    ]
    epochs = enumerate(zip(by_epoch, wholes, strict=True))
    return [_measured(index, kinds, whole, tone) for index, (kinds, whole) in epochs]


def _across(
    before: Sequence[tuple[DetectedEvent, ...]], after: Sequence[tuple[DetectedEvent, ...]]
) -> tuple[Span, ...]:
    """Return the margins of movements of the epochs on either side that reach into this one."""
    ends_s = [event.end_s + MARGIN_S - EPOCH_S for moved in before for event in moved]
    starts_s = [event.start_s - MARGIN_S + EPOCH_S for moved in after for event in moved]
    return (
        *((0.0, end_s) for end_s in ends_s if end_s > 0),
        *((start_s, EPOCH_S) for start_s in starts_s if start_s < EPOCH_S),
    )


def _measured(
    epoch: int,
    kinds: Mapping[str, list[DetectedEvent]],
    whole: EpochMeasures,
    tone: ChinTone | None,
) -> EpochMeasures:
    read = {
        kind: tuple(part for event in inside for part in _read_parts(event, whole))
        for kind, inside in kinds.items()
    }
    return EpochMeasures(
        {kind: parts for kind, parts in read.items() if parts},
        faults=whole.faults,
        gaps=whole.gaps,
        beside=whole.beside,
        **_tone_of(tone, epoch, whole.unread(Derivation.CHIN)),
    )


COMES_WITH_MOVEMENT = (movement.KIND, arousal.KIND, chin_tone.KIND)
"""A movement of the body does not hide itself, nor the arousal and the tone that it comes with."""


def _read_parts(event: DetectedEvent, epoch: EpochMeasures) -> list[DetectedEvent]:
    """Return an event that is read from start to end; of one that lasts, the parts that are."""
    if event.kind == movement.KIND:
        return [event]  # several derivations show it
    seen = replace(epoch, events={}, beside=()) if event.kind in COMES_WITH_MOVEMENT else epoch
    return outside(event, seen.unread(*needed_for(event)))


def _tone_of(tone: ChinTone | None, epoch: int, unread: Sequence[Span]) -> dict[str, float | None]:
    if tone is None:
        return {}
    first = int(epoch * EPOCH_S)
    level_uv = tone.level_uv[first : first + int(EPOCH_S)][seconds_outside(unread)]
    if not len(level_uv):
        return {}
    median_uv = float(np.median(level_uv))
    if not tone.informative:
        return {"tone_uv": median_uv}
    return {
        "tone_uv": median_uv,
        "low_tone_share": float(np.mean(level_uv <= tone.low_below_uv)),
    }


# Evidence: the measures of an epoch as JSON, and read back from it.

BESIDE_MOVEMENT = "beside_movement"
"""What a movement in the epoch before or after hides; as an entry, no event."""
_SHOWS_MOVEMENT = Derivation.C4
_TONE_LEVEL = "rms_uv"
"""The value that distinguishes the level of the tone from its rises, which have the same kind."""


def evidence_of(epoch: EpochMeasures) -> list[Evidence]:
    """Return all events in order of time, then chin tone, and what is not read."""
    events = sorted(
        (event for same_kind in epoch.events.values() for event in same_kind),
        key=lambda event: (event.start_s, event.end_s, event.kind),
    )
    found = [event.as_evidence() for event in events]
    return found + _tone_evidence(epoch) + _unread_in(epoch)


def measures_from(evidence: Iterable[Evidence]) -> EpochMeasures:
    """Read the measures of an epoch from its evidence, with the stored decimals.

    Evidence that was stored under a former name of its kind is read too.
    """
    events: dict[str, list[DetectedEvent]] = {}
    tone: dict[str, float] = {}
    faulty: dict[Derivation, dict[Span, tuple[Fault, ...]]] = {}
    beside: list[Span] = []
    for entry in evidence:
        event = _event_from(entry)
        if entry["kind"] == BESIDE_MOVEMENT:
            beside.append((event.start_s, event.end_s))
        elif entry["kind"] in set(Fault):
            spans = faulty.setdefault(event.derivation, {})
            span = (event.start_s, event.end_s)
            spans[span] = (*spans.get(span, ()), Fault(entry["kind"]))
        elif event.kind == chin_tone.KIND and _TONE_LEVEL in entry["values"]:
            tone = entry["values"]
        else:
            events.setdefault(event.kind, []).append(event)
    lost = {place: spans[_WHOLE] for place, spans in faulty.items() if _WHOLE in spans}
    return EpochMeasures(
        {kind: tuple(same_kind) for kind, same_kind in events.items()},
        tone_uv=tone.get(_TONE_LEVEL),
        low_tone_share=tone.get("low_share"),
        faults=lost,
        gaps={
            place: tuple(Gap(faults, *span) for span, faults in spans.items())
            for place, spans in faulty.items()
            if place not in lost
        },
        beside=tuple(beside),
    )


_WHOLE = (0.0, EPOCH_S)


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
    measured_s = epoch.measured_s(Derivation.CHIN)
    values = {
        _TONE_LEVEL: epoch.tone_uv,
        "low_share": epoch.low_tone_share,
        "measured_s": measured_s if measured_s < EPOCH_S else None,
    }
    rounded = {n: round(value, 2) for n, value in values.items() if value is not None}
    return [_stretch(chin_tone.KIND, Derivation.CHIN, _WHOLE, rounded)]


def _unread_in(epoch: EpochMeasures) -> list[Evidence]:
    unread = [(fault, place, _WHOLE) for place, faults in epoch.faults.items() for fault in faults]
    unread += [
        (fault, place, (gap.start_s, gap.end_s))
        for place, gaps in epoch.gaps.items()
        for gap in gaps
        for fault in gap.faults
    ]
    hidden = [_stretch(BESIDE_MOVEMENT, _SHOWS_MOVEMENT, span) for span in epoch.beside]
    return [_stretch(fault.value, place, span) for fault, place, span in unread] + hidden


def _stretch(
    kind: str, derivation: Derivation, span: Span, values: dict[str, float] | None = None
) -> Evidence:
    return {
        "kind": kind,
        "derivation": derivation.value,
        "start_s": span[0],
        "end_s": span[1],
        **MEASURED_ON,
        "values": values or {},
    }


# To be raised whenever a detector changes, so that stored events are detected anew.
DETECTORS_VERSION = 10


def find_evidence(night: NightSignals) -> list[list[Evidence]]:
    """Return the evidence of every epoch: events in order of time, then chin tone and faults.

    Thresholds depend on the level of the whole night, so the night is searched as a whole.
    """
    continuous = read_continuous(night)
    measured = measure_signals(continuous, quality_of(night).faults, night.epoch_count)
    return [evidence_of(epoch) for epoch in measured]


def offered(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return the events of an epoch that are offered to scorers as candidates."""
    offered_kinds = offered_ids()
    return [event for event in evidence if event["kind"] in offered_kinds]
