"""Which texts of a list are stages, which are other events, and which are not understood."""

import pytest

from psg.stagefiles import EventKind, StageOptions
from psg.stagefiles.rows import Reading, Row, read_rows

EPOCHS = [(0, "W"), (30, "W"), (60, "N1"), (90, "N2"), (120, "N2"), (150, "N2"), (180, "R")]


def stages(*besides: tuple[float, float | None, str], without: float = -1) -> list[Row]:
    listed = [Row(at_s, 30, text) for at_s, text in EPOCHS if at_s != without]
    return listed + [Row(*each) for each in besides]


def read(rows: list[Row], **options) -> Reading:
    return read_rows(rows, StageOptions(**options))


def spans(reading: Reading) -> list[tuple[float, float, str]]:
    return [(e.onset_s, e.duration_s, str(e.stage or "?")) for e in reading.table.entries]


def test_what_lies_over_stages_is_another_event_whatever_it_says():
    reading = read(
        stages((33, 3, "Arousal"), (60, 90, "Rückenlage"), (95, 0, "Frau Lovelace hustet"))
    )
    assert not reading.unknown
    kept = [(event.kind, event.name) for event in reading.table.events]
    assert kept == [
        (EventKind.AROUSAL, "arousal"),
        (EventKind.OTHER, "body position"),
        (EventKind.OTHER, ""),
    ]


@pytest.mark.parametrize("text", ["Artefakt", "Tiefschlafphase", "S5", "N2 (artefact)"])
def test_a_text_that_fills_a_hole_between_stages_may_be_a_stage(text: str):
    assert read(stages((90, 30, text), without=90)).unknown == {text: 1}


@pytest.mark.parametrize("text", ["Obstructive apnea", "Bad electrode", "Position: left"])
def test_an_event_of_its_own_length_in_a_hole_is_an_event(text: str):
    reading = read(stages((92, 17, text), without=90))
    assert not reading.unknown
    assert len(reading.table.events) == 1


def test_a_declared_text_leaves_its_epochs_unscored_and_is_not_kept():
    reading = read(stages((90, 30, "Artefakt"), without=90), unscored=("artefakt ",))
    assert not reading.unknown
    assert (90, 30, "?") in spans(reading)
    assert {entry.text for entry in reading.table.entries if entry.stage is None} == {""}
    assert any("count as no stage, as declared: 1" in note for note in reading.notes)


def test_movement_is_no_stage_where_stages_lie_and_no_epoch_is_doubled():
    reading = read(stages((100, 4, "Movement"), (150, 30, "MT")))
    assert spans(reading) == [(at_s, 30, text) for at_s, text in EPOCHS]
    assert len(reading.table.events) == 2


def test_a_bare_letter_beside_named_stages_is_another_event():
    rows = [Row(at_s, 30, f"Sleep stage {text}") for at_s, text in EPOCHS]
    reading = read([*rows, Row(35, 5, "R"), Row(65, 0, "1")])
    assert [text for *_, text in spans(reading)] == [text for _, text in EPOCHS]


def test_a_text_that_calls_itself_a_stage_is_never_an_event():
    assert read(stages((30, 30, "Sleep stage X"))).unknown == {"Sleep stage X": 1}


def test_change_points_last_until_the_next():
    points = [(0, "W"), (60, "N1"), (90, "N2"), (180, "R"), (270, "W"), (300, "N2")]
    reading = read([Row(at_s, None, text) for at_s, text in points])
    assert spans(reading) == [
        (0, 60, "W"),
        (60, 30, "N1"),
        (90, 90, "N2"),
        (180, 90, "R"),
        (270, 30, "W"),
        (300, 30, "N2"),
    ]
    assert "each lasts until the next" in reading.notes[0]


@pytest.mark.parametrize("text", ["Foo", "Artefakt"])
def test_an_unknown_text_among_change_points_may_end_a_stage(text: str):
    points = [(0, "W"), (60, "N1"), (90, "N2"), (180, text), (270, "W"), (300, "N2"), (330, "R")]
    assert read([Row(at_s, None, each) for at_s, each in points]).unknown == {text: 1}


def test_epochs_without_durations_keep_their_holes():
    rows = [Row(at_s, None, text) for at_s, text in EPOCHS if at_s != 120]
    assert [onset_s for onset_s, *_ in spans(read(rows))] == [0, 30, 60, 90, 150, 180]
    assert read([*rows, Row(120, None, "Foo")]).unknown == {"Foo": 1}


def test_integers_beside_wake_and_rem_are_stages_of_r_and_k():
    listed = [(0, "W"), (30, "1"), (60, "2"), (90, "3"), (120, "4"), (150, "R")]
    reading = read([Row(at_s, 30, text) for at_s, text in listed])
    assert [text for *_, text in spans(reading)] == ["W", "N1", "N2", "N3", "N3", "R"]


@pytest.mark.parametrize("texts", [["0", "1", "2"], ["W", "0", "R"], ["1.0", "2.0", "5.0"]])
def test_other_integers_need_a_declared_map(texts: list[str]):
    rows = [Row(30 * index, 30, text, is_stage=True) for index, text in enumerate(texts)]
    assert read(rows).codes
    assert not read(rows, codes="profusion").codes


def test_lights_are_marks_and_no_holes():
    reading = read(stages((0, 0, "Lights off"), (210, None, "Lights on")))
    assert (reading.table.lights.off_s, reading.table.lights.on_s) == (0, 210)
