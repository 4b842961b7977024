"""Stage files with a date, beside a recording with one: of this night, or of another?"""

from pathlib import Path

import pytest

from psg.days import day_number
from psg.doubts import OpenDoubtsError, refuse_open
from psg.edf import EdfFile
from psg.epochs import EpochGrid
from psg.stagefiles import NightTimes, StageOptions, read_stage_file
from psg.stagefiles.place import place_file
from psg.stages import Stage
from tests.helpers.edf_files import edf_bytes, write

TEN_S = 22 * 3600.0
DAY = day_number(2024, 5, 10)
NIGHT = NightTimes(EpochGrid(0, 20), 600, TEN_S, DAY)

NOXTURNAL = "Start Time,End Time,Event\n{0} {1},{0} 22:05:00,N2\n"
TABLE = "onset,duration,stage\n{0}T{1},300,N2\n"
MNE = "# MNE-Annotations\n# orig_time : {0} {1}\n# onset, duration, description\n0,300,N2\n"
DOMINO = "Signal ID: SchlafProfil\\profil\nStart Time: {0} {1}\nRate: 300 s\n\n{1},000; N2\n"
POLYMAN = "Date, Time, Recording onset, Duration, Annotation\n{0}, {1}, 0, 300, Sleep stage N2\n"
RML = (
    "<PatientStudy><Acquisition><Sessions><Session><RecordingStart>{0}T{1}</RecordingStart>"
    "<Duration>300</Duration></Session></Sessions></Acquisition><ScoringData><StagingData>"
    "<UserStaging><NeuroAdultAASMStaging><Stage Type='NonREM2' Start='0'/></NeuroAdultAASMStaging>"
    "</UserStaging></StagingData></ScoringData></PatientStudy>"
)


def placed(path: Path, text: str, night: NightTimes = NIGHT, place: str = ""):
    path.write_text(text)
    options = StageOptions(place=place)
    return place_file(read_stage_file(path, options), night, options)


FORMATS = [
    (TABLE, "2024-05-{:02}"),
    (TABLE.replace("T", " "), "{}/5/2024"),
    (NOXTURNAL, "2024-05-{:02}"),
    (MNE, "2024-05-{:02}"),
    (DOMINO, "{:02}.05.2024"),
    (POLYMAN, "2024-05-{:02}"),
    (RML, "2024-05-{:02}"),
]


@pytest.mark.parametrize(("text", "date"), FORMATS)
@pytest.mark.parametrize(("day", "words"), [(11, "1 day later"), (3, "7 days earlier")])
def test_a_file_of_another_day_is_asked_about(tmp_path, text, date, day, words):
    file = placed(tmp_path / "a.txt", text.format(date.format(day), "22:00:00"))
    [doubt] = file.doubts
    assert words in doubt.what
    assert "2024" not in str(doubt.as_json())
    with pytest.raises(OpenDoubtsError):
        refuse_open(file.doubts)
    said = placed(tmp_path / "a.txt", text.format(date.format(day), "22:00:00"), place="clock")
    assert said.doubts == ()
    assert said.placed[0].stages[0] == Stage.N2


@pytest.mark.parametrize(("text", "date"), FORMATS)
def test_a_file_of_the_same_day_is_taken(tmp_path, text, date):
    file = placed(tmp_path / "a.txt", text.format(date.format(10), "22:00:00"))
    assert file.doubts == ()
    assert file.placed[0].stages[0] == Stage.N2


@pytest.mark.parametrize(
    "date",
    ["10/05/2024", "05/10/2024", "10-May-2024", "10.5.24", "2024-01-01", "01.01.85"],
)
def test_a_date_that_may_be_the_day_or_was_removed_is_no_other_one(tmp_path, date):
    text = TABLE.replace("T", " ").format(date, "22:00:00")
    assert placed(tmp_path / "a.csv", text).doubts == ()


@pytest.mark.parametrize(("day", "is_asked"), [(10, True), (11, False), (12, True)])
def test_stages_that_begin_after_midnight_are_of_the_next_day(tmp_path, day, is_asked):
    night = NightTimes(EpochGrid(0, 600), 18_000, TEN_S, DAY)
    file = placed(tmp_path / "a.csv", TABLE.format(f"2024-05-{day}", "00:30:00"), night)
    assert bool(file.doubts) == is_asked


@pytest.mark.parametrize(("day", "first"), [(10, 0), (11, 2880)])
def test_the_date_tells_the_day_of_a_recording_of_several_days(tmp_path, day, first):
    night = NightTimes(EpochGrid(0, 5000), 150_000, TEN_S, DAY)
    file = placed(tmp_path / "a.csv", TABLE.format(f"2024-05-{day}", "22:00:00"), night)
    assert file.doubts == ()
    assert file.placed[0].stages.index(Stage.N2) == first
    undated = placed(tmp_path / "b.csv", "onset,duration,stage\n22:00:00,300,N2\n", night)
    assert [doubt.code for doubt in undated.doubts] == ["place"]


@pytest.mark.parametrize(
    ("header", "day"),
    [(b"10.05.24", DAY), (b"10-05-24", DAY), (b"01.01.24", None), (b"00.00.00", None)],
)
def test_the_day_of_an_edf_file_is_that_of_its_header(tmp_path, header, day):
    data = edf_bytes(seconds=60, sfreq_hz=100)
    data[168:176] = header
    assert EdfFile.open(write(tmp_path / "a.edf", data)).start_day == day
