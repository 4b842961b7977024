"""Stages that a recording of any format holds itself."""

from pathlib import Path

import pytest

from psg.stagefiles import read_single
from psg.stages import Stage
from tests.helpers.recording_files import CLOCK_S, WRITERS, zipped


@pytest.mark.parametrize("format", ["edf", "bdf", "brainvision", "eeglab", "fif"])
def test_stages_among_the_annotations_of_a_recording_are_read(format: str, tmp_path: Path):
    path = WRITERS[format](tmp_path)
    if format == "brainvision":
        path = zipped(tmp_path, list(tmp_path.iterdir()))
    table = read_single(path)
    assert [(round(e.onset_s), e.stage) for e in table.entries] == [(0, Stage.W), (30, Stage.N2)]
    assert table.clock_s == (None if format == "eeglab" else CLOCK_S)
    assert table.lights.on_s == pytest.approx(61, abs=0.01)
