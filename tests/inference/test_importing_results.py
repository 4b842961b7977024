"""Predictions of the published project as a scoring by a model with its replies."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from annotations.scoring.models import Scorer
from inference.models import ModelBundle, PreScoreRun, Reply
from inference.registry.promotions import PromotionRefusedError, decide
from inference.runs.lifecycle import RunRefusedError, start_run
from recordings.models import Recording, Subject
from tests.helpers.adjudications import finished_scoring
from tests.helpers.published_results import published_line, write_results

pytestmark = pytest.mark.django_db
STAGED = ["W", "N1", None, "N2", "N2", "R"]


@pytest.fixture
def night(study) -> Recording:
    """Six epochs by Anna, the third without a stage."""
    recording = Recording.objects.create(
        study=study,
        subject=Subject.objects.create(study=study, code="01-03-0001"),
        name="Night 1",
        state=Recording.State.LABELS_ONLY,
        epoch_count=len(STAGED),
        duration_s=30 * len(STAGED),
    )
    finished_scoring(recording, "Anna", STAGED)
    return recording


@pytest.fixture
def load(study, tmp_path):
    """Import lines: `load(lines, "--reference", "Anna")` gives the answer of the command."""

    def run(lines, *options: str, model: str = "theirs") -> dict:
        out = StringIO()
        path = write_results(tmp_path / "results.jsonl", lines)
        named = ["--study", study.slug, "--model", model, "--json"]
        call_command("import_results", str(path), *named, *options, stdout=out)
        return json.loads(out.getvalue())

    return run


LINES = [
    published_line(1, "N1", "W", rules=["W.1"]),
    published_line(2, "N2", "N2", rules=["N2.1"]),
    published_line(3, "N2", None),
]
REFERENCE = ("--reference", "Anna")


def test_predictions_become_a_finished_scoring_by_a_model_with_its_replies(night, load):
    (imported,) = load(LINES, *REFERENCE)["runs"]
    assert (imported["epochs"], imported["unparsed"]) == (3, 1)
    assert imported["faults"] == {"no_json": 1}
    run = PreScoreRun.objects.get(pk=imported["run"])
    scores = run.scoring.scores.order_by("epoch")
    assert [(s.epoch, s.stage, s.rules) for s in scores] == [(1, "W", ["W.1"]), (3, "N2", ["N2.1"])]
    assert scores[0].rationale == "Seen."
    assert not run.scoring.is_open
    assert (run.state, run.total, run.done, run.failed_count) == ("done", 3, 3, 1)
    assert run.scoring.scorer.kind == Scorer.Kind.MODEL
    texts = dict(Reply.objects.filter(run=run).values_list("epoch", "text"))
    assert texts == {1: LINES[0]["output"], 3: LINES[1]["output"], 4: "I cannot tell."}
    assert run.about["file"] == "results.jsonl"


def test_n_may_be_the_epoch_or_come_from_epochs_csv(night, load, tmp_path):
    load(LINES, "--n-is-epoch")
    epochs = tmp_path / "epochs.csv"
    rows = [f"01-03-0001,{n},{epoch},{30 * epoch},W" for n, epoch in enumerate([0, 1, 4, 5])]
    epochs.write_text("\n".join(["Subject,N,epoch,onset_s,original_stage", *rows]) + "\n")
    load(LINES, "--epochs", str(epochs), model="other")
    placed = Reply.objects.values_list("run__bundle__name", "epoch").order_by("epoch")
    assert [epoch for name, epoch in placed if name == "theirs"] == [1, 2, 3]
    assert [epoch for name, epoch in placed if name == "other"] == [1, 4, 5]


@pytest.mark.parametrize(
    ("line", "options", "why"),
    [
        (published_line(1, "W", "W", subject="S9"), REFERENCE, r"no recording S9.*\(line 4\)"),
        (published_line(4, "W", "W"), REFERENCE, r"reference of Night 1 has another.*\(line 4\)"),
        (published_line(5, "W", "W"), REFERENCE, r"Night 1 has no row 5.*\(line 4\)"),
        (published_line(6, "W", "W"), ["--n-is-epoch"], r"longer than Night 1.*\(line 4\)"),
        (LINES[0], REFERENCE, r"also on line 1 \(line 4\)"),
    ],
)
def test_what_does_not_fit_is_refused_by_line_and_nothing_is_imported(
    night, load, line, options, why
):
    with pytest.raises(CommandError, match=why):
        load([*LINES, line], *options)
    assert not PreScoreRun.objects.exists()
    assert not ModelBundle.objects.filter(name="theirs").exists()


def test_a_second_file_of_the_same_model_and_night_is_refused(night, load):
    load(LINES, *REFERENCE)
    with pytest.raises(CommandError, match="predictions already of Night 1"):
        load(LINES, *REFERENCE)
    assert PreScoreRun.objects.count() == 1


def test_the_name_of_a_model_that_runs_here_is_refused(night, load, rules_bundle):
    version = ("--model-version", rules_bundle.version)
    with pytest.raises(CommandError, match="a model that this site runs"):
        load(LINES, *REFERENCE, *version, model=rules_bundle.name)


@pytest.mark.parametrize("name", ["Their Model", "x" * 64, ""])
def test_a_name_that_no_model_may_have_is_refused(night, load, name):
    with pytest.raises(CommandError, match="is not a bundle name"):
        load(LINES, *REFERENCE, model=name)


def test_two_subjects_that_are_the_same_recording_are_refused(night, load):
    other = published_line(1, "N1", "W", subject="Night 1")
    with pytest.raises(CommandError, match=r"another subject of the file.*\(line 4\)"):
        load([*LINES, other], *REFERENCE)


def test_such_a_model_cannot_be_run_and_its_pages_open(
    night, load, study, client_of, lead, make_noise_night
):
    (imported,) = load(LINES, *REFERENCE)["runs"]
    bundle = ModelBundle.objects.get(name="theirs")
    with pytest.raises(RunRefusedError, match="its predictions were imported"):
        start_run(recording=make_noise_night(name="Night 2"), bundle=bundle)
    with pytest.raises(PromotionRefusedError, match="cannot be run here"):
        decide(study=study, bundle=bundle, decision="promoted", reason="Best.", user=lead)
    client = client_of(lead)
    for address in (
        reverse("inference:models", args=[study.slug]),
        reverse("inference:run", args=[imported["run"]]),
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert "theirs" in page.content.decode()
