"""Stages that a recording of any format holds itself."""

from pathlib import Path

import numpy as np
import pytest

from psg.stagefiles import read_single
from psg.stages import Stage
from tests.helpers.recording_files import CLOCK_S, WRITERS, write_gdf, zipped


@pytest.mark.parametrize("format", ["edf", "bdf", "brainvision", "eeglab", "fif"])
def test_stages_among_the_annotations_of_a_recording_are_read(format: str, tmp_path: Path):
    path = WRITERS[format](tmp_path)
    if format == "brainvision":
        path = zipped(tmp_path, list(tmp_path.iterdir()))
    table = read_single(path)
    assert [(round(e.onset_s), e.stage) for e in table.entries] == [(0, Stage.W), (30, Stage.N2)]
    assert table.clock_s == (None if format == "eeglab" else CLOCK_S)
    assert table.lights.on_s == pytest.approx(61, abs=0.01)


@pytest.mark.parametrize("version", ["1.25", "2.20"])
def test_the_codes_of_gdf_for_stages_are_read(tmp_path: Path, version: str):
    path = write_gdf(tmp_path, version=version)
    codes, others = (
        np.array(pair, dtype="<u2").tobytes() for pair in ([0x0300, 0x0301], [0x0414, 0x0415])
    )
    path.write_bytes(path.read_bytes().replace(codes, others))
    table = read_single(path)
    assert [(e.onset_s, e.stage) for e in table.entries] == [(0, Stage.N3), (30, Stage.R)]
    assert table.clock_s == CLOCK_S
