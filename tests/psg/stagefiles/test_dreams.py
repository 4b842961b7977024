"""Hypnograms of DREAMS: a code for every 5 s, in epochs of 20 s."""

from pathlib import Path

import pytest

from psg.errors import StageFileError
from psg.stagefiles import StageOptions, read_stage_file
from tests.helpers.edf_files import write

FROM_20_S = StageOptions(epoch_s=20)


def hypnogram(folder: Path, codes: list[int]) -> Path:
    lines = ["[Hypnogram]", *map(str, codes)]
    return write(folder / "Hypnogram.txt", "\r\n".join(lines).encode())


def test_codes_become_epochs_of_20_s_and_a_person_turns_them(tmp_path: Path):
    path = hypnogram(tmp_path, [5] * 8 + [3] * 4 + [0] * 4 + [4] * 4 + [-1] * 4)
    assert [doubt.code for doubt in read_stage_file(path).doubts] == ["epoch_s"]
    [table] = read_stage_file(path, FROM_20_S).tables
    assert [str(entry.stage) for entry in table.entries] == ["W", "W", "N1", "N3", "R", "None"]
    assert {entry.duration_s for entry in table.entries} == {20}


def test_a_stage_that_changes_within_an_epoch_is_refused(tmp_path: Path):
    with pytest.raises(StageFileError, match=r"within an epoch.*line 6"):
        read_stage_file(hypnogram(tmp_path, [5, 5, 5, 5, 5, 5, 3, 3]))


@pytest.mark.real_data
def test_a_real_hypnogram_is_read(real_data: Path):
    path = real_data / "dreams-spindles" / "Hypnogram_excerpt1.txt"
    [table] = read_stage_file(path, FROM_20_S).tables
    assert (len(table.entries), table.entries[-1].end_s) == (90, 1800)
