"""Files of a queue that are odd: zips, parts of recordings, readers that die, killed workers."""

import gzip
import os
import signal

import edfio
import h5py
import pytest
from django.db import InterfaceError, OperationalError

from jobs.room import ROOM_BYTES
from psg.errors import RefusedError
from recordings.incoming import incoming_path
from recordings.intake import examining, reading_files
from recordings.intake.adding import FileNameTakenError
from recordings.intake.deciding import edit_night
from recordings.intake.examining import INTAKE_NIGHTS
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue
from recordings.intake.packing import parts_of
from recordings.intake.reading import queue_json
from recordings.intake.reading_files import INTAKE_FILES, kind_of
from recordings.intake.receiving import append, expect_file, open_queue, received_bytes
from recordings.models import Recording
from tests.helpers.edf_files import STAGES, edf_bytes
from tests.helpers.intake import add_file, brainvision, run_all, run_waiting, zipped
from tests.helpers.jobs import expire, swept
from tests.helpers.nights import files_below


@pytest.fixture
def queue(study, lead) -> IntakeQueue:
    return open_queue(study=study, user=lead)


def refusal_of(queue: IntakeQueue, name: str) -> str:
    file = queue.files.get(name=name)
    assert file.state == IntakeFile.State.REFUSED
    return file.error


def test_a_zip_becomes_its_files(queue):
    one, two = edf_bytes(sfreq_hz=100), edf_bytes(sfreq_hz=100, seconds=90)
    files = {"a/S01.edf": bytes(one), "a/S01_A.txt": b"W\nN2\n", "S02.edf": bytes(two)}
    add_file(queue, "cohort.zip", zipped({**files, "__MACOSX/x": b"x", "empty": b""}))
    run_all(queue)
    names = queue.files.order_by("name").values_list("name", flat=True)
    assert list(names) == ["cohort/S02.edf", "cohort/a/S01.edf", "cohort/a/S01_A.txt"]
    assert set(queue.nights.values_list("subject", "state")) == {("S01", "ready"), ("S02", "ready")}


def test_a_document_in_a_zip_stops_no_night(queue):
    packed = gzip.compress(bytes(edf_bytes(sfreq_hz=100)))
    files = {"S01.edf.gz": packed, "protocol.xlsx": zipped({"[Content_Types].xml": b"<Types/>"})}
    add_file(queue, "cohort.zip", zipped(files))
    run_all(queue)
    assert set(queue.nights.values_list("subject", "state")) == {("S01", "ready")}
    assert "no recording" in refusal_of(queue, "cohort/protocol.xlsx")


def test_a_zip_in_a_zip_is_refused(queue):
    add_file(queue, "all.zip", zipped({"inner.zip": zipped({"a.edf": b"x"})}))
    run_all(queue)
    assert "another compressed file" in refusal_of(queue, "all.zip")
    assert queue.files.count() == 1


def test_a_worker_that_is_killed_while_it_unpacks_leaves_no_file_twice(queue):
    data = zipped({"S01.edf": bytes(edf_bytes(sfreq_hz=100))})
    file = add_file(queue, "all.zip", data)
    assert INTAKE_FILES.claim(file.pk)
    begun = incoming_path(f"{file.path}.1")
    begun.mkdir()
    (begun / "unpacked.edf").write_bytes(b"half")
    expire(file)
    swept(INTAKE_FILES)
    run_all(queue)
    assert list(queue.files.values_list("name", flat=True)) == ["all/S01.edf"]
    assert queue.nights.get().state == "ready"
    assert not begun.exists()


def test_a_folder_and_a_zip_of_the_same_name_lose_nothing(queue):
    """The zip would give the same names, by which files are matched: it is refused and kept."""
    half = expect_file(queue=queue, name="night1/S01.edf", size_bytes=100)
    append(file=half, offset=0, chunks=[b"0"])
    add_file(queue, "night1.zip", zipped({"S01.edf": bytes(edf_bytes(sfreq_hz=100))}))
    add_file(queue, "night2.zip", zipped({"S01.edf": bytes(edf_bytes(sfreq_hz=100))}))
    run_all(queue)
    assert "already has a file with this name (night1/S01.edf)" in refusal_of(queue, "night1.zip")
    half.refresh_from_db()
    assert (half.state, received_bytes(half)) == ("receiving", 1)
    assert queue.nights.get().file.name == "night2/S01.edf"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "has no files"),
        ({"a\tb.txt": b"W"}, "no name that can be shown"),
        ({"x" * 500: b"W"}, "at most 400"),
    ],
)
def test_a_zip_whose_files_cannot_be_taken_is_refused_at_once(queue, files, words):
    file = add_file(queue, "all.zip", zipped(files))
    INTAKE_FILES.run(file.pk)
    assert words in refusal_of(queue, "all.zip")
    assert queue.files.count() == 1


def test_a_zip_for_which_there_is_no_room_is_refused_before_it_is_unpacked(
    queue, media, monkeypatch
):
    file = add_file(queue, "all.zip", zipped({"S01.edf": bytes(edf_bytes(sfreq_hz=100))}))
    monkeypatch.setattr("recordings.intake.receiving.free_bytes", lambda folder: 2 * ROOM_BYTES)
    INTAKE_FILES.run(file.pk)
    assert "no room" in refusal_of(queue, "all.zip")
    assert len(files_below(media / "incoming")) == 1


def test_a_file_that_is_shorter_on_the_disk_than_announced_is_no_night(queue):
    """The reader of a format without a stated length would make it a shorter night."""
    file = add_file(queue, "S01.edf", edf_bytes(sfreq_hz=100))
    os.truncate(incoming_path(file.path), file.size_bytes - 100)
    run_all(queue)
    assert "incomplete" in refusal_of(queue, "S01.edf")
    assert not queue.nights.exists()


def test_annotations_alone_are_a_stage_file(queue):
    add_file(queue, "S01.edf", edf_bytes(sfreq_hz=100))
    marks = [edfio.EdfAnnotation(*stage) for stage in STAGES]
    add_file(queue, "S01_hyp.edf", edfio.Edf([], annotations=marks).to_bytes())
    run_all(queue)
    night = queue.nights.get()
    assert [file.name for file in night.stage_files] == ["S01_hyp.edf"]
    assert night.state == "ready"


def test_the_kind_of_a_file_is_told_by_its_content(tmp_path):
    head, marks, samples = brainvision()
    stages = "\n".join("WWW123NR").replace("N", "?").encode()
    with h5py.File(tmp_path / "dod.h5", "w") as file:
        file["hypnogram"] = [-1, 0, 1, 2, 3, 4]
    files = {
        "night.eeg": (edf_bytes(["EEG C4-M1"]), "recording"),
        "night.dat": (edf_bytes(["EEG C4-M1"]), "recording"),
        "scores.dat": (stages, "stages"),
        "dod.h5": ((tmp_path / "dod.h5").read_bytes(), "stages"),
        "night.edf.gz": (gzip.compress(edf_bytes(["EEG C4-M1"])), "recording"),
        "scores.csv.gz": (gzip.compress(b"epoch,stage\n0,W\n1,N2\n"), "stages"),
        "S01.vhdr": (head, "recording"),
        "S01.vmrk": (marks, "part"),
        "S01.eeg": (samples, "part"),
    }
    found = {}
    for name, (data, _) in files.items():
        path = tmp_path / "file"
        path.write_bytes(data)
        found[name] = str(kind_of(path, name, tmp_path))
    assert found == {name: kind for name, (_, kind) in files.items()}


def test_a_recording_of_several_files_waits_for_them(queue):
    head, marks, signals = brainvision()
    add_file(queue, "S01.vhdr", head)
    run_all(queue)
    assert queue.nights.get().state == "refused"
    add_file(queue, "S01.vmrk", marks)
    add_file(queue, "S01.eeg", signals)
    run_all(queue)
    night = queue.nights.get()
    assert (night.error, night.facts["epoch_count"]) == ("", 3)
    assert queue.files.count() == 1


def test_files_of_two_nights_with_the_same_names_stay_apart_by_their_folders(queue):
    """Beside each other they cannot be told apart: the second of a name is refused."""
    for folder in ("one", "two"):
        for suffix, data in zip(("vhdr", "vmrk", "eeg"), brainvision(), strict=True):
            add_file(queue, f"{folder}/S01.{suffix}", data)
    with pytest.raises(FileNameTakenError):
        add_file(queue, "two/S01.eeg", b"samples of another night")
    parts = {
        queue.files.get(pk=main).name: sorted(part.name for part in found)
        for main, found in parts_of(read_all(queue)).items()
    }
    assert parts == {
        f"{folder}/S01.vhdr": [f"{folder}/S01.eeg", f"{folder}/S01.vmrk"]
        for folder in ("one", "two")
    }


def read_all(queue: IntakeQueue) -> IntakeQueue:
    run_waiting(queue, INTAKE_FILES, "files")
    return queue


def test_a_reader_that_dies_is_told_and_the_rest_goes_on(queue, monkeypatch, forked_reader):
    add_file(queue, "S01.edf", edf_bytes(sfreq_hz=100))
    add_file(queue, "S02.edf", edf_bytes(sfreq_hz=100, seconds=90))
    run_all(queue)
    IntakeNight.objects.update(state="waiting")
    whole = examining.examine

    def dies(path, name, *rest):
        if name == "S01.edf":
            os._exit(3)
        return whole(path, name, *rest)

    monkeypatch.setattr(examining, "examine", dies)
    run_all(queue)
    states = dict(queue.nights.values_list("file__name", "state"))
    assert states == {"S01.edf": "refused", "S02.edf": "ready"}
    assert "stopped without a message" in queue.nights.get(file__name="S01.edf").error


def test_a_file_that_hangs_is_ended(queue, monkeypatch, settings, forked_reader):
    add_file(queue, "S01.edf", edf_bytes(sfreq_hz=100))
    run_all(queue)
    IntakeNight.objects.update(state="waiting")
    settings.READ_LIMIT_S = 0.2
    monkeypatch.setattr(examining, "examine", lambda *_: signal.pause())
    run_all(queue)
    assert "took too long" in queue.nights.get().error


def test_a_worker_that_is_killed_three_times_gives_up(queue):
    add_file(queue, "S01.edf", edf_bytes(sfreq_hz=100))
    run_all(queue)
    night = queue.nights.get()
    IntakeNight.objects.update(state="waiting", attempt=0)
    for _ in range(3):
        assert INTAKE_NIGHTS.claim(night.pk)
        expire(night)
        swept(INTAKE_NIGHTS)
    night.refresh_from_db()
    assert night.state == "refused"
    assert "stopped 3 times" in night.error
    assert not Recording.objects.exists()
    assert incoming_path(night.file.path).exists()  # examined again when something is decided


def test_a_full_disk_lets_work_wait(queue, monkeypatch):
    add_file(queue, "S01.edf", edf_bytes(sfreq_hz=100))
    monkeypatch.setattr("jobs.kinds.there_is_room", lambda: False)
    file = queue.files.get()
    assert INTAKE_FILES.claim(file.pk) is None
    assert queue_json(queue)["files"][0]["state"] == "waiting"


def test_recordings_of_a_subject_that_run_at_the_same_time_are_told(queue):
    for name, start in (("S01_N1", b"02.11.2622.00.00"), ("S01_N2", b"02.11.2622.00.30")):
        data = edf_bytes(sfreq_hz=100)
        data[168:184] = start
        add_file(queue, f"{name}.edf", data)
    run_all(queue)
    assert not any("2026" in str(night.doubts) for night in queue.nights.all())
    told = [doubt for night in queue.nights.all() for doubt in night.doubts]
    overlaps = [doubt["where"] for doubt in told if doubt["code"] == "overlap"]
    assert sorted(overlaps) == ["S01_N1.edf, 30 s together", "S01_N2.edf, 30 s together"]
    edit_night(night=queue.nights.get(number=2), subject="S02", number=1, name="")
    run_all(queue)
    assert not any(d["code"] == "overlap" for d in queue.nights.get(subject="S02").doubts)


@pytest.mark.parametrize(
    "error", [OperationalError("gone"), InterfaceError("gone"), RuntimeError("a later step failed")]
)
def test_what_fails_after_the_commit_of_a_zip_loses_no_file(queue, monkeypatch, error):
    replace = reading_files._replace

    def and_then_fails(file, entries):
        replace(file, entries)
        raise error

    monkeypatch.setattr(reading_files, "_replace", and_then_fails)
    add_file(queue, "all.zip", zipped({"S01.edf": bytes(edf_bytes(sfreq_hz=100))}))
    run_all(queue)
    assert queue.nights.get().state == "ready"


def test_what_fails_before_the_commit_of_a_zip_leaves_no_file(queue, media, monkeypatch):
    def fails(file, entries):
        raise RefusedError("Not now.")

    monkeypatch.setattr(reading_files, "_replace", fails)
    add_file(queue, "all.zip", zipped({"S01.edf": bytes(edf_bytes(sfreq_hz=100))}))
    run_all(queue)
    assert refusal_of(queue, "all.zip") == "Not now."
    assert len(files_below(media / "incoming")) == 1


def test_rows_that_an_earlier_version_began_to_unpack_are_made_again(queue):
    """It made rows first; a file of the same name that a person uploads has another size."""
    night, stages = bytes(edf_bytes(sfreq_hz=100)), b"W\nN2\n"
    file = add_file(queue, "all.zip", zipped({"S01.edf": night, "S01.txt": stages}))
    assert INTAKE_FILES.claim(file.pk)
    begun = expect_file(queue=queue, name="all/S01.edf", size_bytes=len(night))
    append(file=begun, offset=0, chunks=[night[:100]])
    expect_file(queue=queue, name="all/S01.txt", size_bytes=len(stages))
    expire(file)
    swept(INTAKE_FILES)
    run_all(queue)
    assert list(queue.files.values_list("name", flat=True)) == ["all/S01.edf", "all/S01.txt"]
    assert queue.nights.get().state == "ready"
