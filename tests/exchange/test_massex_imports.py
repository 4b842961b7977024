"""Imports of MASS-EX: looked at first, written as shown, and the way back the same bytes."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from annotations.downloads import FolderSink, ZipSink
from annotations.exchange.archive import write_export
from annotations.exchange.exports import exportable_scorings
from annotations.exchange.files import files_of_paths, files_of_zip
from annotations.exchange.import_work import IMPORTS, preview_files, write_files
from annotations.exchange.imports import GivenFile, request_import
from annotations.exchange.plan import Counting, ImportOptions
from annotations.scoring.assignments import assign
from annotations.scoring.lights import bring_lights
from annotations.scoring.models import EpochRevision, Scorer, Scoring
from psg.lights import Lights
from recordings.models import Recording
from studies.models import Role
from tests.helpers.adjudications import finished_scoring
from tests.helpers.massex_tables import COARSE, changing, night_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(study, tmp_path):
    """Preview files: `look({"S1.csv": text}, scorer="Anna")`."""

    def preview(files: dict[str, str], user=None, **options):
        for name, text in files.items():
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        given = files_of_paths([tmp_path / "in"])
        preview = preview_files(study, given, ImportOptions(**options), user)
        return preview.as_json()["files"]

    return preview


@pytest.fixture
def write(study, tmp_path, look):
    """Preview files and write all that would change something."""

    def confirm(files: dict[str, str], **options):
        digests = {f["path"]: f["digest"] for f in look(files, **options)}
        given = files_of_paths([tmp_path / "in"])
        results = write_files(study, given, ImportOptions(**options), None, digests=digests)
        return [result.as_json() for result in results]

    return confirm


def said(file) -> list[str]:
    return [problem["what"] for problem in file["problems"]]


@pytest.mark.parametrize(
    ("old", "new"), [("W", "W\0"), ("S1", "S\0"), ("custom_id", "custom_id\0")]
)
def test_zeros_in_a_table_are_an_error_of_the_table_and_not_of_the_worker(study, old, new):
    data = night_csv("S1", ["W", "N1"]).replace(old, new).encode()
    given = GivenFile(path="S1.csv", size=len(data), chunks=[data])
    made = request_import(study=study, files=[given], options=ImportOptions(), user=None)
    IMPORTS.run(made.pk)
    made.refresh_from_db()
    assert made.state == "ready"
    assert made.preview["files"][0]["outcome"] == "refused"


def test_a_preview_says_everything_and_writes_nothing(look, labels_only):
    rows = COARSE + "S1#0_W,S1,0,W,W.1\nS1#1_N2,S1,1,N2,\nS1#4_N2,S1,4,N2,R.1\n"
    (file,) = look({"S1.csv": rows}, scorer="Anna", counting=Counting.EPOCHS)
    assert (file["outcome"], file["recording"], file["scorer"]) == ("new", "S1", "Anna")
    assert (file["rows"], file["epochs"], file["first"], file["last"]) == (3, 10, 1, 5)
    assert file["stages"] == {"W": 1, "N1": 0, "N2": 2, "N3": 0, "R": 0}
    assert file["with_rules"] == 2
    assert said(file) == ["R.1 supports R, not N2"]
    assert not Scoring.objects.exists()
    assert not Scorer.objects.filter(kind=Scorer.Kind.IMPORT).exists()


def test_what_is_written_is_found_equal_the_next_time_and_adds_nothing(write, look, labels_only):
    files = {"S1.csv": night_csv("S1", ["W", "N1", "N2"])}
    (result,) = write(files, counting=Counting.EPOCHS)
    assert (result["epochs"], result["refused"]) == (3, "")
    scoring = Scoring.objects.get()
    assert (scoring.state, scoring.track, scoring.scorer.label) == ("submitted", "fine", "MASS-EX")
    (file,) = look(files, counting=Counting.EPOCHS)
    assert file["outcome"] == "equal"
    (again,) = write(files, counting=Counting.EPOCHS)
    assert (again["epochs"], again["refused"]) == (0, "")
    assert EpochRevision.objects.count() == 3


def test_what_differs_is_told_by_epoch_and_becomes_revisions(write, look, labels_only):
    write({"S1.csv": night_csv("S1", ["W", "N1", "N2", "N2"])}, counting=Counting.EPOCHS)
    changed = {"S1.csv": night_csv("S1", ["W", "N2", None, "N2", "N3"])}
    (file,) = look(changed, counting=Counting.EPOCHS)
    assert file["outcome"] == "different"
    told = file["changes"]
    assert (told["changed"], told["added"], told["gone"], told["same"]) == (1, 1, 1, 2)
    assert [
        (one["epoch"], one["before"]["stage"], one["after"]["stage"]) for one in told["shown"]
    ] == [
        (2, "N1", "N2"),
        (3, "N2", ""),
        (5, "", "N3"),
    ]
    (result,) = write(changed, counting=Counting.EPOCHS)
    assert result["epochs"] == 3
    scoring = Scoring.objects.get()
    stages = dict(scoring.scores.values_list("epoch", "stage"))
    assert stages == {0: "W", 1: "N2", 2: None, 3: "N2", 4: "N3"}
    history = scoring.revisions.filter(epoch=1).values_list(
        "version", "before__stage", "after__stage"
    )
    assert list(history) == [(1, None, "N1"), (2, "N1", "N2")]


def test_what_has_moved_on_since_it_was_shown_is_not_written(
    study, look, write, labels_only, tmp_path
):
    write({"S1.csv": night_csv("S1", ["W", "N1"])}, counting=Counting.EPOCHS)
    options = ImportOptions(counting=Counting.EPOCHS)
    (shown,) = look({"S1.csv": night_csv("S1", ["W", "N2"])}, counting=Counting.EPOCHS)
    write({"S1.csv": night_csv("S1", ["W", "R"])}, counting=Counting.EPOCHS)
    (tmp_path / "in/S1.csv").write_text(night_csv("S1", ["W", "N2"]))
    given = files_of_paths([tmp_path / "in"])
    digests = {shown["path"]: shown["digest"]}
    (result,) = write_files(study, given, options, None, digests=digests)
    assert "changed after the preview" in result.refused
    assert Scoring.objects.get().scores.get(epoch=1).stage == "R"


@pytest.mark.parametrize(
    ("files", "options", "told"),
    [
        ({"S1.csv": night_csv("S1", ["W"])}, {}, "contains no epoch times"),
        (
            {"S9.csv": night_csv("S9", ["W"])},
            {"counting": Counting.EPOCHS},
            "no recording or subject S9",
        ),
        (
            {"S1.csv": night_csv("S1", ["W"] * 12)},
            {"counting": Counting.EPOCHS},
            "2 epochs lie outside the recording, which has 10",
        ),
        (
            {"fine/S1.csv": night_csv("S1", ["W"]), "coarse/S1.csv": COARSE + "S1#0_W,S1,0,W,\n"},
            {"counting": Counting.EPOCHS},
            "is of the same recording and scorer",
        ),
        (
            {"S1.csv": night_csv("S1", ["W"]), "epochs.csv": "Subject,N,epoch\n"},
            {},
            "in/epochs.csv: The columns are not those of MASS-EX",
        ),
        (
            {
                "S1.csv": night_csv("S1", ["W"]),
                "epochs.csv": "Subject,N,epoch,onset_s,original_stage\nS1,0,0,0,W\nS1,1,1,30,W\n",
            },
            {},
            "epochs.csv has 1 more epochs, from N 1 on",
        ),
        (
            {
                "S1.csv": night_csv("S1", ["W"]),
                "epochs.csv": "Subject,N,epoch,onset_s,original_stage\nS1,0,0,7,W\n",
            },
            {},
            "another epoch grid",
        ),
    ],
)
def test_what_cannot_be_placed_is_refused_with_why(look, labels_only, files, options, told):
    assert told in " ".join(what for file in look(files, **options) for what in said(file))
    assert {file["outcome"] for file in look(files, **options)} >= {"refused"}


def test_a_shifted_n_is_noticed_beside_epochs_csv_and_beside_other_scorings(
    look, labels_only, tmp_path
):
    stages = changing(60)
    Recording.objects.filter(pk=labels_only.pk).update(epoch_count=60)
    labels_only.refresh_from_db()
    late = night_csv("S1", stages[1:])
    rows = "".join(f"S1,{n},{n},{30 * n},{stage}\n" for n, stage in enumerate(stages[:-1]))
    sidecar = "Subject,N,epoch,onset_s,original_stage\n" + rows
    (file,) = look({"S1.csv": late, "epochs.csv": sidecar})
    assert file["outcome"] == "refused"
    assert any("N is shifted" in what and "1 epoch later" in what for what in said(file))
    finished_scoring(labels_only, "Bea", stages)
    (tmp_path / "in/epochs.csv").unlink()
    (beside,) = look({"S1.csv": late}, counting=Counting.EPOCHS)
    assert beside["outcome"] == "new"
    assert any("Compared with Bea, N seems to be shifted" in what for what in said(beside))


def test_the_published_files_lie_on_the_epochs_that_were_staged(write, look, labels_only):
    original = finished_scoring(labels_only, "Original", [None, "W", None, "N1", "N2", None])
    options = {"counting": Counting.STAGED, "staged_by": original.scorer_id}
    (result,) = write({"S1.csv": night_csv("S1", ["W", "N1", "N2"])}, **options)
    assert result["refused"] == ""
    made = Scoring.objects.get(scorer__label="MASS-EX")
    assert dict(made.scores.values_list("epoch", "stage")) == {1: "W", 3: "N1", 4: "N2"}
    (short,) = look({"S1.csv": night_csv("S1", ["W", "N1"])}, **options)
    assert "Original has staged 3 epochs" in said(short)[0]


def test_a_scoring_in_adjudication_and_words_are_not_overwritten(write, look, labels_only):
    write({"S1.csv": night_csv("S1", ["W", "N1"])}, counting=Counting.EPOCHS)
    coarse = {"S1.csv": COARSE + "S1#0_W,S1,0,W,\n"}
    (file,) = look(coarse, counting=Counting.EPOCHS)
    assert "a coarse file would remove" in said(file)[0]
    Scoring.objects.update(state=Scoring.State.LOCKED)
    (file,) = look({"S1.csv": night_csv("S1", ["W", "N2"])}, counting=Counting.EPOCHS)
    assert "is locked and cannot be changed" in said(file)[0]


def test_who_still_scores_the_night_blind_learns_nothing(look, study, labels_only, member):
    both = member(study, Role.LEAD, Role.ANNOTATOR)
    assign(recording=labels_only, annotator=both, assigned_by=None)
    (file,) = look({"S1.csv": night_csv("S1", ["W"])}, user=both, counting=Counting.EPOCHS)
    assert file["outcome"] == "refused"
    assert "You still score S1 blind" in said(file)[0]


def test_a_subject_of_two_nights_must_be_named_by_one_of_them(look, study, labels_only):
    Recording.objects.filter(pk=labels_only.pk).update(name="S1 a")
    for name in ("S1 b", "S1 c"):
        Recording.objects.create(
            study=study, subject=labels_only.subject, name=name, state="labels_only", epoch_count=5
        )
    files = {"x.csv": night_csv("S1", ["W"]), "y.csv": night_csv("S1 c", ["W"])}
    first, second = look(files, counting=Counting.EPOCHS)
    assert "several recordings (S1 a, S1 b, S1 c)" in said(first)[0]
    assert second["recording"] == "S1 c"


def exported(folder: Path, scorings: list[Scoring]) -> dict[str, str]:
    write_export(FolderSink(folder), scorings)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def brought_back(study, sources: list[Scoring], label: str, **options) -> list[Scoring]:
    """Import the zip of an export under a label; returns what was made of it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        write_export(ZipSink(archive), sources)
    given = ImportOptions(scorer=label, **options)
    shown = preview_files(study, files_of_zip(file), given, None).files
    assert [row.outcome for row in shown] == ["new"] * len(sources), shown
    digests = {row.path: row.digest for row in shown}
    for result in write_files(study, files_of_zip(file), given, None, digests=digests):
        assert result.refused == ""
    scorer = Scorer.objects.get(study=study, label=label)
    return exportable_scorings(study, scorer, include_open=False)


@pytest.mark.long
def test_an_export_brought_back_exports_the_same_bytes_here_and_elsewhere(
    imported, study, other_study, labels_only, tmp_path
):
    labels_only.epoch0_s, labels_only.lights_off_s = 12.3, 20
    labels_only.save()
    source = imported(
        "Anna", ["W", None, "N1", "N2", "N2", None, "N3", "R"], rationale='A\r"b",\n=c'
    )
    bring_lights(scoring=source, lights=Lights(None, 250), why="import")
    source.scores.create(epoch=8, stage=None, source_text="Movement")
    before = exported(tmp_path / "before", [source])
    assert exported(tmp_path / "here", brought_back(study, [source], "Back")) == before
    elsewhere = brought_back(other_study, [source], "Anna", make_nights=True)
    assert exported(tmp_path / "there", elsewhere) == before


@pytest.mark.long
def test_the_command_says_first_and_writes_when_told(
    imported, study, other_study, tmp_path, capsys
):
    exported(tmp_path / "out", [imported("Anna", ["W", None, "N2"], rationale="Words.")])
    words = [str(tmp_path / "out"), "--study", other_study.slug, "--json", "--make-nights"]

    def told(*more: str) -> dict:
        call_command("import_massex", *words, *more)
        return json.loads(capsys.readouterr().out)

    said_first = told()
    assert [file["outcome"] for file in said_first["files"]] == ["new"]
    assert said_first["results"] == []
    assert not other_study.recordings.exists()
    assert [result["epochs"] for result in told("--write")["results"]] == [2]
    assert [file["outcome"] for file in told("--revise")["files"]] == ["equal"]
    (tmp_path / "S9.csv").write_text(night_csv("S9", ["W"]))
    with pytest.raises(CommandError, match="Some files cannot be imported"):
        call_command("import_massex", str(tmp_path / "S9.csv"), "--study", study.slug, "--write")
    assert "S9.csv: refused, S9, no night here, by MASS-EX" in capsys.readouterr().out
