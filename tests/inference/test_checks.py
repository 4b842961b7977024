"""Trials of a bundle on three windows, from the shell and from a page."""

import json
import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inference.models import BundleCheck, ModelBundle
from inference.registry import bundles
from inference.registry.trials import CHECKS, ask_for_check, check_next
from tests.helpers.jobs import expire
from tests.helpers.model_server import write_server_bundle
from tests.helpers.prescoring import write_bundle

pytestmark = pytest.mark.django_db


def check(name) -> dict:
    out = StringIO()
    try:
        call_command("check_bundle", str(name), "--json", stdout=out)
    except CommandError as failed:
        return {**json.loads(out.getvalue()), "error": str(failed)}
    return json.loads(out.getvalue())


def test_the_rules_say_what_they_see_in_three_windows(rules_bundle):
    outcome = check("rules")
    assert outcome["passed"]
    assert [window["epoch"] for window in outcome["windows"]] == [0, 12, 24]
    assert all(window["stage"] and window["rationale"] for window in outcome["windows"])


def test_replies_that_cannot_be_read_fail_the_check_and_are_shown(
    server,
    tmp_path,
    monkeypatch,
):
    monkeypatch.setenv("MODEL_SERVERS", server.url)
    folder = write_server_bundle(tmp_path)
    assert check(folder)["passed"]
    server.reply = "It is N2, I am sure."
    outcome = check(folder)
    assert "3 of 3 replies could not be read" in outcome["error"]
    assert outcome["windows"][0]["text"] == "It is N2, I am sure."


def break_config(checkpoint):
    (checkpoint / "config.json").write_text('{"model_type": "llama"}')


def cut_weights(checkpoint):
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


@pytest.mark.torch
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda checkpoint: shutil.rmtree(checkpoint), "not in the bundle folder"),
        (cut_weights, "copied only in part"),
        (break_config, "The architecture is llama"),
        (lambda checkpoint: (checkpoint.parent / "prompt.md").unlink(), "“prompt.md” is not in"),
    ],
)
def test_the_fault_of_a_damaged_bundle_is_named(taught_bundle, tmp_path, damage, says):
    shutil.copytree(taught_bundle / "checkpoint", tmp_path / "checkpoint")
    write_bundle(tmp_path)
    damage(tmp_path / "checkpoint")
    assert says in check(tmp_path)["error"]


def test_a_bundle_no_worker_here_can_load_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("MODEL_SERVERS", raising=False)
    assert "set MODEL_SERVERS for the worker" in check(write_server_bundle(tmp_path))["error"]


def test_a_lead_asks_for_a_check_and_reads_its_outcome(client_of, lead, study, rules_bundle):
    client = client_of(lead)
    page = f"/studies/{study.slug}/models/"
    for _ in range(2):
        client.post(f"{page}{rules_bundle.pk}/check/")
    assert BundleCheck.objects.get().state == "queued"
    assert "data-check-live" in client.get(page).content.decode()
    assert not check_next(adapters=["yasa"])
    assert check_next(adapters=["rules"])
    shown = client.get(page).content.decode()
    assert "Check: passed" in shown
    assert "Replies for three test windows" in shown
    outcome = client.get(f"/api/v1/studies/{study.slug}/bundles/").json()["bundles"][0]["check"]
    assert (outcome["state"], len(outcome["windows"])) == ("passed", 3)


def test_a_check_that_fails_says_why_on_the_page(client_of, lead, study, rules_bundle, tmp_path):
    ModelBundle.objects.update(folder=str(tmp_path))
    bundles._loaded.clear()
    client = client_of(lead)
    url = f"/api/v1/studies/{study.slug}/bundles/{rules_bundle.pk}/check/"
    assert client.post(url).json()["state"] == "queued"
    check_next(adapters=["rules"])
    assert "no bundle.toml" in client.get(f"/studies/{study.slug}/models/").content.decode()


def test_a_check_whose_worker_was_killed_is_done_by_the_next(rules_bundle):
    check = ask_for_check(bundle=rules_bundle)
    assert CHECKS.claim(check.pk)
    assert not check_next(adapters=["rules"])
    expire(check)
    CHECKS.sweep()
    assert ask_for_check(bundle=rules_bundle) == check
    assert check_next(adapters=["rules"])
    check.refresh_from_db()
    assert (check.state, check.attempt, check.report["error"]) == ("passed", 2, "")


def test_a_check_that_an_earlier_version_left_at_work_is_done(rules_bundle):
    check = ask_for_check(bundle=rules_bundle)
    BundleCheck.objects.update(state="running")
    assert check_next(adapters=["rules"])
    check.refresh_from_db()
    assert check.state == "passed"


def test_a_check_that_kills_every_worker_says_so_on_the_page(client_of, lead, study, rules_bundle):
    check = ask_for_check(bundle=rules_bundle)
    while CHECKS.claim(check.pk):
        expire(check)
    CHECKS.sweep()
    page = client_of(lead).get(f"/studies/{study.slug}/models/").content.decode()
    assert "Check: failed" in page
    assert "The worker stopped 3 times while trying this model." in page
