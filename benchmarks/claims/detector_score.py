"""Detected events compared with simulated events: precision, recall, errors of measurement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.claims.known_nights import KnownNight
from psg.events import DetectedEvent
from psg.simulate import SimulatedEvent
from psg.simulate.night import ALSO_RIGHT, KINDS, LASTING
from psg.stages import EPOCH_S

_SLACK_S = 0.1


@dataclass
class DetectorScore:
    """Counts and errors of a kind of event over all nights."""

    detected: int = 0
    detected_right: int = 0
    events: int = 0
    events_detected: int = 0
    frequency: list[float] = field(default_factory=list)
    size: list[float] = field(default_factory=list)
    time: list[float] = field(default_factory=list)

    def as_json(self) -> dict:
        return {
            "events": self.events,
            "detected": self.detected,
            "precision": _share(self.detected_right, self.detected),
            "recall": _share(self.events_detected, self.events),
            "frequency_error_hz": _error(self.frequency),
            "size_error": _error(self.size),
            "time_error_s": _error(self.time),
        }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _error(differences: list[float]) -> float | None:
    """Root mean square error with bias, without the largest 5 %, which are wrong matches."""
    if len(differences) < 20:
        return None
    sizes = np.sort(np.abs(differences))[: int(0.95 * len(differences))]
    return round(float(np.sqrt(np.square(sizes).mean())), 3)


def score_detectors(nights: Iterable[KnownNight]) -> dict[str, DetectorScore]:
    scores = {kind: DetectorScore() for kind in KINDS}
    for night in nights:
        for kind, score in scores.items():
            _add(score, night, kind)
    return scores


def _add(score: DetectorScore, night: KnownNight, kind: str) -> None:
    truth = night.truth[kind]
    detected = [
        (epoch * EPOCH_S, event)
        for epoch, measures in enumerate(night.measured.measures)
        for event in measures.of(kind)
    ]
    spans = np.array([[at + event.start_s, at + event.end_s] for at, event in detected]).reshape(
        -1, 2
    )
    end_s = night.epoch_count * EPOCH_S
    truth = [event for event in truth if 0 <= (event.start_s + event.end_s) / 2 < end_s]
    extra = [event for other in ALSO_RIGHT.get(kind, ()) for event in night.truth[other]]
    pairs = _matches(truth, spans)
    score.events += len(truth)
    score.events_detected += len(pairs)
    score.detected += len(detected)
    score.detected_right += int(_touches(spans, _spans([*truth, *extra])).sum())
    for event, place in pairs:
        _add_errors(score, event, detected[place][1], kind)
    if kind in LASTING:
        _add_seconds(score, night, kind)


def _matches(
    truth: Sequence[SimulatedEvent], spans: np.ndarray
) -> list[tuple[SimulatedEvent, int]]:
    """Pairs of a true event and the detected event with the largest overlap."""
    pairs = []
    for event in truth:
        if not len(spans):
            break
        shared = np.minimum(spans[:, 1], event.end_s) - np.maximum(spans[:, 0], event.start_s)
        best = int(np.argmax(shared))
        if shared[best] > -_SLACK_S:
            pairs.append((event, best))
    return pairs


def _spans(events: Sequence[SimulatedEvent]) -> np.ndarray:
    return np.array([[event.start_s, event.end_s] for event in events]).reshape(-1, 2)


def _touches(spans: np.ndarray, others: np.ndarray) -> np.ndarray:
    if not len(others):
        return np.zeros(len(spans), dtype=bool)
    order = np.argsort(others[:, 0])
    starts, ends = others[order, 0], np.maximum.accumulate(others[order, 1])
    before = np.searchsorted(starts, spans[:, 1] + _SLACK_S) - 1
    return (before >= 0) & (ends[np.maximum(before, 0)] > spans[:, 0] - _SLACK_S)


def _add_errors(
    score: DetectorScore, true: SimulatedEvent, detected: DetectedEvent, kind: str
) -> None:
    frequency, size = true.parameters.get("frequency_hz"), true.parameters.get("peak_to_peak_uv")
    if frequency and detected.frequency_hz:
        score.frequency.append(detected.frequency_hz - frequency)
    if size and detected.peak_to_peak_uv:
        score.size.append(detected.peak_to_peak_uv / size - 1)
    if kind not in LASTING:
        score.time.append(detected.duration_s - (true.end_s - true.start_s))


def _add_seconds(score: DetectorScore, night: KnownNight, kind: str) -> None:
    """Add the error of the seconds filled by a rhythm, for epochs that contain it."""
    for epoch, measures in enumerate(night.measured.measures):
        true_s = sum(event.end_s - event.start_s for event in night.inside(kind, epoch))
        detected_s = measures.seconds(kind)
        if true_s or detected_s:
            score.time.append(detected_s - min(true_s, EPOCH_S))
