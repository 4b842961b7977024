"""Stage files that come along with a recording decide where its epochs lie."""

from dataclasses import replace
from pathlib import Path

import pytest

from psg.clockkind import ClockKind
from psg.edf import EdfFile
from psg.ingest import NightDecisions, StageInput, inspect_with_stages
from psg.stagefiles import StageEntry, StageFile, StageOptions, StageTable
from psg.stagefiles.align import OtherNightError
from psg.stages import Stage
from tests.helpers.edf_files import edf_bytes, write

TEN = 22 * 3600.0


@pytest.fixture
def recording(tmp_path: Path) -> EdfFile:
    data = edf_bytes(seconds=120, sfreq_hz=100)
    data[176:184] = b"22.00.00"
    return EdfFile.open(write(tmp_path / "night.edf", data))


def stages(clock_s: float | None, epoch_s: float = 30) -> StageInput:
    listed = [Stage.W, Stage.N1, Stage.N2]
    entries = [StageEntry(epoch_s * n, epoch_s, stage, "") for n, stage in enumerate(listed)]
    table = StageTable(tuple(entries), clock_s=clock_s, epoch_s=epoch_s)
    return StageInput(StageFile("edf", (table,)), StageOptions())


@pytest.mark.parametrize(
    ("clock_s", "epoch0_s", "expected"),
    [
        (TEN + 12, 12, "W N1 N2"),
        (TEN - 10, 20, "N1 N2 None"),
        (TEN + 30, 0, "None W N1 N2"),
        (None, 0, "W N1 N2 None"),
    ],
)
def test_the_epochs_follow_the_clock_of_the_first_stage(recording, clock_s, epoch0_s, expected):
    facts, [along] = inspect_with_stages(recording, NightDecisions(), [stages(clock_s)])
    assert facts.grid.epoch0_s == epoch0_s
    assert " ".join(map(str, along.or_refused().placed[0].stages)) == expected


def test_epochs_of_20_s_keep_the_start_of_the_recording(recording):
    facts, _ = inspect_with_stages(recording, NightDecisions(), [stages(TEN + 20, 20)])
    assert facts.grid.epoch0_s == 0


def test_the_clock_that_a_person_says_counts(recording):
    decisions = NightDecisions(start_clock_s=TEN + 30)
    _, [along] = inspect_with_stages(recording, decisions, [stages(TEN + 30)])
    [placed] = along.or_refused().placed
    assert placed.shift_s == 0
    assert placed.stages[0] == Stage.W


def test_a_stage_file_that_does_not_fit_stops_no_other(recording):
    files = [stages(TEN + 3600), stages(TEN)]
    _, [other, fitting] = inspect_with_stages(recording, NightDecisions(), files)
    assert fitting.or_refused().placed[0].stages[0] == Stage.W
    assert other.placed is None
    with pytest.raises(OtherNightError):
        other.or_refused()


OWN = "a" * 64


@pytest.mark.parametrize("said_s", [TEN + 30, TEN + 3600, 8 * 3600.0])
def test_annotations_of_the_recording_itself_move_with_its_clock(recording, said_s):
    own = stages(TEN)
    own = replace(own, file=replace(own.file, sha256=OWN))
    _, [along] = inspect_with_stages(
        recording, NightDecisions(start_clock_s=said_s), [own], sha256=OWN
    )
    [placed] = along.or_refused().placed
    assert placed.stages[:3] == (Stage.W, Stage.N1, Stage.N2)
    assert not along.doubts


def test_a_file_that_follows_the_clock_before_is_asked_about(recording):
    decisions = NightDecisions(start_clock_s=TEN + 30)
    _, [along] = inspect_with_stages(recording, decisions, [stages(TEN)])
    assert [doubt.code for doubt in along.doubts] == ["place"]
    asked = [
        (place, inspect_with_stages(recording, decisions, [placed_by(place)])[1][0])
        for place in ("index", "clock")
    ]
    first = {place: its.or_refused().placed[0].stages[0] for place, its in asked}
    assert first == {"index": Stage.W, "clock": Stage.N1}


def placed_by(place: str) -> StageInput:
    return replace(stages(TEN), options=StageOptions(place=place))


@pytest.mark.parametrize(
    ("kind", "clock_s", "said_s", "is_asked"),
    [
        (ClockKind.UTC, TEN, None, False),
        (ClockKind.UTC, TEN + 3600, None, True),
        (ClockKind.UTC, TEN + 60, None, True),
        (ClockKind.UTC, None, None, False),
        (ClockKind.UTC, TEN + 3600, TEN + 3600, False),
        (ClockKind.JOINED, TEN, None, True),
        (ClockKind.JOINED, TEN, TEN, True),
        (ClockKind.JOINED, None, TEN, False),
    ],
)
def test_a_clock_in_utc_or_over_joins_is_asked_about(recording, kind, clock_s, said_s, is_asked):
    recording.clock_kind = kind
    if kind is ClockKind.JOINED:
        recording.start_clock_s = None
    decisions = NightDecisions(start_clock_s=said_s)
    _, [along] = inspect_with_stages(recording, decisions, [stages(clock_s)])
    assert any(doubt.code == "place" and doubt.is_open for doubt in along.doubts) == is_asked
