"""yasa's detectors on the same recordings, as a point of comparison."""

from __future__ import annotations

import logging

import numpy as np
import yasa

from benchmarks.evidence.marks import Spans, spans_of
from benchmarks.evidence.recordings import C4, E1, E2, RealRecording

logging.getLogger("yasa").setLevel(logging.ERROR)


def spindles(real: RealRecording) -> Spans:
    return _spans(yasa.spindles_detect(np.asarray(real.signals_uv[C4]), real.sfreq_hz))


def eye_movements(real: RealRecording) -> Spans:
    left, right = real.signals_uv[E1], real.signals_uv[E2]
    return _spans(yasa.rem_detect(np.asarray(left), np.asarray(right), real.sfreq_hz))


def _spans(found: yasa.SpindlesResults | yasa.REMResults | None) -> Spans:
    if found is None:
        return spans_of([])
    return np.asarray(found.summary()[["Start", "End"]], dtype=np.float64)


PEERS = {"spindle": spindles, "rem": eye_movements}
