"""`import_scoring` with a folder, a zip or several files: one start for all of them."""

import errno
import json
import os
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.exchange.files import files_of_paths
from annotations.exchange.stage_plan import StageImportOptions
from annotations.exchange.stage_work import write_stages
from annotations.scoring.models import Scoring
from jobs.reader import Reader
from recordings.intake import sources
from recordings.models import Recording
from studies.models import AuditEvent

pytestmark = pytest.mark.django_db

LINES = "".join(f"{name}\n" for name in ["W", "N1", "N2", "N2", "N3", "N3", "R", "R", "R", "W"])


@pytest.fixture
def folder(tmp_path):
    for scorer in ("anna", "ben"):
        for name in ("S1", "S2"):
            path = tmp_path / "set" / scorer / f"{name}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(LINES)
    (tmp_path / "set" / ".hidden").write_text("x")
    return tmp_path / "set"


def run(*args, capsys, **options):
    call_command("import_scoring", *map(str, args), json=True, **options)
    return json.loads(capsys.readouterr().out)


def test_a_folder_comes_in_at_once_with_recordings_where_there_are_none(
    folder, study, labels_only, capsys
):
    told = run(folder, study=study.slug, pattern="{scorer}/{recording}.txt", capsys=capsys)
    assert told["counts"] == {"imported": 4}
    made = Scoring.objects.order_by("recording__name", "scorer__label")
    assert [(s.recording.name, s.scorer.label) for s in made] == [
        ("S1", "anna"),
        ("S1", "ben"),
        ("S2", "anna"),
        ("S2", "ben"),
    ]
    assert Recording.objects.get(name="S2").state == "labels_only"
    assert AuditEvent.objects.filter(act="scorings_imported").count() == 1
    again = run(folder, study=study.slug, pattern="{scorer}/{recording}.txt", capsys=capsys)
    assert again["counts"] == {"equal": 4}
    assert Scoring.objects.count() == 4


def test_one_refused_file_stops_no_other_and_makes_the_command_fail(
    folder, study, labels_only, capsys
):
    (folder / "anna" / "S1.txt").write_text("Dear colleague\n")
    with pytest.raises(CommandError, match="1 of 4 files were refused"):
        call_command(
            "import_scoring", str(folder), study=study.slug, pattern="{scorer}/{recording}.txt"
        )
    assert Scoring.objects.count() == 3
    assert "S1.txt: refused." in capsys.readouterr().out


def test_a_zip_comes_in_as_its_folder_does(folder, study, tmp_path, capsys):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.txt")):
            archive.write(file, file.relative_to(folder).as_posix())
    told = run(path, study=study.slug, pattern="{scorer}/{recording}.txt", capsys=capsys)
    assert told["counts"] == {"imported": 4}


def test_several_files_of_a_recording_that_is_named(folder, study, labels_only, capsys):
    files = [folder / "anna" / "S1.txt", folder / "ben" / "S1.txt"]
    with pytest.raises(CommandError, match="1 of 2"):
        call_command("import_scoring", *map(str, files), study=study.slug, recording="S1")
    assert Scoring.objects.get().scorer.label == "Imported"


def test_a_dry_run_writes_nothing(folder, study, capsys):
    told = run(
        folder, study=study.slug, pattern="{scorer}/{recording}.txt", dry_run=True, capsys=capsys
    )
    assert told["counts"] == {"ready": 4}
    assert not Recording.objects.exists()


@pytest.mark.real_data
def test_twelve_scorers_of_a_public_night_come_in_with_one_command(real_data, study, capsys):
    told = run(
        real_data / "psg-ipa" / "manual",
        study=study.slug,
        pattern="{recording}_SleepStages_manual_scorer{scorer}.edf",
        capsys=capsys,
    )
    assert told["counts"] == {"imported": 12}
    assert Recording.objects.get().epoch_count == 901
    assert Scoring.objects.originals().count() == 12


@pytest.mark.real_data
def test_json_lists_of_five_scorers_come_in_with_one_command(real_data, study, capsys):
    nights = real_data / "dod-h"
    files = [sorted((nights / f"scorer_{n}").glob("*.json"))[0] for n in range(1, 6)]
    told = run(
        *files,
        study=study.slug,
        pattern="scorer_{scorer}/{recording}.json",
        codes="yasa",
        capsys=capsys,
    )
    assert told["counts"] == {"imported": 5}
    assert Recording.objects.get().name == files[0].stem
    labels = Scoring.objects.order_by("scorer__label").values_list("scorer__label", flat=True)
    assert list(labels) == ["1", "2", "3", "4", "5"]


def test_files_of_recordings_to_be_are_read_once(folder, study):
    class Counting(Reader):
        reads = 0

        def read(self, work, **given):
            self.reads += 1
            return super().read(work, **given)

    reader = Counting()
    options = StageImportOptions(pattern="{scorer}/{recording}.txt", make_nights=True)
    files = files_of_paths([folder])
    results = list(write_stages(study, files, options, None, reader=reader))
    assert [result.epochs for _, result in results] == [10] * 4
    assert reader.reads == 4


def test_a_folder_as_disks_have_them_comes_in_as_far_as_it_can_be_read(
    folder, study, labels_only, capsys, monkeypatch
):
    (folder / "ben" / "round").symlink_to(folder)
    (folder / "ben" / "S3.txt").symlink_to(folder / "anna" / "S1.txt")
    (folder / "ben" / "S4.txt").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "ben" / "S5.txt")
    Path(os.fsdecode(bytes(folder) + b"/ben/Schl\xe4fer.txt")).write_text(LINES)
    (folder / "ben" / "S6\x1b.txt").write_text(LINES)
    walk = os.walk

    def walk_into_a_closed_folder(top, *, onerror, followlinks):
        onerror(PermissionError(errno.EACCES, "Permission denied", f"{top}/closed"))
        return walk(top, onerror=onerror, followlinks=followlinks)

    monkeypatch.setattr(sources.os, "walk", walk_into_a_closed_folder)
    with pytest.raises(CommandError, match="2 of 9 files were refused"):
        run(folder, study=study.slug, pattern="{scorer}/{recording}.txt", capsys=capsys)
    told = json.loads(capsys.readouterr().out)["files"]
    refused = {row["path"]: row["problem"] for row in told if row["outcome"] == "refused"}
    assert sorted(refused) == ["set/ben/S4.txt", "set/closed"]
    assert "No such file" in refused["set/ben/S4.txt"]
    assert {"S3", "S6_", "Schläfer"} <= set(Recording.objects.values_list("name", flat=True))
