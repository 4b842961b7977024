"""The commands import_recording and import_scoring."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.scoring.models import Scoring
from psg.epochs import EpochGrid
from psg.stagefiles import write_edf_stages
from psg.stages import Stage
from recordings.models import Recording
from tests.helpers.edf_files import edf_bytes, write
from tests.helpers.nights import files_below

W, N1, N2, N3, R = Stage


def run(name: str, *args: object, **options: object) -> dict:
    out = StringIO()
    call_command(name, *args, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def refusal(name: str, *args: object, **options: object) -> str:
    with pytest.raises(CommandError) as caught:
        call_command(name, *args, stdout=StringIO(), **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.real_data
def test_the_real_recording_imports(study, real_data: Path):
    report = run("import_recording", real_data / "psg-ipa" / "SN5_sample.edf", study=study.slug)
    assert report["name"] == "S001"
    assert report["epochs"] == 5
    assert report["derivations"] == ["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin"]


@pytest.mark.real_data
def test_real_scorings_make_one_recording_of_labels(study, real_data: Path):
    for number in (1, 2):
        path = real_data / "psg-ipa" / "manual" / f"SN1_SleepStages_manual_scorer{number}.edf"
        report = run(
            "import_scoring", path, study=study.slug, recording="SN1", scorer=f"Scorer {number}"
        )
        assert report["epochs"] == 901
    recording = Recording.objects.get()
    assert recording.state == Recording.State.LABELS_ONLY
    assert recording.scorings.count() == 2


def test_the_imported_file_itself_is_left_alone(study, tmp_path: Path, media):
    data = edf_bytes()
    path = write(tmp_path / "Lovelace.edf", data)
    run("import_recording", path, study=study.slug, subject="01-03-0001")
    assert path.read_bytes() == data
    assert len(files_below(media)) == 3


def test_stages_from_12_3_s_with_a_gap_land_on_their_epochs(study, tmp_path: Path):
    path = write(tmp_path / "night.edf", edf_bytes(seconds=200))
    rows = ["onset_s,stage", "12.3,W", "42.3,N1", "132.3,N2", "162.3,R"]
    stages = write(tmp_path / "stages.csv", "\n".join(rows).encode())
    report = run("import_recording", path, study=study.slug, stages=stages)
    assert (report["epochs"], report["epoch0_s"]) == (6, 12.3)
    scores = Scoring.objects.get().scores.order_by("epoch").values_list("epoch", "stage")
    assert [pair for pair in scores if pair[1]] == [(0, "W"), (1, "N1"), (4, "N2"), (5, "R")]


def test_an_explicit_origin_is_kept(study, tmp_path: Path):
    path = write(tmp_path / "night.edf", edf_bytes(seconds=100))
    assert run("import_recording", path, study=study.slug, epoch_start=5.5)["epoch0_s"] == 5.5


@pytest.mark.parametrize("data", [b"", b"hello" * 100, bytes(edf_bytes())[:30_000]])
def test_bad_files_end_in_one_line_and_leave_nothing(study, tmp_path: Path, media, data):
    path = write(tmp_path / "bad.edf", data)
    refusal("import_recording", path, study=study.slug)
    assert not Recording.objects.exists()
    assert files_below(media) == []


def test_what_is_not_there_is_said(study, tmp_path: Path):
    path = write(tmp_path / "night.edf", edf_bytes())
    assert "not a file" in refusal("import_recording", tmp_path / "no.edf", study=study.slug)
    assert "no study" in refusal("import_recording", path, study="elsewhere")
    assert "no study" in refusal("import_scoring", path, study="x", recording="A", scorer="B")


def test_the_same_file_twice_is_said(study, tmp_path: Path):
    path = write(tmp_path / "night.edf", edf_bytes())
    run("import_recording", path, study=study.slug)
    assert "as S001" in refusal("import_recording", path, study=study.slug)


@pytest.fixture
def night(study, tmp_path: Path) -> Recording:
    path = write(tmp_path / "night.edf", edf_bytes(seconds=150))
    run("import_recording", path, study=study.slug, subject="A")
    return Recording.objects.get()


def edf_stages(folder: Path, stages, epoch0_s: float = 0.0) -> Path:
    path = folder / "stages.edf"
    write_edf_stages(path, stages, EpochGrid(epoch0_s, len(stages)))
    return path


def test_a_scoring_is_imported_onto_a_night(night, study, tmp_path: Path):
    path = edf_stages(tmp_path, [W, N1, None])
    report = run("import_scoring", path, study=study.slug, recording="A", scorer="Expert 1")
    scoring = {"recording": "A", "scorer": "Expert 1", "epochs": 5, "scored": 2}
    assert report == {
        **scoring,
        "scorings": [scoring],
        "notes": ["3 of 5 epochs have no stage in the file."],
        "doubts": [],
    }


@pytest.mark.parametrize(
    ("stages", "epoch0_s", "said"), [([N2] * 9, 0.0, "longer"), ([N2], 12.3, "12.3 s")]
)
def test_a_scoring_that_does_not_fit_changes_nothing(
    night, study, tmp_path: Path, stages, epoch0_s, said
):
    path = edf_stages(tmp_path, stages, epoch0_s)
    options = {"study": study.slug, "recording": "A", "scorer": "Expert 1"}
    assert said in refusal("import_scoring", path, **options)
    assert not Scoring.objects.exists()


def test_a_file_without_stages_makes_no_recording(study, tmp_path: Path):
    path = write(tmp_path / "s.csv", b"epoch,stage\n0,5\n")
    options = {"study": study.slug, "recording": "New", "scorer": "B"}
    assert "profusion" in refusal("import_scoring", path, **options)
    assert not Recording.objects.exists()
    assert run("import_scoring", path, codes="profusion", **options)["scored"] == 1


def test_20_s_epochs_are_turned_only_on_demand(night, study, tmp_path: Path):
    rows = [f"{20 * i},20,{text}" for i, text in enumerate(("W", "W", "N1", "N2", "N2", "N2"))]
    path = write(tmp_path / "rk.csv", "\n".join(["onset_s,duration_s,stage", *rows]).encode())
    options = {"study": study.slug, "recording": "A", "scorer": "R&K"}
    assert "--from-20-s" in refusal("import_scoring", path, **options)
    assert run("import_scoring", path, from_20_s=True, **options)["scored"] == 4
    scores = Scoring.objects.get().scores.order_by("epoch").values_list("stage", flat=True)
    assert list(scores)[:4] == ["W", "N1", "N2", "N2"]
