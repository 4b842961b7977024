"""Scorings from files land on the right epochs or are refused whole."""

import pytest

from annotations.exchange.scoring_files import import_scoring_file, import_stages
from annotations.scoring.models import EpochRevision, Scoring
from psg.errors import OffGridError, StageFileError
from psg.stages import Stage

pytestmark = pytest.mark.django_db

STAGES = [Stage.W, Stage.N1, None, Stage.N2, Stage.N2, Stage.N3, Stage.R, Stage.R, None, Stage.W]


def test_stages_become_a_submitted_scoring_with_a_revision_each(labels_only):
    scoring = import_stages(recording=labels_only, scorer_label="Anna", stages=STAGES)
    assert scoring.state == Scoring.State.SUBMITTED
    assert dict(scoring.scores.values_list("epoch", "stage")) == {
        n: stage for n, stage in enumerate(STAGES) if stage
    }
    assert set(scoring.revisions.values_list("why", flat=True)) == {EpochRevision.Why.IMPORT}
    labels_only.refresh_from_db()
    assert labels_only.grid_frozen


def test_the_same_scorer_twice_is_refused_and_changes_nothing(labels_only):
    import_stages(recording=labels_only, scorer_label="Anna", stages=STAGES)
    with pytest.raises(StageFileError, match="already"):
        import_stages(recording=labels_only, scorer_label="Anna", stages=STAGES)
    assert Scoring.objects.count() == 1


def test_a_stage_file_off_the_start_with_a_gap_lands_on_its_epochs(labels_only, tmp_path):
    labels_only.epoch0_s = 12.3
    labels_only.save()
    path = tmp_path / "stages.csv"
    path.write_text("onset,duration,stage\n12.3,30,W\n42.3,30,Sleep stage 2\n192.3,30,REM\n")
    scoring = import_scoring_file(recording=labels_only, scorer_label="Anna", path=path).scoring
    stored = scoring.scores.values_list("epoch", "stage", "source_text")
    assert list(stored) == [(0, "W", "W"), (1, "N2", "Sleep stage 2"), (6, "R", "REM")]


def massex(tmp_path, *lines):
    path = tmp_path / "S1.csv"
    path.write_text("\n".join(["custom_id,Subject,N,Stage,applicable_rules", *lines]) + "\n")
    return path


def sidecar(tmp_path, *lines):
    path = tmp_path / "epochs.csv"
    path.write_text("\n".join(["Subject,N,epoch,onset_s,original_stage", *lines]) + "\n")
    return path


def test_massex_without_its_times_is_refused_unless_declared(labels_only, tmp_path):
    path = massex(tmp_path, "S1#4_N2,S1,4,N2,N2.1")
    with pytest.raises(StageFileError, match=r"epochs\.csv"):
        import_scoring_file(recording=labels_only, scorer_label="Anna", path=path)
    scoring = import_scoring_file(
        recording=labels_only, scorer_label="Anna", path=path, n_is_index=True
    ).scoring
    assert list(scoring.scores.values_list("epoch", "rules")) == [(4, ["N2.1"])]


@pytest.mark.parametrize(
    ("times", "refusal"),
    [
        ("S1,0,3,97,N2", OffGridError),
        ("S1,0,10,300,N2", StageFileError),
        ("S1,1,3,90,N2", StageFileError),
        ("S2,0,3,90,N2", StageFileError),
    ],
)
def test_times_that_do_not_fit_the_recording_are_refused(labels_only, tmp_path, times, refusal):
    with pytest.raises(refusal):
        import_scoring_file(
            recording=labels_only,
            scorer_label="Anna",
            path=massex(tmp_path, "S1#0_N2,S1,0,N2,"),
            epochs_path=sidecar(tmp_path, times),
        )
    assert not Scoring.objects.exists()
