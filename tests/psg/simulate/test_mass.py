import csv
import json
from pathlib import Path

import numpy as np
import pytest
from edfio import read_edf

from psg.edf import EdfFile
from psg.epochs import grid_for
from psg.montage import DERIVATIONS, find_derivations
from psg.simulate import MassFiles, SimulatedNight, simulate_night, write_mass_files
from psg.stagefiles import place_on_grid, read_entries
from psg.stages import parse_stage_text


@pytest.fixture(scope="module")
def short_night() -> SimulatedNight:
    return simulate_night(hours=0.25, seed=3, subject="01-09-0042")


@pytest.fixture(scope="module")
def files(short_night: SimulatedNight, tmp_path_factory: pytest.TempPathFactory) -> MassFiles:
    return write_mass_files(short_night, tmp_path_factory.mktemp("mass") / "new folder")


def test_files_carry_the_names_of_mass(files: MassFiles):
    assert files.psg.name == "01-09-0042 PSG.edf"
    assert files.base.name == "01-09-0042 Base.edf"
    assert files.events.name == "01-09-0042 events.csv"


def test_signals_come_back_to_a_tenth_of_a_microvolt(short_night: SimulatedNight, files: MassFiles):
    edf = read_edf(files.psg)
    assert [signal.label for signal in edf.signals] == list(short_night.signals_uv)
    for signal in edf.signals:
        assert signal.physical_dimension == "uV"
        assert signal.sampling_frequency == 256
        np.testing.assert_allclose(signal.data, short_night.signals_uv[signal.label], atol=0.051)


def test_stages_start_where_scoring_starts(short_night: SimulatedNight, files: MassFiles):
    annotations = read_edf(files.base).annotations
    assert annotations[0].onset == pytest.approx(short_night.grid.epoch0_s)
    assert {annotation.duration for annotation in annotations} == {30}
    assert [parse_stage_text(annotation.text) for annotation in annotations] == short_night.stages


def test_every_event_is_in_the_table(short_night: SimulatedNight, files: MassFiles):
    with files.events.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(short_night.events)
    first = short_night.events[0]
    assert rows[0]["kind"] == first.kind
    assert float(rows[0]["start_s"]) == first.start_s
    assert json.loads(rows[0]["parameters"]) == dict(first.parameters)


def test_the_same_night_gives_the_same_bytes(
    short_night: SimulatedNight, files: MassFiles, tmp_path: Path
):
    again = write_mass_files(short_night, tmp_path)
    assert again.psg.read_bytes() == files.psg.read_bytes()
    assert again.base.read_bytes() == files.base.read_bytes()


def test_our_own_readers_find_the_six_derivations_and_every_stage(
    short_night: SimulatedNight, files: MassFiles
):
    recording = EdfFile.open(files.psg)
    match = find_derivations([channel.label for channel in recording.channels])
    entries = read_entries(files.base)
    grid = grid_for(recording.duration_s, entries)
    assert tuple(match.sources) == DERIVATIONS
    assert recording.warnings == ()
    assert grid == short_night.grid
    assert place_on_grid(entries, grid) == short_night.stages
