"""Write a simulated night the way MASS lays its files out.

The layout is that of the Montreal Archive of Sleep Studies (O'Reilly et al. 2014, J Sleep Res
23:628).

``<subject> PSG.edf`` holds the signals and the lights marks, ``<subject> Base.edf`` the stages as
EDF+ annotations that begin where scoring begins, ``<subject> events.csv`` every event that was put
into the signals.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from psg.simulate.night import SimulatedNight
from psg.stages import EPOCH_S, Stage

# Imported where files are written: a machine that only trains on nights has no edfio.
if TYPE_CHECKING:
    from edfio import EdfAnnotation, EdfSignal

START = time(22, 41, 17)
RANGE_UV = 3276.8
STAGE_TEXTS = {
    Stage.W: "Sleep stage W",
    Stage.N1: "Sleep stage 1",
    Stage.N2: "Sleep stage 2",
    Stage.N3: "Sleep stage 3",
    Stage.R: "Sleep stage R",
    None: "Sleep stage ?",
}


@dataclass(frozen=True)
class MassFiles:
    """Paths of the three files of a night."""

    psg: Path
    base: Path
    events: Path


def write_mass_files(night: SimulatedNight, out_dir: Path) -> MassFiles:
    """Write the three files of a night into a folder, which is made when it is missing."""
    out_dir.mkdir(parents=True, exist_ok=True)
    files = MassFiles(
        psg=out_dir / f"{night.subject} PSG.edf",
        base=out_dir / f"{night.subject} Base.edf",
        events=out_dir / f"{night.subject} events.csv",
    )
    _write_signals(night, files.psg)
    _write_stages(night, files.base)
    _write_events(night, files.events)
    return files


def _write_signals(night: SimulatedNight, path: Path) -> None:
    from edfio import Edf, Patient, Recording

    signals = [
        _edf_signal(label, signal, night.sfreq_hz) for label, signal in night.signals_uv.items()
    ]
    Edf(
        signals,
        patient=Patient(code=night.subject),
        recording=Recording(equipment_code="simulator"),
        starttime=START,
        data_record_duration=1.0,
        annotations=_lights(night),
    ).write(path)


def _lights(night: SimulatedNight) -> list[EdfAnnotation]:
    """Lights go off half way through the waking before sleep, and on after the last sleep."""
    from edfio import EdfAnnotation

    asleep = [epoch for epoch, stage in enumerate(night.stages) if stage not in (None, Stage.W)]
    first, end = (asleep[0], asleep[-1] + 1) if asleep else (0, len(night.stages))
    off, on = first // 2, end + (len(night.stages) - end) // 2
    return [
        EdfAnnotation(night.grid.onset_s(epoch), None, text)
        for epoch, text in ((off, "Lights off"), (on, "Lights on"))
    ]


def _edf_signal(label: str, signal_uv: NDArray[np.float32], sfreq_hz: float) -> EdfSignal:
    from edfio import EdfSignal

    counts = np.clip(np.rint(signal_uv * np.float32(10)), -32768, 32767).astype(np.int16)
    return EdfSignal.from_digital(
        counts,
        sfreq_hz,
        label=label,
        physical_dimension="uV",
        physical_range=(-RANGE_UV, RANGE_UV - 0.1),
        digital_range=(-32768, 32767),
        prefiltering="simulated",
    )


def _write_stages(night: SimulatedNight, path: Path) -> None:
    from edfio import Edf, EdfAnnotation, Patient, Recording

    annotations = [
        EdfAnnotation(night.grid.onset_s(epoch), EPOCH_S, STAGE_TEXTS[stage])
        for epoch, stage in enumerate(night.stages)
    ]
    Edf(
        [],
        patient=Patient(code=night.subject),
        recording=Recording(equipment_code="simulator"),
        starttime=START,
        annotations=annotations,
    ).write(path)


def _write_events(night: SimulatedNight, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", "channel", "start_s", "end_s", "parameters"])
        for event in night.events:
            parameters = json.dumps(dict(event.parameters), sort_keys=True)
            writer.writerow([event.kind, event.channel, event.start_s, event.end_s, parameters])
