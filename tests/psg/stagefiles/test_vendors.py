"""Formats of vendors and other tools: what is special about each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from psg.errors import StageFileError
from psg.stagefiles.facts import EventKind, FileEvent, StageFile, StageOptions
from psg.stagefiles.read import read_stage_file

SAMPLES = Path(__file__).parent / "samples"
Write = Callable[..., StageFile]


@pytest.fixture
def read(tmp_path: Path) -> Write:
    def read_text(
        text: str, name: str = "stages.txt", encoding: str = "utf-8", **options: object
    ) -> StageFile:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return read_stage_file(path, StageOptions(**options))  # type: ignore[arg-type]

    return read_text


def _stages(file: StageFile, table: int = 0) -> list[tuple[float, float, str]]:
    return [
        (entry.onset_s, entry.duration_s, str(entry.stage or "?"))
        for entry in file.tables[table].entries
    ]


def _open(file: StageFile) -> dict[str, str]:
    return {doubt.code: doubt.where for doubt in file.doubts if doubt.is_open}


def _sample(name: str) -> StageFile:
    return read_stage_file(SAMPLES / name)


# Events.


@pytest.mark.parametrize(
    ("name", "events"),
    [
        (
            "nsrr/nsrr.xml",
            [
                FileEvent(92.4, 21.3, EventKind.RESPIRATORY, "hypopnea", "ABDO EFFORT"),
                FileEvent(161.0, 4.5, EventKind.AROUSAL, "arousal", "EEG"),
            ],
        ),
        (
            "profusion/shhs.xml",
            [
                FileEvent(92.4, 21.3, EventKind.RESPIRATORY, "obstructive apnea", ""),
                FileEvent(161.0, 4.5, EventKind.AROUSAL, "arousal", "EEG"),
            ],
        ),
        (
            "remlogic/french_latin1.txt",
            [
                FileEvent(161.0, 4.0, EventKind.AROUSAL, "arousal", ""),
                FileEvent(273.0, 16.5, EventKind.RESPIRATORY, "obstructive apnea", ""),
            ],
        ),
        (
            "respironics_rml/somnolyzer.rml",
            [
                FileEvent(92.5, 21.0, EventKind.RESPIRATORY, "obstructive apnea", ""),
                FileEvent(161.0, 4.0, EventKind.AROUSAL, "arousal", ""),
            ],
        ),
        ("stages_csv/with_dates.csv", [FileEvent(13.0, 0.0, EventKind.OTHER, "", "")]),
        (
            "noxturnal/english.csv",
            [FileEvent(161.0, 4.0, EventKind.AROUSAL, "arousal", "")],
        ),
        (
            "luna_annot/clock.annot",
            [FileEvent(161.0, 4.5, EventKind.AROUSAL, "arousal", "C4-M1")],
        ),
    ],
)
def test_other_events_are_kept_by_known_names(name: str, events: list[FileEvent]) -> None:
    assert list(_sample(name).tables[0].events) == events


def test_lights_are_read_from_events() -> None:
    assert _sample("embla_xml/events.xml").tables[0].lights.off_s == 30.0
    assert _sample("polyman_text/hmc.txt").tables[0].lights.off_s == 12.5


# Clocks.


def test_a_night_of_domino_crosses_midnight(read: Write) -> None:
    file = read(
        "Signal ID: SchlafProfil\\profil\nStart Time: 31.12.2019 23:59:30\nRate: 30 s\n\n"
        "23:59:30,000; Wach\n00:00:00,000; N1\n00:00:30,000; A\n"
    )

    assert _stages(file) == [(0, 30, "W"), (30, 30, "N1"), (60, 30, "?")]
    assert file.tables[0].clock_s == 86_370


def test_a_hole_in_the_times_of_domino_stays_a_hole(read: Write) -> None:
    file = read(
        "Signal ID: SchlafProfil\\profil\nRate: 30 s\n\n22:00:00,000; Wach\n22:02:00,000; N1\n"
    )

    assert _stages(file) == [(0, 30, "W"), (120, 30, "N1")]


def test_domino_says_the_length_of_its_epochs(read: Write) -> None:
    file = read(
        "Signal ID: SchlafProfil\\profil\nRate: 20 s\n\n"
        + "".join(f"22:00:{20 * i:02d},000; N2\n" for i in range(3))
    )

    assert _open(file).keys() == {"epoch_s"}


def test_another_export_of_domino_is_named(read: Write) -> None:
    with pytest.raises(StageFileError, match="no sleep profile"):
        read("Signal ID: FlowD\\flow\nUnit: s\n\n00:41:31,513-00:41:42,736; 11;Hypopnea\n")


def test_a_line_of_domino_that_is_no_stage_is_not_passed_over(read: Write) -> None:
    with pytest.raises(StageFileError, match="line 5"):
        read(
            "Signal ID: SchlafProfil\\profil\nRate: 30 s\n\n22:00:00,000; Wach\n"
            "22:00:30,000 N1\n22:01:00,000; N1\n"
        )


def test_alice_crosses_midnight_and_noon(read: Write) -> None:
    file = read("Epoch\tTime\tStage\n1\t11:59:30 pm\tWK\n2\t12:00:00 am\tN1\n3\t12:00:30 am\tREM\n")

    assert file.format == "alice_text"
    assert _stages(file) == [(0, 30, "W"), (30, 30, "N1"), (60, 30, "R")]
    assert file.tables[0].clock_s == 86_370


def test_times_and_dates_of_noxturnal_agree_over_a_turn_of_the_month(read: Write) -> None:
    file = read(
        "Heure de début,Heure de fin,Évènement,Durée\n[],[],[],[s]\n"
        "01/02/2020 00:00:00,01/02/2020 00:00:30,Rapide,30\n"
        "31/01/2020 23:59:30,01/02/2020 00:00:00,Éveil,30\n",
        name="events.csv",
        encoding="utf-16",
    )

    assert _stages(file) == [(0, 30, "W"), (30, 30, "R")]


def test_an_onset_and_a_clock_that_disagree_are_refused(read: Write) -> None:
    with pytest.raises(StageFileError, match=r"disagree.*line 3"):
        read(
            "Date, Time, Recording onset, Duration, Annotation, Linked channel\n"
            "01.01.01, 23.59.30, 0, 30, Sleep stage W, \n"
            "01.01.01, 00.05.00, 30, 30, Sleep stage W, "
        )


@pytest.mark.parametrize(
    ("clock", "clock_s"), [("01.01.85 22.05.00", 79_500), ("00.00.00 00.00.00", None)]
)
def test_the_clock_of_nsrr_is_that_of_its_start(
    tmp_path: Path, clock: str, clock_s: float | None
) -> None:
    path = tmp_path / "night.xml"
    text = (SAMPLES / "nsrr/nsrr.xml").read_text()
    path.write_text(text.replace("01.01.85 22.00.00", clock))

    assert read_stage_file(path).tables[0].clock_s == clock_s


@pytest.mark.parametrize("lost", ["22:00:30", "later"])
def test_a_list_of_times_has_a_time_on_each_line(read: Write, lost: str) -> None:
    lines = f"Report of a night\n22:00:00 W\n{lost}\n22:01:00 N2\n"

    with pytest.raises(StageFileError):
        read(lines)
    notes = read(lines.replace(lost, "")).notes
    assert notes[0] == "Lines without a time of day at the top of the file: 1."


# Change points and several scorers.

_RML = (
    '<PatientStudy xmlns="http://www.respironics.com/PatientStudy.xsd"><Acquisition><Sessions>'
    "{sessions}</Sessions></Acquisition><ScoringData><StagingData>{staging}</StagingData>"
    "</ScoringData></PatientStudy>"
)
_SESSION = (
    "<Session><RecordingStart>2020-01-01T23:59:00</RecordingStart><Duration>150</Duration>"
    "</Session>"
)


def _staging(scorer: str, *points: tuple[str, int]) -> str:
    stages = "".join(f'<Stage Type="{name}" Start="{onset_s}"/>' for name, onset_s in points)
    return (
        f"<{scorer}><NeuroAdultAASMStaging>{stages}</NeuroAdultAASMStaging>"
        f"<NeonatalStaging/></{scorer}>"
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("RERA", EventKind.RESPIRATORY),
        ("ObstructiveApnea", EventKind.RESPIRATORY),
        ("RelativeDesaturation", EventKind.DESATURATION),
        ("LegMovement", EventKind.LIMB),
        ("Arousal", EventKind.AROUSAL),
    ],
)
def test_types_of_events_are_written_together(read: Write, name: str, kind: EventKind) -> None:
    staging = _staging("UserStaging", ("Wake", 0)) + "</StagingData>"
    event = (
        f'<Events><Event Family="X" Type="{name}" Start="3" Duration="5"/></Events><StagingData>'
    )

    file = read(_RML.format(sessions=_SESSION, staging=staging + event), name="night.rml")

    assert [event.kind for event in file.tables[0].events] == [kind]


def test_the_user_and_the_machine_are_two_scorers(read: Write) -> None:
    user = _staging("UserStaging", ("NotScored", 0), ("Wake", 30), ("NonREM2", 60))
    machine = _staging("MachineStaging", ("Wake", 0), ("REM", 120))

    file = read(_RML.format(sessions=_SESSION, staging=user + machine), name="night.rml")

    assert [table.scorer for table in file.tables] == ["user", "machine"]
    assert _stages(file) == [(0, 30, "?"), (30, 30, "W"), (60, 90, "N2")]
    assert _stages(file, 1) == [(0, 120, "W"), (120, 30, "R")]
    assert file.tables[0].clock_s == 86_340


@pytest.mark.parametrize(
    ("last_s", "last"), [(90, (90, 60, "R")), (150, None), (300, (300, 30, "R"))]
)
def test_the_last_change_lasts_until_the_end_of_the_recording(
    read: Write, last_s: int, last: tuple[float, float, str] | None
) -> None:
    staging = _staging("UserStaging", ("Wake", 0), ("NonREM2", 30), ("REM", last_s))

    stages = _stages(read(_RML.format(sessions=_SESSION, staging=staging), name="night.rml"))

    assert stages == [(0, 30, "W"), (30, last_s - 30, "N2"), *([last] if last else [])]


def test_several_sessions_are_refused(read: Write) -> None:
    staging = _staging("UserStaging", ("Wake", 0))

    with pytest.raises(StageFileError, match="several recording sessions"):
        read(_RML.format(sessions=_SESSION * 2, staging=staging), name="night.rml")


# Texts and codes that are not understood.


@pytest.mark.parametrize(
    ("name", "old", "new", "unknown"),
    [
        ("domino/german.txt", "; N1", "; Quark", "2 × “Quark”"),
        ("remlogic/cap.txt", "SLEEP-S1", "SLEEP-S9", "2 × “SLEEP-S9”"),
        ("nsrr/nsrr.xml", "Stage 1 sleep|1", "Stage 1 sleep|2", "2 × “Stage 1 sleep|2”"),
        ("nsrr/shhs_sdo.xml", "Sleep-N1", "Sleep-N9", "Sleep-N9"),
        ("profusion/shhs.xml", ">1<", ">8<", "2 × “8”"),
        ("respironics_rml/user.rml", "NonREM1", "Quark", "2 × “Quark”"),
        ("usleep_ids/change_points.ids", "N1", "Quark", "2 × “Quark”"),
        ("scoringhero/events.json", "N1", "Quark", "2 × “Quark”"),
        ("alice_text/alice.txt", "N1", "Quark", "2 × “Quark”"),
        ("sandman_text/sandman.txt", "Stage 1", "Quark", "2 × “Quark”"),
        ("stages_csv/times.csv", "Stage1", "Quark", "2 × “Quark”"),
        ("noxturnal/english.csv", "N1", "Quark", "2 × “Quark”"),
        ("luna_annot/until_next.annot", "N1", "Quark", "2 × “Quark”"),
        ("polyman_text/hmc.txt", "stage N1", "stage Quark", "2 × “Sleep stage Quark”"),
        ("embla_xml/events.xml", "SLEEP-S1", "SLEEP-S9", "2 × “SLEEP-S9”"),
    ],
)
def test_an_unknown_stage_is_asked_about(
    tmp_path: Path, name: str, old: str, new: str, unknown: str
) -> None:
    path = tmp_path / Path(name).name
    encoding = "utf-16" if name.startswith("embla") else "utf-8"
    path.write_bytes(
        (SAMPLES / name).read_bytes().decode(encoding).replace(old, new).encode(encoding)
    )

    file = read_stage_file(path)

    assert unknown in _open(file)["unknown_texts"]


@pytest.mark.parametrize(
    ("code", "stages"),
    [("spisop", ["W", "N1", "N3", "?", "R"]), ("", ["?", "?", "?", "?", "?"])],
)
def test_integers_of_sleeptrip_need_a_map(read: Write, code: str, stages: list[str]) -> None:
    file = read("0,0\n1,1\n4,0\n8,0\n5,0\n", name="stages.csv", codes=code)

    assert [stage for _, _, stage in _stages(file)] == stages
    assert ("codes" in _open(file)) == (code == "")
    assert [event.onset_s for event in file.tables[0].events] == [30.0]


def test_rows_that_only_count_are_no_stages_of_sleeptrip(read: Write) -> None:
    with pytest.raises(StageFileError):
        read("0 0\n1 1\n2 0\n3 1\n", format="")


def test_integers_of_isruc_need_a_map(read: Write) -> None:
    text = "0\n1\n2\n3\n5\n"

    assert _open(read(text)).keys() == {"codes"}
    assert [stage for _, _, stage in _stages(read(text, codes="profusion"))] == [
        "W",
        "N1",
        "N2",
        "N3",
        "R",
    ]


def test_letters_give_the_numbers_of_compumedics_their_meaning(read: Write) -> None:
    file = read("W\n1\n2\n3\n4\nR\n?\n")

    assert file.format == "compumedics_text"
    assert [stage for _, _, stage in _stages(file)] == ["W", "N1", "N2", "N3", "N3", "R", "?"]


# Luna.


@pytest.mark.parametrize(
    ("lines", "stages"),
    [
        ("W\t0\t30\nN1\t30\t+60\nR\t90\t...\n", [(0, 30, "W"), (30, 60, "N1"), (90, 30, "R")]),
        ("W\te:1\t.\nN1\te:2\te:4\n", [(0, 30, "W"), (30, 90, "N1")]),
        ("W\t0+00:00:00\t0+00:00:30\nN1\t0+00:00:30\t0+00:01:00\n", [(0, 30, "W"), (30, 30, "N1")]),
        ("W\t23.59.30\t00.00.00\nN1\t00.00.00\t00.01.00\n", [(0, 30, "W"), (30, 60, "N1")]),
        ("SleepStage\tN2\t0\t30\nSleepStage\tR\t30\t60\n", [(0, 30, "N2"), (30, 30, "R")]),
    ],
)
def test_luna_writes_times_in_several_ways(
    read: Write, lines: str, stages: list[tuple[float, float, str]]
) -> None:
    assert _stages(read(lines, name="night.annot")) == stages


def test_times_of_luna_are_not_mixed(read: Write) -> None:
    with pytest.raises(StageFileError, match="mixes times"):
        read("W\t0\t30\nN1\t22:00:30\t22:01:00\n", name="night.annot")


# HDF5.


def _write_h5(path: Path, data: object) -> StageFile:
    with h5py.File(path, "w") as file:
        file.create_dataset("hypnogram", data=data)
        file.create_dataset("signals/eeg/C3_M2", data=np.zeros(100, np.float32))
    return read_stage_file(path, StageOptions(codes="yasa"))


def test_the_hypnogram_of_dod_is_read_by_a_declared_map(tmp_path: Path) -> None:
    file = _write_h5(tmp_path / "night.h5", np.array([-1, 0, 1, 2, 3, 4]))

    assert file.format == "dod_h5"
    assert [stage for _, _, stage in _stages(file)] == ["?", "W", "N1", "N2", "N3", "R"]
    assert "codes" in _open(read_stage_file(tmp_path / "night.h5"))


@pytest.mark.parametrize("data", [np.zeros((2, 2), int), np.zeros(4), np.zeros(200_000, int)])
def test_another_hypnogram_of_hdf5_is_refused(tmp_path: Path, data: object) -> None:
    with pytest.raises(StageFileError):
        _write_h5(tmp_path / "night.h5", data)


def test_hdf5_shows_no_content_of_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(bytes(range(64)))
    with h5py.File(tmp_path / "outer.h5", "w") as file:
        file["hypnogram"] = np.zeros(4, np.int8)
    with h5py.File(tmp_path / "linked.h5", "w") as file:
        file["hypnogram"] = h5py.ExternalLink(str(tmp_path / "outer.h5"), "hypnogram")
    with h5py.File(tmp_path / "raw.h5", "w") as file:
        file.create_dataset("hypnogram", (8,), "i1", external=[(str(secret), 0, 8)])

    for name in ("linked.h5", "raw.h5"):
        with pytest.raises(StageFileError, match="not a list of integers"):
            read_stage_file(tmp_path / name, StageOptions(codes="yasa"))


# Damaged and hostile XML.


@pytest.mark.parametrize("name", ["nsrr/nsrr.xml", "respironics_rml/somnolyzer.rml"])
def test_xml_with_a_document_type_or_a_broken_end_is_refused(tmp_path: Path, name: str) -> None:
    text = (SAMPLES / name).read_text()
    bomb = text.replace("?>", '?>\n<!DOCTYPE x [<!ENTITY a "b">]>', 1)
    for damaged, message in ((bomb, "document type"), (text[:-40], "damaged")):
        path = tmp_path / Path(name).name
        path.write_text(damaged)
        with pytest.raises(StageFileError, match=message):
            read_stage_file(path)


def test_xml_may_name_an_encoding_that_it_no_longer_has(tmp_path: Path) -> None:
    text = (SAMPLES / "profusion/utf16.xml").read_text("utf-16")
    path = tmp_path / "saved_again.xml"
    path.write_text(text, "utf-8")

    assert len(read_stage_file(path).tables[0].entries) == 20
