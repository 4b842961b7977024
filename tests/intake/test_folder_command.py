"""`import_recording` with folders, zips and several files: one start for all."""

import errno
import io
import json
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.scoring.models import Scoring
from jobs.kinds import JobKind
from psg.errors import PsgError
from recordings import ingest
from recordings.ingest import INGESTS
from recordings.intake import sources
from recordings.intake.models import IntakeFile, IntakeNight
from recordings.intake.sources import Source, files_at
from recordings.models import Ingest, Recording
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import brainvision, zipped
from tests.helpers.nights import files_below

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def night_edf(seed: int = 0) -> bytes:
    data = edf_bytes(sfreq_hz=100)
    data[-2 - seed] ^= 1
    return bytes(data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two nights of one subject and one of another, scored by different people."""
    for number, (name, scorer) in enumerate([("S01_N1", "A"), ("S01_N2", "B"), ("S02_N1", "A")]):
        (tmp_path / f"{name}_psg.edf").write_bytes(night_edf(number))
        (tmp_path / f"{name}_{scorer}.txt").write_text("W\nN2\n")
    (tmp_path / "readme.md").write_text("About these files")
    return tmp_path


def run(study, *paths: Path, **options) -> str:
    out = io.StringIO()
    call_command("import_recording", *map(str, paths), study=study.slug, stdout=out, **options)
    return out.getvalue()


def test_a_folder_comes_in_with_one_start(study, folder, media, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        out = run(study, folder)
    names = Recording.objects.order_by("name").values_list("name", "subject__code", "night")
    assert list(names) == [
        ("S01 night 1", "S01", 1),
        ("S01 night 2", "S01", 2),
        ("S02 night 1", "S02", 1),
    ]
    assert Scoring.objects.count() == 3
    assert "readme.md" in out
    assert "3 recordings: 3 imported" in out
    assert files_below(media / "incoming") == []
    assert not IntakeFile.objects.exists()


def test_the_same_start_again_passes_over_what_is_there(study, folder):
    run(study, folder / "S01_N1_psg.edf", folder / "S01_N1_A.txt")
    out = run(study, folder)
    assert "2 imported, 1 in the study already" in out
    assert Recording.objects.count() == 3


def test_a_dry_run_shows_what_would_come_in_and_keeps_nothing(
    study, folder, media, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        out = run(study, folder, dry_run=True)
    assert "S01 night 2 (S01_N2_psg.edf, scored by B): ready" in out
    assert not Recording.objects.exists()
    assert files_below(media) == []


def test_one_that_is_refused_does_not_stop_the_others(study, folder, media):
    (folder / "S01_N1_A.txt").write_text("W\nSpindel\n")
    (folder / "S02_N1_psg.edf").write_bytes(night_edf(2)[:-1500])
    out = io.StringIO()
    with pytest.raises(CommandError, match="recordings are not imported yet"):
        call_command("import_recording", str(folder), study=study.slug, stdout=out)
    assert "Spindel" in out.getvalue()
    assert "--unscored" in out.getvalue()
    assert Recording.objects.filter(name="S01 night 2").exists()
    assert not Recording.objects.filter(name="S01 night 1").exists()
    assert not IntakeNight.objects.exclude(state="imported").exists()
    run(study, folder / "S01_N1_psg.edf", folder / "S01_N1_A.txt", unscored=["Spindel"])
    assert Recording.objects.filter(name="S01 night 1").exists()


def test_a_zip_of_several_nights(study, folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "cohort.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"cohort/{file.name}")
    run(study, path)
    assert Recording.objects.count() == Scoring.objects.count() == 3


def test_patterns_are_given_for_names_that_say_it_otherwise(study, tmp_path):
    (tmp_path / "SC4001E0-PSG.edf").write_bytes(night_edf())
    (tmp_path / "SC4001EC-Hypnogram.txt").write_text("W\nN2\n")
    run(
        study,
        tmp_path,
        pattern="{subject}E0-PSG.edf",
        stages_pattern="{subject}E{scorer}-Hypnogram",
    )
    assert Recording.objects.get().name == "SC4001"
    assert Scoring.objects.get().scorer.label == "C"


def test_the_names_of_sleep_edf_match_by_themselves(study, tmp_path):
    for number, name in enumerate(("SC4001E0", "SC4002E0")):
        (tmp_path / f"{name}-PSG.edf").write_bytes(night_edf(number))
    (tmp_path / "SC4002EC-Hypnogram.txt").write_text("W\nN2\n")
    run(study, tmp_path)
    names = Recording.objects.values_list("subject__code", "night")
    assert sorted(names) == [("SC400", 1), ("SC400", 2)]
    scoring = Scoring.objects.get()
    assert (scoring.recording.night, scoring.scorer.label) == (2, "C")


def test_programs_get_json(study, folder):
    answer = json.loads(run(study, folder, json=True))
    assert [night["state"] for night in answer["nights"]] == ["imported"] * 3
    assert answer["left_out"] == ["readme.md"]


def test_a_folder_without_recordings_is_refused(study, tmp_path):
    (tmp_path / "a.txt").write_text("W\n")
    with pytest.raises(CommandError, match="no recording"):
        run(study, tmp_path)
    with pytest.raises(CommandError, match="does not exist"):
        run(study, tmp_path / "nowhere", tmp_path)
    with pytest.raises(CommandError, match="unknown field"):
        run(study, tmp_path, pattern="{name}.edf")


def test_a_recording_of_several_files_is_the_same_alone_and_in_a_folder(study, tmp_path):
    for suffix, data in zip((".vhdr", ".vmrk", ".eeg"), brainvision(), strict=True):
        (tmp_path / f"S01{suffix}").write_bytes(data)
    run(study, tmp_path / "S01.vhdr")
    assert "1 in the study already" in run(study, tmp_path)


def test_recordings_of_several_files_are_found_in_a_folder(study, tmp_path):
    for suffix, data in zip((".vhdr", ".vmrk", ".eeg"), brainvision(), strict=True):
        (tmp_path / f"S01{suffix}").write_bytes(data)
    run(study, tmp_path)
    recording = Recording.objects.get()
    assert (recording.name, recording.epoch_count) == ("S01", 3)


# What goes wrong with one night of many.


def refused(study, *paths: Path, **options) -> str:
    """Run the command, which is not able to import everything; return what it told."""
    out = io.StringIO()
    with pytest.raises(CommandError, match="not imported yet"):
        call_command("import_recording", *map(str, paths), study=study.slug, stdout=out, **options)
    return out.getvalue()


def test_an_import_that_fails_is_told_and_leaves_nothing(
    study, folder, media, monkeypatch, django_capture_on_commit_callbacks
):
    finish = ingest._finish

    def fail_once(row, night, work: Path) -> None:
        monkeypatch.setattr(ingest, "_finish", finish)
        raise PsgError("The store is damaged")

    monkeypatch.setattr(ingest, "_finish", fail_once)
    with django_capture_on_commit_callbacks(execute=True):
        out = refused(study, folder)
    assert "S01 night 1 (S01_N1_psg.edf, scored by A): refused: The store is damaged" in out
    assert "2 imported, 1 refused" in out
    assert files_below(media / "incoming") == []
    assert Recording.objects.count() == 2
    assert "1 imported, 2 in the study already" in run(study, folder)


def test_an_import_for_which_the_disk_has_no_room_waits_and_is_told(study, folder, monkeypatch):
    claim = JobKind.claim
    monkeypatch.setattr(
        JobKind, "claim", lambda kind, pk: None if kind is INGESTS else claim(kind, pk)
    )
    out = refused(study, folder)
    assert "3 waiting for a worker" in out
    assert "disk is full" in out
    monkeypatch.undo()
    for row in Ingest.objects.all():
        INGESTS.run(row.pk)
    assert Scoring.objects.count() == 3


def test_nothing_of_a_night_that_is_refused_takes_the_room_of_the_next(
    study, folder, media, monkeypatch, django_capture_on_commit_callbacks
):
    held: list[int] = []
    copy = Source.copy

    def copy_on_a_small_disk(source: Source, target: Path) -> None:
        if source.name.endswith("_A.txt"):
            raise OSError(errno.ENOSPC, "No space left on device")
        held.append(IntakeFile.objects.count())
        copy(source, target)

    monkeypatch.setattr(Source, "copy", copy_on_a_small_disk)
    with django_capture_on_commit_callbacks(execute=True):
        out = refused(study, folder)
    assert "1 imported, 2 refused" in out
    assert held == [1, 1, 2, 1]
    assert files_below(media / "incoming") == []
    assert not IntakeNight.objects.exclude(state="imported").exists()


def test_a_file_over_the_limit_or_without_a_printable_name_is_told(study, folder, settings):
    settings.UPLOAD_LIMIT_BYTES = (folder / "S02_N1_psg.edf").stat().st_size
    (folder / "S02_N2_psg.edf").write_bytes(night_edf(3) + b"\0")
    (folder / "S02_N3\u202e_psg.edf").write_bytes(night_edf(4))
    out = refused(study, folder)
    assert "larger than the limit" in out
    assert "no name that can be shown" in out
    assert "3 imported, 2 refused" in out


def test_the_same_zip_and_the_same_files_of_a_recording_are_passed_over(study, folder, tmp_path):
    path = tmp_path / "cohort.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("S01_N1_psg.edf", "S01_N2_psg.edf"):
            archive.write(folder / name, name)
            (folder / name).unlink()
        for suffix, data in zip((".vhdr", ".vmrk", ".eeg"), brainvision(), strict=True):
            archive.writestr(f"S01{suffix}", data)
    assert "4 recordings: 4 imported" in run(study, folder)
    assert "4 recordings: 4 in the study already" in run(study, folder)


# Folders as disks have them.


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(study, folder, monkeypatch):
    inner = zipped({"S09.edf": b"x"})
    (folder / "outer.zip").write_bytes(zipped({"inner.zip": inner}))
    (folder / "cut.zip").write_bytes(inner[:-30])
    (folder / "gone.edf").symlink_to(folder / "nowhere.edf")
    os.mkfifo(folder / "pipe.edf")
    walk = os.walk

    def walk_into_a_closed_folder(top, *, onerror, followlinks):
        onerror(PermissionError(errno.EACCES, "Permission denied", f"{top}/closed"))
        return walk(top, onerror=onerror, followlinks=followlinks)

    monkeypatch.setattr(sources.os, "walk", walk_into_a_closed_folder)
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"^4 files or folders cannot be read\.$"):
        call_command("import_recording", str(folder), study=study.slug, stdout=out)
    lines = [line for line in out.getvalue().splitlines() if "cannot be read" in line]
    assert [line.partition(" ")[0] for line in lines] == [
        "closed", "cut.zip", "gone.edf", "outer.zip",
    ]  # fmt: skip
    assert "another compressed file" in lines[-1]
    assert "3 recordings: 3 imported" in out.getvalue()


def test_links_to_folders_are_followed_once(tmp_path):
    night = tmp_path / "cohort" / "S01"
    night.mkdir(parents=True)
    (night / "S01.edf").write_bytes(night_edf())
    (night / "round").symlink_to(tmp_path / "cohort")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "S02.edf").write_bytes(night_edf(1))
    (tmp_path / "cohort" / "linked").symlink_to(tmp_path / "other")
    (tmp_path / "cohort" / ".git").symlink_to(tmp_path / "other")
    found = files_at([tmp_path / "cohort"])
    assert [source.name for source in found.sources] == ["S01/S01.edf", "linked/S02.edf"]
    assert found.unread == []


def test_files_of_the_same_name_are_all_taken(study, tmp_path):
    for number, name in enumerate(("a", "b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "S01.edf").write_bytes(night_edf(number))
    out = run(study, tmp_path / "a", tmp_path / "b")
    assert "2 recordings: 2 imported" in out
    assert Recording.objects.count() == 2


@pytest.mark.parametrize("name", [b"S01_Schl\xe4fer.edf", b"S01_\x83e.edf", b"S01_\x1b[2J.edf"])
def test_names_in_another_encoding_stop_nothing(study, tmp_path, name):
    (tmp_path / "S02.edf").write_bytes(night_edf())
    Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).write_bytes(night_edf(1))
    out = io.StringIO()
    with suppress(CommandError):
        call_command("import_recording", str(tmp_path), study=study.slug, stdout=out)
    assert "S02" in out.getvalue()
    assert out.getvalue().replace("\n", "").isprintable()
    assert Recording.objects.count() == 2 - (b"\x1b" in name)


def test_a_folder_that_is_removed_meanwhile_is_told_and_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    (tmp_path / "S1.txt").write_text("W\n")
    stat = os.stat

    def without_the_folder(path, **options):
        if isinstance(path, str) and path.endswith("/gone"):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", without_the_folder)
    found = files_at([tmp_path])
    assert [source.name for source in found.sources] == ["S1.txt"]
    assert [unread.name for unread in found.unread] == ["gone"]
