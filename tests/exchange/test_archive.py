"""The whole export: which files, which checksums, and the way back in."""

import hashlib
import io
import zipfile

import pytest

from annotations.downloads import FolderSink, ZipSink
from annotations.exchange.archive import write_export
from annotations.exchange.massex_tables import FileStems
from annotations.exchange.scoring_files import import_scoring_file
from recordings.models import Recording, Subject

pytestmark = pytest.mark.django_db

TEXTS = ["Line one\nline two", 'He said "no"', "=SUM(A1)", "γ-Wellen, 頭頂部", "a\rb"]


@pytest.fixture
def fine(imported):
    return imported("Anna", ["W", None, "N1", "N2", "N2", None, "N3", "R"], rationale="Words.")


def other_night(recording, name="S1 again"):
    return Recording.objects.create(
        study=recording.study,
        subject=recording.subject,
        name=name,
        state=Recording.State.LABELS_ONLY,
        epoch_count=recording.epoch_count,
        epoch0_s=recording.epoch0_s,
    )


def test_every_file_has_its_checksum(fine, tmp_path):
    write_export(FolderSink(tmp_path), [fine])
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    listed = dict(reversed(line.split("  ", 1)) for line in lines)
    files = {str(p.relative_to(tmp_path)): p for p in tmp_path.rglob("*") if p.is_file()}
    assert set(listed) == set(files) - {"SHA256SUMS"}
    assert {"annotations/fine/S1.csv", "annotations/epochs.csv", "spreadsheet/fine/S1.csv"} < set(
        files
    )
    for name, digest in listed.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest


def test_the_zip_holds_the_same_files_and_is_the_same_every_time(fine, tmp_path):
    write_export(FolderSink(tmp_path), [fine])
    archives = []
    for _ in range(2):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            write_export(ZipSink(archive), [fine])
        archives.append(buffer)
    assert archives[0].getvalue() == archives[1].getvalue()
    with zipfile.ZipFile(archives[0]) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / name).read_bytes()


def test_lights_stand_in_a_sidecar_with_whose_mark_it_is(fine, tmp_path):
    fine.recording.lights_off_s, fine.recording.lights_on_s = 30.5, 200
    fine.lights_on_s = 210
    write_export(FolderSink(tmp_path), [fine])
    assert (tmp_path / "annotations/lights.csv").read_text().splitlines() == [
        "Subject,lights_off_s,lights_on_s,lights_off_from,lights_on_from",
        "S1,30.5,210,recording,scorer",
    ]
    header = (tmp_path / "annotations/fine/S1.csv").read_text().splitlines()[0]
    assert header == "custom_id,Subject,N,Stage,reasoning_text,applicable_rules"


def test_a_scoring_without_words_is_coarse(imported, tmp_path):
    write_export(FolderSink(tmp_path), [imported("Anna", ["W", "N1"], rules=["W.1"])])
    assert (tmp_path / "annotations/coarse/S1.csv").exists()
    assert not (tmp_path / "annotations/fine").exists()


def test_an_export_read_back_gives_the_same_scoring(imported, fine, labels_only, tmp_path):
    for score, text in zip(fine.scores.order_by("epoch"), TEXTS, strict=False):
        score.rationale, score.rules = text, ["N2.1", "N2.2"] if score.epoch % 2 else []
        score.save()
    write_export(FolderSink(tmp_path), [fine])
    again = import_scoring_file(
        recording=other_night(labels_only),
        scorer_label="Anna",
        path=tmp_path / "annotations/fine/S1.csv",
        epochs_path=tmp_path / "annotations/epochs.csv",
    ).scoring
    names = ("epoch", "stage", "rules", "rationale")
    assert list(again.scores.values_list(*names)) == list(fine.scores.values_list(*names))
    assert again.track == fine.track


def test_two_nights_of_a_subject_get_names_of_their_own(imported, fine, labels_only, tmp_path):
    second = import_scoring_file(
        recording=other_night(labels_only),
        scorer_label="Anna",
        path=_csv(tmp_path / "in.csv", "S1#0_W,S1,0,W,W.1"),
        n_is_index=True,
    ).scoring
    write_export(FolderSink(tmp_path / "out"), [fine, second])
    names = {p.name for p in (tmp_path / "out/annotations").rglob("*.csv")}
    assert names == {"S1.csv", "S1_again.csv", "epochs.csv", "lights.csv"}


def _csv(path, *lines):
    path.write_text("\n".join(["custom_id,Subject,N,Stage,applicable_rules", *lines]) + "\n")
    return path


def test_names_cannot_leave_the_folder_or_meet():
    names = FileStems()
    told = ["../../etc/passwd", "a/b", "a_b", "A_B", "..", "01-03-0006"]
    stems = {name: names.of(name) for name in told}
    assert {name: names.of(name) for name in told} == stems
    assert all("/" not in stem and not stem.startswith(".") for stem in stems.values())
    assert len({stem.casefold() for stem in stems.values()}) == 6
    assert stems["01-03-0006"] == "01-03-0006"


def test_the_subject_code_is_what_the_rows_say(study, imported, tmp_path):
    scoring = imported("Anna", ["W"])
    Subject.objects.filter(pk=scoring.recording.subject_id).update(code="=cmd")
    scoring.recording.subject.refresh_from_db()
    write_export(FolderSink(tmp_path), [scoring])
    assert "=cmd#0_W,=cmd,0" in (tmp_path / "annotations/coarse/_cmd.csv").read_text()
    assert "'=cmd#0_W,'=cmd,0" in (tmp_path / "spreadsheet/coarse/_cmd.csv").read_text()
