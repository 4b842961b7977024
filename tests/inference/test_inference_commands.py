"""add_bundle and prescore, as a shell calls them."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from inference.models import ModelBundle, PreScoreRun
from inference.registry.bundles import built_in_folder, find_bundle
from recordings.models import Recording
from tests.helpers.prescoring import TINY_REPLY, write_bundle

pytestmark = pytest.mark.django_db


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.torch
def test_a_bundle_is_added_once_and_its_scorer_says_where_its_scores_come_from(taught_bundle):
    added = json.loads(run_command("add_bundle", str(taught_bundle), "--json"))
    assert added["created"]
    again = json.loads(run_command("add_bundle", str(taught_bundle), "--json"))
    assert again == {**added, "created": False}
    provenance = ModelBundle.objects.get(name="taught").scorer.provenance
    assert provenance["weights_sha256"] == added["weights_sha256"]
    assert provenance["prompt_sha256"] == added["prompt_sha256"]


@pytest.mark.torch
def test_the_same_bundle_may_go_by_another_name(taught_bundle):
    run_command("add_bundle", str(taught_bundle))
    run_command("add_bundle", str(taught_bundle), "--name", "second")
    labels = {find_bundle(name).scorer.label for name in ("taught", "second")}
    assert len(labels) == 2


@pytest.mark.torch
def test_another_prompt_under_the_same_name_and_version_is_refused(tiny_bundle, tmp_path):
    folder = tmp_path / "changed"
    (folder / "checkpoint").mkdir(parents=True)
    for path in (tiny_bundle / "checkpoint").iterdir():
        (folder / "checkpoint" / path.name).write_bytes(path.read_bytes())
    run_command("add_bundle", str(write_bundle(folder)))
    (folder / "prompt.md").write_text("Something else.")
    with pytest.raises(CommandError, match="another bundle tiny, version 1"):
        run_command("add_bundle", str(folder))


def test_a_bundle_on_the_published_grid_is_refused_with_the_reason(tmp_path):
    declared = (built_in_folder("rules") / "bundle.toml").read_text("utf-8")
    (tmp_path / "bundle.toml").write_text(f'grid = "published"\n{declared}', "utf-8")
    with pytest.raises(CommandError, match="a recording to pre-score has no labels"):
        run_command("add_bundle", str(tmp_path))


def test_a_folder_that_is_no_bundle_is_refused_in_one_line(tmp_path):
    with pytest.raises(CommandError, match=r"no bundle\.toml") as refused:
        run_command("add_bundle", str(tmp_path))
    assert "\n" not in str(refused.value)


def test_a_night_is_pre_scored_by_the_rules_without_a_worker(noise_night):
    text = run_command("prescore", "--recording", "S1", "--bundle", "rules", "--wait", "--json")
    told = json.loads(text)
    assert (told["state"], told["epochs"], told["scored"], told["failed"]) == ("done", 10, 10, 0)
    scores = PreScoreRun.objects.get().scoring.scores.all()
    assert all(score.stage and score.rationale for score in scores)
    assert any(score.evidence for score in scores)


@pytest.mark.torch
def test_a_night_is_pre_scored_by_a_checkpoint(noise_night, taught):
    run_command("prescore", "--recording", "S1", "--bundle", "taught", "--wait")
    run = PreScoreRun.objects.get()
    assert (run.state, run.done, run.failed_count) == ("done", 10, 0)
    assert set(run.scoring.scores.values_list("stage", "rationale")) == {
        ("N2", "A spindle in C4-M1.")
    }
    assert run.replies.filter(text=TINY_REPLY).count() == 10
    assert run.renderer_version
    hashes = list(run.replies.order_by("epoch").values_list("pixel_sha256", flat=True))
    assert all(len(of_window) == 3 for of_window in hashes)
    assert hashes[1][1] == hashes[0][2] == hashes[2][0]  # one image, in three windows


@pytest.mark.torch
def test_a_night_of_unreadable_replies_ends_with_every_epoch_failed_and_kept(
    noise_night, tiny_bundle
):
    run_command("add_bundle", str(tiny_bundle))
    run_command("prescore", "--recording", "S1", "--bundle", "tiny", "--wait")
    run = PreScoreRun.objects.get()
    assert (run.state, run.done, run.failed_count) == ("done", 10, 10)
    assert run.scoring.scores.count() == 0
    assert run.replies.exclude(text="").count() == 10


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--recording", "S9", "--bundle", "rules"], "no recording named S9"),
        (["--recording", "S1", "--bundle", "gpt"], "Known bundles: rules"),
        (["--recording", "S1", "--bundle", "rules", "--study", "other"], "in study other"),
    ],
)
def test_a_name_that_is_not_known_is_refused_in_one_line(noise_night, arguments, says):
    with pytest.raises(CommandError, match=says) as refused:
        run_command("prescore", *arguments)
    assert "\n" not in str(refused.value)


def test_a_whole_study_is_pre_scored_without_a_worker(noise_night, make_noise_night, study):
    make_noise_night(name="S2")
    text = run_command("prescore", "--study", study.slug, "--bundle", "rules", "--wait", "--json")
    told = json.loads(text)["runs"]
    assert [(run["recording"], run["state"], run["done"]) for run in told] == [
        ("S1", "done", 10),
        ("S2", "done", 10),
    ]
    with pytest.raises(CommandError, match="no recording to pre-score"):
        run_command("prescore", "--study", study.slug, "--bundle", "rules")


def test_neither_a_recording_nor_a_study_is_refused(rules_bundle):
    with pytest.raises(CommandError, match="--recording"):
        run_command("prescore", "--bundle", "rules")


def test_a_name_that_two_studies_have_needs_the_study(noise_night, other_study, make_noise_night):
    other = make_noise_night(np.zeros((2, 6, 3000), dtype="float32"), name="S2")
    Recording.objects.filter(pk=other.pk).update(name="S1", study=other_study)
    with pytest.raises(CommandError, match="--study"):
        run_command("prescore", "--recording", "S1", "--bundle", "rules")


@pytest.mark.torch
def test_a_bundle_changed_after_registration_stops_the_run_with_its_reason(
    noise_night, tiny_bundle
):
    run_command("add_bundle", str(tiny_bundle))
    ModelBundle.objects.filter(name="tiny").update(prompt_sha256="0" * 64)
    with pytest.raises(CommandError, match="changed since it was registered"):
        run_command("prescore", "--recording", "S1", "--bundle", "tiny", "--wait")
    assert PreScoreRun.objects.get().state == PreScoreRun.State.FAILED
