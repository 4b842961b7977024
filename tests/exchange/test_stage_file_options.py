"""The command import_scoring asks about doubts, takes the answers, and says what it assumed."""

import json
from datetime import time
from io import StringIO
from pathlib import Path

import edfio
import pytest
from django.core.management import CommandError, call_command

from annotations.exchange.forms import StageOptionsForm
from annotations.exchange.scoring_files import labels_only_recording, night_times
from annotations.scoring.models import Scoring
from psg.epochs import EpochGrid
from recordings.models import Recording
from tests.helpers.edf_files import edf_bytes, write

pytestmark = pytest.mark.django_db
TEN = 22 * 3600.0


@pytest.fixture
def night(study) -> Recording:
    return labels_only_recording(study=study, name="A", grid=EpochGrid(0, 10), start_clock_s=TEN)


def imported(path: Path, night: Recording, **options: object) -> dict:
    out = StringIO()
    said = {"scorer": "Anna", **options}
    call_command(
        "import_scoring",
        path,
        study=night.study.slug,
        recording=night.name,
        json=True,
        stdout=out,
        **said,
    )
    return json.loads(out.getvalue())


def stages(night: Recording) -> str:
    scoring = Scoring.objects.get(recording=night)
    by_epoch = dict(scoring.scores.filter(stage__isnull=False).values_list("epoch", "stage"))
    return " ".join(by_epoch.get(epoch, "?") for epoch in range(night.epoch_count))


def text(folder: Path, name: str, *lines: str) -> Path:
    return write(folder / name, "\n".join(lines).encode())


def test_a_counting_base_is_asked_for_and_taken(night, tmp_path):
    path = text(tmp_path, "s.csv", "epoch,stage", "1,W", "2,N1", "3,N2")
    with pytest.raises(CommandError, match=r"epochs 1 to 3, the recording has 10.*--first-epoch"):
        imported(path, night)
    assert not Scoring.objects.exists()
    imported(path, night, first_epoch=1)
    assert stages(night) == "W N1 N2 ? ? ? ? ? ? ?"
    assert Scoring.objects.get().import_record["options"] == {"first_epoch": 1}


def test_unknown_texts_are_named_with_counts_and_may_be_declared(night, tmp_path):
    path = text(tmp_path, "s.txt", "W", "Artefakt", "N1", "Artefakt", "Zzz", "N2")
    with pytest.raises(CommandError, match=r"2 × “Artefakt” .*1 × “Zzz”.*--unscored"):
        imported(path, night)
    report = imported(path, night, unscored=["Artefakt", "zzz"])
    assert stages(night) == "W ? N1 ? ? N2 ? ? ? ?"
    assert any("count as no stage, as declared: 3" in note for note in report["notes"])
    assert set(Scoring.objects.get().scores.values_list("source_text", flat=True)) == {
        "W",
        "N1",
        "N2",
    }


def test_a_shift_by_clock_is_told_and_kept(night, tmp_path):
    rows = ["time,stage", "22:02:00,W", "22:02:30,W", "22:03:00,N1"]
    report = imported(text(tmp_path, "s.csv", *rows), night)
    assert stages(night) == "? ? ? ? W W N1 ? ? ?"
    assert "2 min after the start of the recording at 22:00:00" in report["notes"][0]
    record = Scoring.objects.get().import_record
    assert (record["shift_s"], record["format"]) == (120, "table")
    assert len(record["sha256"]) == 64


def test_a_person_may_say_that_a_clock_is_wrong(night, tmp_path):
    rows = ["time,stage", "12:00:00,W", "12:00:30,N1"]
    path = text(tmp_path, "s.csv", *rows)
    with pytest.raises(CommandError, match=r"another night.*12:00:00.*22:00:00.*--place index"):
        imported(path, night)
    imported(path, night, place="index")
    assert stages(night) == "W N1 ? ? ? ? ? ? ? ?"


def test_several_scorers_of_a_file_become_scorings(night, tmp_path):
    path = text(tmp_path, "s.csv", "epoch,Anna,Ben", "0,W,W", "1,N1,W", "2,N2,N1")
    report = imported(path, night, scorer="")
    assert [its["scorer"] for its in report["scorings"]] == ["Anna", "Ben"]
    with pytest.raises(CommandError, match="already"):
        imported(path, night, scorer="Ben")


def test_one_of_several_scorers_may_be_chosen(night, tmp_path):
    path = text(tmp_path, "s.csv", "epoch,Anna,Ben", "0,W,W", "1,N1,W", "2,N2,N1")
    assert imported(path, night, scorer="Ben")["scorer"] == "Ben"
    assert stages(night) == "W W N1 ? ? ? ? ? ? ?"


def test_a_file_without_a_scorer_needs_a_name(night, tmp_path):
    with pytest.raises(CommandError, match="--scorer"):
        imported(text(tmp_path, "s.txt", "W", "N1"), night, scorer="")


def test_stages_that_come_along_with_a_recording_are_placed_by_clock(study, tmp_path):
    data = bytearray(edf_bytes(seconds=300, sfreq_hz=100))
    data[176:184] = b"23.59.00"
    recording = write(tmp_path / "night.edf", data)
    marks = [(0, 30, "Wach"), (30, 30, "Stadium 2"), (60, 0, "Lights on"), (35, 3, "Arousal")]
    annotations = [edfio.EdfAnnotation(*mark) for mark in marks]
    along = tmp_path / "along.edf"
    edfio.Edf([], starttime=time(0, 0, 30), annotations=annotations).write(along)
    call_command("import_recording", recording, study=study.slug, stages=along, stdout=StringIO())
    night = Recording.objects.get()
    assert stages(night) == "? ? ? W N2 ? ? ? ? ?"
    assert night.lights_on_s == 150
    assert any("90 s after the start of the recording at 23:59:00" in note for note in night.notes)
    [event] = Scoring.objects.get().scored_events.all()
    assert (event.onset_s, event.kind, event.name) == (125, "arousal", "arousal")


def test_the_page_offers_ways_to_place_stages_and_takes_any_day(study):
    form = StageOptionsForm({"place": "day 12"}, study=study)
    assert form.is_valid()
    assert form.options().stages.place == "day 12"
    assert ("day 12", "by clock, on day 12") in form.fields["place"].choices
    for place, is_known in (("", True), ("index", True), ("day 2", True), ("by hand", False)):
        assert StageOptionsForm({"place": place}, study=study).is_valid() is is_known


@pytest.mark.parametrize(
    ("said", "clock_s", "kind", "by_file_s"),
    [
        ({}, TEN, "", None),
        ({"start_clock_s": TEN, "clock_kind": ""}, TEN, "", None),
        ({"start_clock_s": TEN, "clock_kind": "utc"}, TEN, "utc", None),
        ({"start_clock_s": TEN, "clock_kind": "utc"}, TEN + 3600, "", TEN),
        ({"start_clock_s": None, "clock_kind": "joined"}, TEN, "joined", None),
    ],
)
def test_what_the_file_says_of_its_clock_is_remembered(said, clock_s, kind, by_file_s):
    recording = Recording(start_clock_s=clock_s, intake={"said": said}, sha256="a" * 64)
    times = night_times(recording)
    assert (times.clock_s, times.clock_kind, times.said_by_file_s) == (clock_s, kind, by_file_s)
    assert times.for_file("a" * 64).clock_s == (by_file_s or clock_s)


JOINED = "Pieces of the recording were joined at 600 s; the file does not say how long"
FIF_CLOCK = "The clock of a FIF file is in UTC; it was not converted to local time."


@pytest.mark.parametrize(
    ("of_file_s", "clock_s", "format_", "warnings", "kind"),
    [
        (TEN, TEN, "FIF (MNE", [], "utc"),
        (TEN, TEN, "", [FIF_CLOCK], "utc"),
        (TEN, TEN + 3600, "FIF (MNE", [FIF_CLOCK], ""),  # corrected since
        (None, TEN, "FIF (MNE", [JOINED], "joined"),
        (None, TEN, "BrainVision", [JOINED], "joined"),
        (TEN, TEN, "EDF", ["A channel is flat."], ""),
    ],
)
def test_the_clock_of_an_import_of_an_earlier_version_is_told_by_its_format_and_words(
    of_file_s, clock_s, format_, warnings, kind
):
    intake = {"format": format_, "said": {"start_clock_s": of_file_s}}
    recording = Recording(start_clock_s=clock_s, intake=intake, warnings=warnings)
    assert night_times(recording).clock_kind == kind
