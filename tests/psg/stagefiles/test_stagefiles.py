"""Stage files in and out, and onto the grid."""

import json
from pathlib import Path

import pytest

from psg.doubts import OpenDoubtsError
from psg.epochs import EpochGrid, grid_for
from psg.errors import OffGridError, PsgError, StageFileError
from psg.stagefiles import (
    NightTimes,
    StageEntry,
    StageOptions,
    StageTable,
    place_on_grid,
    place_table,
    read_entries,
    write_edf_stages,
)
from psg.stages import Stage
from tests.helpers.edf_files import edf_bytes, write

W, N1, N2, N3, R = Stage


def stages_of(path: Path, options: StageOptions | None = None) -> list[Stage | None]:
    return [entry.stage for entry in read_entries(path, options)]


def notes_on(entries: list[StageEntry], grid: EpochGrid) -> list[str]:
    night = NightTimes(grid, grid.onset_s(grid.epoch_count + 1))
    return list(place_table(StageTable(tuple(entries)), night).notes)


def text_file(folder: Path, name: str, text: str) -> Path:
    return write(folder / name, text.encode())


@pytest.mark.real_data
def test_a_real_scoring_is_read_whole(real_data: Path):
    path = real_data / "psg-ipa" / "manual" / "SN1_SleepStages_manual_scorer1.edf"
    entries = read_entries(path)
    stages = place_on_grid(entries, grid_for(901 * 30, entries))
    assert len(stages) == 901
    assert stages.count(None) == 2
    assert stages.count(N2) == 475


def test_written_stages_are_read_back(tmp_path: Path):
    grid = EpochGrid(12.3, 6)
    stages = [W, N1, N2, N3, R, None]
    write_edf_stages(tmp_path / "night Base.edf", stages, grid)
    entries = read_entries(tmp_path / "night Base.edf")
    assert grid_for(12.3 + 180, entries) == grid
    assert place_on_grid(entries, grid) == stages


def test_stages_from_12_3_s_with_a_gap_land_on_the_right_epochs(tmp_path: Path):
    annotations = [(12.3 + 30 * i, 30.0, f"Sleep stage {s}") for i, s in ((0, "W"), (1, "1"))]
    annotations += [(12.3 + 30 * i, 30.0, f"Sleep stage {s}") for i, s in ((7, "2"), (8, "R"))]
    path = write(tmp_path / "s.edf", edf_bytes(["EEG C4"], seconds=10, annotations=annotations))
    entries = read_entries(path)
    grid = grid_for(330.0, entries)
    assert grid.epoch0_s == pytest.approx(12.3)
    assert place_on_grid(entries, grid) == [W, N1, None, None, None, None, None, N2, R, None]
    assert notes_on(entries, grid) == [
        "6 of 10 epochs have no stage in the file, 5 of them between scored epochs."
    ]


def test_other_annotations_beside_stages_are_passed_over(tmp_path: Path):
    annotations = [(0, 30, "Sleep stage W"), (3, 1, "Arousal"), (30, 30, "Sleep stage 2")]
    path = write(tmp_path / "s.edf", edf_bytes(["EEG C4"], annotations=annotations))
    assert stages_of(path) == [W, N2]


def test_an_unknown_sleep_stage_is_refused_with_its_place(tmp_path: Path):
    annotations = [(0, 30, "Sleep stage W"), (30, 30, "Sleep stage X")]
    path = write(tmp_path / "s.edf", edf_bytes(["EEG C4"], annotations=annotations))
    with pytest.raises(OpenDoubtsError, match=r"1 × “Sleep stage X” .*annotation at 30 s"):
        read_entries(path)


def test_one_annotation_may_span_several_epochs():
    entries = [StageEntry(0, 90, W, ""), StageEntry(90, 30, N1, "")]
    assert place_on_grid(entries, EpochGrid(0, 4)) == [W, W, W, N1]


def test_profusion_xml_reads_5_as_rem(tmp_path: Path):
    stages = "".join(f"<SleepStage>{code}</SleepStage>" for code in (0, 1, 2, 3, 4, 5, 9))
    xml = f"<CMPStudyConfig><EpochLength>30</EpochLength><SleepStages>{stages}</SleepStages>"
    path = text_file(tmp_path, "p.xml", xml + "</CMPStudyConfig>")
    assert stages_of(path) == [W, N1, N2, N3, N3, R, None]


def test_nsrr_xml_is_read_by_its_events(tmp_path: Path):
    def event(kind: str, concept: str, start: float, duration: float) -> str:
        return (
            f"<ScoredEvent><EventType>{kind}</EventType><EventConcept>{concept}</EventConcept>"
            f"<Start>{start}</Start><Duration>{duration}</Duration></ScoredEvent>"
        )

    events = (
        event("Stages|Stages", "Wake|0", 0, 60)
        + event("Arousals|Arousals", "Arousal|Arousal ()", 12, 3)
        + event("Stages|Stages", "REM sleep|5", 60, 30)
    )
    xml = (
        f"<?xml version='1.0'?><PSGAnnotation><ScoredEvents>{events}</ScoredEvents></PSGAnnotation>"
    )
    entries = read_entries(text_file(tmp_path, "n.xml", xml))
    assert place_on_grid(entries, EpochGrid(0, 3)) == [W, W, R]


def test_an_xml_bomb_is_refused_unexpanded(tmp_path: Path):
    xml = "<!DOCTYPE b [<!ENTITY a 'aaaaaaaa'><!ENTITY c '&a;&a;&a;'>]><b>&c;</b>"
    with pytest.raises(StageFileError, match="document type"):
        read_entries(text_file(tmp_path, "b.xml", xml))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_damaged_xml_is_refused(tmp_path: Path, encoding: str):
    path = write(tmp_path / "d.xml", "<CMPStudyConfig><SleepStages>".encode(encoding))
    with pytest.raises(StageFileError):
        read_entries(path)


def test_integers_need_a_declared_map(tmp_path: Path):
    path = text_file(tmp_path, "hypno.txt", "0\n1\n2\n3\n4\n-1\n-2\n")
    with pytest.raises(OpenDoubtsError, match="yasa"):
        read_entries(path)
    assert stages_of(path, StageOptions(codes="yasa")) == [W, N1, N2, N3, R, None, None]
    with pytest.raises(OpenDoubtsError, match="line 6"):
        read_entries(path, StageOptions(codes="profusion"))


def test_names_one_a_line_are_read(tmp_path: Path):
    assert stages_of(text_file(tmp_path, "h.txt", "W\nN1\nREM\nArt\n?\n")) == [W, N1, R, None, None]


def test_visbrain_lines_give_the_end_of_each_stage(tmp_path: Path):
    text = "*Duration_sec\t150\n*Datafile\tUnspecified\nWake\t60\nN1\t90\nN2\t150\n"
    entries = read_entries(text_file(tmp_path, "v.txt", text))
    assert place_on_grid(entries, EpochGrid(0, 5)) == [W, W, N1, N2, N2]
    with pytest.raises(StageFileError, match="line 2"):
        read_entries(text_file(tmp_path, "w.txt", "Wake 60\nN1 60\n"))


@pytest.mark.parametrize(
    "text",
    [
        "epoch,stage\n0,W\n2,N2\n",
        "onset_s;duration_s;stage\n0;30;W\n60;30;N2\n",
        "\ufeffOnset,Stage\n0,W\n60,N2\n",
    ],
)
def test_csv_is_read_by_epoch_or_onset(tmp_path: Path, text: str):
    entries = read_entries(text_file(tmp_path, "s.csv", text))
    assert place_on_grid(entries, EpochGrid(0, 3)) == [W, None, N2]


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "epoch,stage\nx,W\n", "epoch,stage\n0,W9\n", "epoch,stage\n0,3\n"]
)
def test_csv_that_needs_guessing_is_refused(tmp_path: Path, text: str):
    with pytest.raises(PsgError):
        read_entries(text_file(tmp_path, "s.csv", text))


def test_a_json_list_of_codes_is_read_with_a_map(tmp_path: Path):
    path = text_file(tmp_path, "s.json", json.dumps([-1, 0, 1, 2, 3, 4]))
    assert stages_of(path, StageOptions(codes="yasa")) == [None, W, N1, N2, N3, R]
    with pytest.raises(StageFileError, match="not known"):
        read_entries(text_file(tmp_path, "t.json", "{}"))


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x00\x01", b"epoch,stage\n"])
def test_files_without_stages_are_refused(tmp_path: Path, data: bytes):
    with pytest.raises(StageFileError):
        read_entries(write(tmp_path / "s.csv", data))


def test_a_recording_without_stages_is_refused_as_a_stage_file(tmp_path: Path):
    path = write(tmp_path / "s.edf", edf_bytes(["EEG C4"], seconds=5))
    with pytest.raises(StageFileError, match="no sleep stages"):
        read_entries(path)


def test_a_stage_off_the_grid_is_refused_with_both_offsets():
    with pytest.raises(OffGridError, match=r"12\.3 s.*starts at 0 s"):
        place_on_grid([StageEntry(12.3, 30, W, "")], EpochGrid(0, 10))


def test_a_shorter_file_leaves_epochs_unscored():
    entries = [StageEntry(0, 30, W, "")]
    assert place_on_grid(entries, EpochGrid(0, 3)) == [W, None, None]
    assert notes_on(entries, EpochGrid(0, 3)) == ["2 of 3 epochs have no stage in the file."]


def test_a_longer_file_is_refused():
    entries = [StageEntry(30 * i, 30, N2, "") for i in range(12)]
    with pytest.raises(StageFileError, match="longer than the recording"):
        place_on_grid(entries, EpochGrid(0, 10))


def test_a_stage_in_the_incomplete_last_epoch_is_left_out_and_said():
    entries = [StageEntry(30 * i, 30, N2, "") for i in range(11)]
    assert place_on_grid(entries, EpochGrid(0, 10)) == [N2] * 10
    assert "left out" in notes_on(entries, EpochGrid(0, 10))[0]


def test_unscored_padding_beyond_the_night_does_no_harm():
    entries = [StageEntry(30 * i, 30, N2 if i < 3 else None, "") for i in range(20)]
    assert place_on_grid(entries, EpochGrid(0, 3)) == [N2] * 3


def test_stages_before_the_grid_are_refused():
    with pytest.raises(StageFileError, match="starts before"):
        place_on_grid([StageEntry(0, 30, W, "")], EpochGrid(30, 10))


def test_two_stages_for_one_epoch_are_refused():
    with pytest.raises(StageFileError, match="epoch 0"):
        place_on_grid([StageEntry(0, 30, W, ""), StageEntry(0.2, 30, N1, "")], EpochGrid(0, 2))


def test_20_s_epochs_need_an_explicit_choice():
    stages = (W, W, N1, N2, N2, N2)
    entries = [StageEntry(20 * i, 20, stage, "") for i, stage in enumerate(stages)]
    with pytest.raises(StageFileError, match="20-s epochs"):
        place_on_grid(entries, EpochGrid(0, 4))
    placed = place_table(StageTable(tuple(entries), epoch_s=20), NightTimes(EpochGrid(0, 5), 150))
    assert placed.stages == (W, N1, N2, N2, None)
