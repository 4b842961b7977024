"""Stage files are previewed onto recordings that are there, and written as the preview showed."""

import json
import tempfile
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from annotations.exchange import imports, stage_planning
from annotations.exchange.imports import (
    GivenFile,
    ImportRefusedError,
    confirm_import,
    discard_import,
    look_again,
    request_scoring_import,
)
from annotations.exchange.models import ScoringImport
from annotations.exchange.scoring_files import import_stages
from annotations.exchange.stage_plan import StageImportOptions, StagesPreview, letters_of
from annotations.exchange.stage_work import SCORING_IMPORTS
from annotations.scoring.models import ScoredEvent, Scorer, Scoring
from psg.errors import StageFileError
from psg.stagefiles import StageOptions
from psg.stages import Stage
from recordings.models import Recording
from studies.members import add_member
from studies.models import AuditEvent, Role
from tests.helpers.nights import files_below

pytestmark = pytest.mark.django_db

NAMES = ["W", "N1", "N2", "N2", "N3", "N3", "R", "R", "R", "W"]
LINES = "".join(f"{name}\n" for name in NAMES)


def given(files):
    return [
        GivenFile(path=path, size=len(text), chunks=[text.encode()]) for path, text in files.items()
    ]


@pytest.fixture
def read(study, lead):
    """Request an import of files by their paths, and read them: `read({"S1.txt": "W"})`."""

    def read(files, user=None, **options) -> ScoringImport:
        made = request_scoring_import(
            study=study, files=given(files), options=StageImportOptions(**options), user=user
        )
        SCORING_IMPORTS.run(made.pk)
        made.refresh_from_db()
        return made

    return read


def rows(made):
    return StagesPreview.from_json(made.preview).files


def write(made):
    paths = [row.path for row in rows(made) if row.outcome == "new"]
    confirm_import(file_import=made, paths=paths)
    SCORING_IMPORTS.run(made.pk)
    made.refresh_from_db()
    return made.results


def test_a_preview_shows_the_stages_and_writes_nothing(read, labels_only):
    made = read({"S1.txt": LINES}, scorer="Anna")
    (row,) = rows(made)
    assert (row.outcome, row.recording, row.recording_id) == ("new", "S1", labels_only.pk)
    (scorer,) = row.scorers
    assert (scorer.scorer, scorer.hypnogram) == ("Anna", "W12233RRRW")
    assert scorer.stages == [Stage(name) for name in NAMES]
    assert not Scoring.objects.exists()
    assert not Scorer.objects.filter(kind=Scorer.Kind.IMPORT).exists()


def test_what_was_confirmed_is_written_once_and_is_equal_from_then_on(read, labels_only):
    made = read({"S1.txt": LINES}, scorer="Anna")
    (result,) = write(made)
    assert (result["epochs"], result["refused"], result["night"]) == (10, "", "S1")
    scoring = Scoring.objects.get()
    assert (scoring.scorer.label, scoring.state) == ("Anna", "submitted")
    assert rows(made)[0].scorers[0].hypnogram == ""
    assert AuditEvent.objects.get(act="scorings_imported").details == {"files": 1, "refused": 0}
    assert not made.file
    (row,) = rows(read({"S1.txt": LINES}, scorer="Anna"))
    assert row.outcome == "equal"
    (row,) = rows(read({"S1.txt": LINES.replace("R", "W")}, scorer="Anna"))
    assert "another scoring by Anna" in row.problem


def test_a_preview_that_is_out_of_date_is_not_written(read, labels_only):
    made = read({"S1.txt": LINES}, scorer="Anna")
    Recording.objects.filter(pk=labels_only.pk).update(epoch_count=11, duration_s=330)
    (result,) = write(made)
    assert "changed after the preview" in result["refused"]
    assert not Scoring.objects.exists()


def test_names_say_recording_and_scorer_and_one_bad_file_stops_no_other(read, labels_only):
    made = read(
        {"a/S1_anna.txt": LINES, "a/S1_ben.txt": "W\nNonsense\n", "a/S2_anna.txt": LINES},
        pattern="{recording}_{scorer}.txt",
    )
    anna, ben, other = rows(made)
    assert (anna.outcome, anna.scorers[0].scorer) == ("new", "anna")
    assert ben.outcome in ("open", "refused")
    assert "no recording" in other.problem
    write(made)
    assert Scoring.objects.get().scorer.label == "anna"


def test_recordings_without_signals_are_as_long_as_their_longest_file(read, study):
    made = read(
        {"SN1_s1.txt": LINES, "SN1_s2.txt": LINES + "W\n", "SN2_s1.txt": LINES},
        pattern="{recording}_{scorer}.txt",
        make_nights=True,
    )
    assert [row.makes_night for row in rows(made)] == [True] * 3
    assert not Recording.objects.exists()
    assert all(not result["refused"] for result in write(made))
    made_nights = dict(Recording.objects.values_list("name", "epoch_count"))
    assert made_nights == {"SN1": 11, "SN2": 10}
    assert Scoring.objects.count() == 3


def test_an_open_question_is_shown_and_its_answer_makes_the_file_ready(read, labels_only):
    codes = json.dumps([0, 1, 2, 2, 3, 3, 4, 4, 4, 0])
    made = read({"S1.json": codes}, scorer="Anna")
    (row,) = rows(made)
    assert (row.outcome, [doubt.code for doubt in row.questions]) == ("open", ["codes"])
    with pytest.raises(ImportRefusedError):
        confirm_import(file_import=made, paths=["S1.json"])
    look_again(
        file_import=made,
        options=StageImportOptions(scorer="Anna", stages=StageOptions(codes="yasa")),
    )
    SCORING_IMPORTS.run(made.pk)
    made.refresh_from_db()
    assert rows(made)[0].scorers[0].hypnogram == letters_of([Stage(name) for name in NAMES])


def test_events_of_a_file_are_counted_and_kept(read, labels_only):
    table = "onset,duration,description\n" + "".join(
        f"{30 * n},30,Sleep stage {name}\n" for n, name in enumerate(NAMES)
    )
    made = read({"S1.csv": table + "40,5,Arousal\n"}, scorer="Anna")
    assert rows(made)[0].scorers[0].events == 1
    write(made)
    assert ScoredEvent.objects.get().kind == "arousal"


def test_a_lead_who_scores_the_night_blind_gets_no_preview_of_it(read, scoring):
    (row,) = rows(read({"S1.txt": LINES}, user=scoring.scorer.user, recording=scoring.recording_id))
    assert "blind" in row.problem
    assert row.scorers == ()


def test_a_blind_recording_closes_the_preview_of_no_other(read, scoring, study, lead, client_of):
    add_member(study=study, user=scoring.scorer.user, role=Role.LEAD)
    made = read(
        {"S1.txt": LINES, "S2.txt": LINES},
        user=scoring.scorer.user,
        make_nights=True,
    )
    assert [row.outcome for row in rows(made)] == ["refused", "new"]
    page = client_of(scoring.scorer.user).get(f"/scoring-imports/{made.pk}/")
    assert page.status_code == 200
    assert "still score" in page.text


def test_a_scorer_whose_name_is_too_long_is_refused_alone(read, labels_only):
    files = {"S1_anna.txt": LINES, f"S1_{'s' * 121}.txt": LINES}
    made = read(files, pattern="{recording}_{scorer}.txt")
    assert [row.outcome for row in rows(made)] == ["new", "refused"]
    assert [result["refused"] for result in write(made)] == [""]


@pytest.mark.parametrize("name", ["s" * 121, "Dr\0Who", "Anna\nBen"])
def test_no_way_makes_a_scorer_whose_name_cannot_be_stored(labels_only, name):
    with pytest.raises(StageFileError, match="name of the scorer"):
        import_stages(recording=labels_only, scorer_label=name, stages=[Stage.W] * 10)


def test_a_long_text_that_means_no_stage_is_imported(read, labels_only):
    text = "Besuch " * 20
    lines = LINES.replace("N1", text.strip())
    made = read({"S1.txt": lines}, scorer="Anna", stages=StageOptions(unscored=(text.strip(),)))
    assert [result["refused"] for result in write(made)] == [""]


def test_a_discarded_import_leaves_nothing(read, labels_only):
    made = read({"S1.txt": LINES, "S2.txt": "W\nBesuch\n"}, make_nights=True)
    discard_import(file_import=made)
    made.refresh_from_db()
    assert (made.state, bool(made.file)) == ("discarded", False)
    assert (made.preview, made.chosen) == (None, [])


def test_what_stays_of_an_import_names_no_file(read, labels_only):
    made = read({"Doe/S1.txt": LINES}, scorer="Anna", copies={"Doe/S1.txt": "own"})
    write(made)
    columns = [made.preview, made.results, made.options, made.chosen, made.error]
    assert "Doe" not in json.dumps(columns)
    assert (made.results[0]["night"], made.results[0]["scorer"]) == ("S1", "Anna")
    left = read({"Doe/S1.txt": LINES}, copies={"Doe/S1.txt": "own"})
    discard_import(file_import=left)
    left.refresh_from_db()
    assert "Doe" not in json.dumps([left.preview, left.options, left.chosen, left.error])


def test_a_preview_that_was_read_again_since_is_not_confirmed(read, labels_only):
    made = read({"S1.txt": LINES}, scorer="Anna")
    seen = made.preview_digest
    look_again(file_import=made, options=StageImportOptions(scorer="Ben"))
    SCORING_IMPORTS.run(made.pk)
    with pytest.raises(ImportRefusedError, match="read again since"):
        confirm_import(file_import=made, paths=["S1.txt"], seen=seen)
    made.refresh_from_db()
    confirm_import(file_import=made, paths=["S1.txt"], seen=made.preview_digest)


def test_files_that_are_not_chosen_still_count_for_the_length_of_a_new_recording(read, study):
    made = read(
        {"SN1_s1.txt": LINES, "SN1_s2.txt": LINES + "W\n"},
        pattern="{recording}_{scorer}.txt",
        make_nights=True,
    )
    confirm_import(file_import=made, paths=["SN1_s1.txt"])
    SCORING_IMPORTS.run(made.pk)
    made.refresh_from_db()
    (result,) = made.results
    assert (result["refused"], result["epochs"]) == ("", 10)
    assert Recording.objects.get().epoch_count == 11


def test_files_are_read_on_the_disk_of_uploads_and_leave_nothing(
    read, labels_only, media, monkeypatch, tmp_path
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "away"))
    (row,) = rows(read({"S1.txt": LINES}))
    assert row.outcome == "new"
    assert len(files_below(media)) == 1


def test_two_files_of_one_scorer_and_recording_are_told(read, labels_only):
    _, second = rows(read({"a/S1.txt": LINES, "b/S1.txt": LINES}, scorer="Anna"))
    assert "same recording and scorer" in second.problem


def test_an_import_that_is_confirmed_meanwhile_stops_no_hourly_sweep(
    read, labels_only, monkeypatch
):
    for _ in range(2):
        read({"S1.txt": LINES}, make_nights=True)
    ScoringImport.objects.update(created_at=timezone.now() - timedelta(days=8))
    discard = imports.discard_import

    def and_the_other_is_confirmed(*, file_import):
        discard(file_import=file_import)
        ScoringImport.objects.exclude(pk=file_import.pk).update(state="waiting")

    monkeypatch.setattr(imports, "discard_import", and_the_other_is_confirmed)
    assert imports.discard_expired() == 1
    states = ScoringImport.objects.values_list("state", flat=True)
    assert sorted(states) == ["discarded", "waiting"]


def test_why_a_file_was_refused_at_the_writing_names_no_file(read, labels_only, monkeypatch):
    made = read({"Doe/S1.txt": LINES}, scorer="Anna")

    def and_there_is_another_file(plan, *_):
        raise StageFileError("Doe/S2.txt is of the same recording and scorer.")

    monkeypatch.setattr(stage_planning, "_compare", and_there_is_another_file)
    (result,) = write(made)
    assert "now has errors" in result["refused"]
    assert "Doe" not in json.dumps(made.results)


def test_the_names_of_files_go_from_earlier_imports_also_if_it_is_done_again(read, labels_only):
    made = read({"Doe/S1.txt": LINES}, scorer="Anna")
    preview = made.preview
    write(made)
    refused = {
        **made.results[0],
        "path": "b.txt",
        "refused": "Doe/S1.txt is of the same recording.",
    }
    made.preview, made.results = preview, [{**made.results[0], "path": "Doe/S1.txt"}, refused]
    made.save()
    migration = import_module("annotations.migrations.0025_forget_files_of_imports")
    for _ in range(2):
        migration.forget(apps, None)
        made.refresh_from_db()
        assert "Doe" not in json.dumps([made.preview, made.results])
        assert [result["refused"] for result in made.results] == ["", "This file had errors."]
        assert len(made.preview["files"]) == 1
