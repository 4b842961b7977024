"""API and pages of runs, by role."""

import re
from collections.abc import Callable, Iterator

import pytest

from annotations.scoring.scorings import submit_scoring
from inference.adapters import RawReply
from inference.models import ModelBundle, PreScoreRun
from inference.runs import work
from inference.runs.lifecycle import start_run
from inference.runs.replies import store_replies
from inference.runs.work import CHUNKS
from jobs.workers import WorkerBeat, announce, connect, withdraw
from studies.models import Role
from tests.helpers.early import assigned_early

pytestmark = pytest.mark.django_db
SECRET_WORDS = "Seventeen spindles, said the model."
GOOD = f'{{"reasoning_text": "{SECRET_WORDS}", "applicable_rules": ["N2.1"], "sleep_stage": "N2"}}'


class Scripted:
    """Answers GOOD but for epoch 2."""

    renderer_version = ""
    about: dict[str, str] = {}

    def replies(self, night, epochs):
        yield [RawReply(epoch=e, text="<b>no</b> idea" if e == 2 else GOOD) for e in epochs]


@pytest.fixture
def run(noise_night, rules_bundle) -> PreScoreRun:
    return start_run(recording=noise_night, bundle=rules_bundle)


@pytest.fixture
def finished(run, monkeypatch) -> PreScoreRun:
    monkeypatch.setattr(work, "adapter_of", lambda bundle: Scripted())
    CHUNKS.run(run.chunks.get().pk)
    run.refresh_from_db()
    return run


@pytest.fixture
def lead_client(client_of, lead):
    return client_of(lead)


def start(client, study, recording, bundle="rules"):
    return client.post(
        f"/api/v1/studies/{study.slug}/runs/",
        {"recording": recording.pk, "bundle": bundle},
        content_type="application/json",
    )


def test_a_lead_starts_a_run_and_watches_it(lead_client, study, noise_night):
    answer = start(lead_client, study, noise_night)
    assert answer.status_code == 201
    run = answer.json()
    assert (run["state"], run["done"], run["total"]) == ("queued", 0, 10)
    watched = lead_client.get(f"/api/v1/runs/{run['id']}/").json()
    assert watched["bundle"] == "rules"
    assert lead_client.get(f"/api/v1/studies/{study.slug}/runs/").json()["runs"][0] == watched


def test_a_run_without_a_worker_says_so(lead_client, run):
    assert "No pre-scoring worker" in lead_client.get(f"/api/v1/runs/{run.pk}/").json()["message"]
    assert "No pre-scoring worker" in lead_client.get(f"/runs/{run.pk}/").content.decode()


def test_progress_has_a_rate_and_the_time_left(lead_client, run):
    lease = CHUNKS.claim(run.chunks.get().pk)
    store_replies(chunk=lease, raw_replies=[RawReply(epoch=e, text=GOOD) for e in range(4)])
    told = lead_client.get(f"/api/v1/runs/{run.pk}/").json()
    assert (told["state"], told["done"]) == ("running", 4)
    assert told["epochs_per_s"] > 0
    assert told["rate"].endswith("epochs/s")
    assert told["left"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"bundle": "no-such"}, 409),
        ({"bundle": ""}, 400),
        ({"recording": None}, 400),
        ({"whole_study": True}, 400),
        ({"priority": "urgent"}, 400),
        ({"recording": "x"}, 400),
        ({"recording": 999_999}, 404),
    ],
)
def test_a_start_that_cannot_be_is_refused_with_words(
    lead_client, study, noise_night, changes, status
):
    body = {"recording": noise_night.pk, "bundle": "rules", **changes}
    answer = lead_client.post(
        f"/api/v1/studies/{study.slug}/runs/", body, content_type="application/json"
    )
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert not PreScoreRun.objects.exists()


def test_the_same_run_is_not_started_twice(lead_client, study, noise_night, run):
    answer = start(lead_client, study, noise_night)
    assert answer.status_code == 409
    assert "already exists" in answer.json()["detail"]


def test_a_recording_of_another_study_cannot_be_named(client_of, member, other_study, noise_night):
    theirs = client_of(member(other_study, Role.LEAD))
    assert start(theirs, other_study, noise_night).status_code == 404


def test_cancel_resume_and_retry_over_the_api(lead_client, run):
    base = f"/api/v1/runs/{run.pk}"
    assert lead_client.post(f"{base}/cancel/").json()["state"] == "cancelled"
    assert lead_client.post(f"{base}/cancel/").status_code == 409
    assert lead_client.post(f"{base}/resume/").json()["state"] == "queued"
    assert lead_client.post(f"{base}/retry/").status_code == 409


def test_the_run_page_shows_the_failed_epoch_word_for_word_and_as_text(lead_client, finished):
    page = lead_client.get(f"/runs/{finished.pk}/").content.decode()
    assert "&lt;b&gt;no&lt;/b&gt; idea" in page
    assert "holds no JSON object" in page
    assert re.search(r"Retry 1 failed\s+epoch\s*<", page)


def test_a_retry_from_the_page_puts_the_run_back_in_the_queue(lead_client, finished):
    answer = lead_client.post(f"/runs/{finished.pk}/retry/", follow=True)
    assert answer.status_code == 200
    finished.refresh_from_db()
    assert (finished.state, finished.done, finished.failed_count) == ("queued", 9, 0)


def test_raw_replies_can_be_read_all_or_failed_only(lead_client, finished):
    base = f"/api/v1/runs/{finished.pk}/replies/"
    assert len(lead_client.get(base).json()["replies"]) == 10
    failed = lead_client.get(base + "?failed=1").json()["replies"]
    assert [(r["epoch"], r["fault"], r["text"]) for r in failed] == [
        (2, "no_json", "<b>no</b> idea")
    ]


def test_a_lead_starts_a_run_of_a_recording_and_lands_on_it(lead_client, study, noise_night):
    page = lead_client.get(f"/studies/{study.slug}/runs/").content.decode()
    assert "No runs yet" in page
    assert f"/studies/{study.slug}/recordings/?state=ready" in page
    assert noise_night.name not in page, "a study may have a thousand recordings"
    bundle = ModelBundle.objects.get(name="rules")
    answer = lead_client.post(
        f"/studies/{study.slug}/runs/start/", {"recording": noise_night.pk, "bundle": bundle.pk}
    )
    assert answer.url == f"/runs/{PreScoreRun.objects.get().pk}/"


def test_a_viewer_watches_but_changes_nothing(client_of, member, study, run):
    viewer = client_of(member(study, Role.VIEWER))
    assert viewer.get(f"/api/v1/runs/{run.pk}/").status_code == 200
    assert viewer.post(f"/api/v1/runs/{run.pk}/cancel/").status_code == 403
    assert viewer.post(f"/runs/{run.pk}/cancel/").status_code == 403
    page = viewer.get(f"/runs/{run.pk}/").content.decode()
    assert "Cancel</button>" not in page


MODEL_PAGES = [
    "/runs/{run}/",
    "/api/v1/runs/{run}/",
    "/api/v1/runs/{run}/replies/",
    "/studies/{slug}/runs/",
    "/api/v1/studies/{slug}/runs/",
    "/recordings/{recording}/runs/",
]


def leaks(client, run):
    """Addresses that name the run or quote the model."""
    study = run.recording.study
    found = []
    for page in MODEL_PAGES:
        url = page.format(run=run.pk, slug=study.slug, recording=run.recording_id)
        answer = client.get(url)
        text = answer.content.decode()
        shown = f"/runs/{run.pk}/" in text or SECRET_WORDS in text or f'"id":{run.pk},' in text
        if shown or (answer.status_code == 200 and f"/runs/{run.pk}/" in url):
            found.append(url)
    return found


def test_the_lead_sees_the_model_on_every_page(lead_client, finished):
    assert len(leaks(lead_client, finished)) == len(MODEL_PAGES)


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.RATER])
def test_annotators_and_raters_see_nothing_of_a_model(client_of, member, study, finished, role):
    assert leaks(client_of(member(study, role)), finished) == []


def test_a_lead_who_scores_the_night_blind_sees_nothing_until_they_have_submitted(
    client_of, member, study, finished
):
    both = member(study, Role.LEAD, Role.ANNOTATOR)
    scoring = assigned_early(finished.recording, both)
    client = client_of(both)
    assert leaks(client, finished) == []
    submit_scoring(scoring=scoring, accept_unscored=True)
    assert len(leaks(client, finished)) == len(MODEL_PAGES)


@pytest.fixture
def beat() -> Iterator[Callable[[list[str]], None]]:
    """Let a worker with these abilities be alive."""
    client = connect()
    names = []

    def make(abilities: list[str]) -> None:
        names.append(f"test-{len(names)}")
        worker = WorkerBeat(name=names[-1], queues=["gpu"], pid=1, abilities=abilities)
        announce(client, worker)

    yield make
    for name in names:
        withdraw(client, name)


def test_what_can_be_run_is_judged_by_the_workers_alive(
    lead_client, study, noise_night, rules_bundle, beat
):
    beat(["sleepvlm"])
    answer = start(lead_client, study, noise_night)
    assert answer.status_code == 409
    assert "No worker can run AASM reader" in answer.json()["detail"]
    page = lead_client.get(f"/studies/{study.slug}/models/").content.decode()
    assert "no suitable worker" in page
    beat(["rules"])
    run = start(lead_client, study, noise_night).json()
    assert run["workers"] == 1
    bundles = lead_client.get(f"/api/v1/studies/{study.slug}/bundles/").json()["bundles"]
    assert [(b["name"], b["runnable"], b["workers"]) for b in bundles] == [("rules", True, 1)]


def test_a_run_whose_model_no_live_worker_can_run_says_so(lead_client, run, beat):
    beat(["yasa"])
    message = lead_client.get(f"/api/v1/runs/{run.pk}/").json()["message"]
    assert message.startswith("Running pre-scoring workers: 1. None can run this model.")


def test_a_whole_study_is_started_paused_and_put_first(lead_client, study, make_noise_night):
    make_noise_night(name="S1"), make_noise_night(name="S2")
    url = f"/api/v1/studies/{study.slug}/runs/"
    body = {"bundle": "rules", "whole_study": True, "priority": "low"}
    told = lead_client.post(url, body, content_type="application/json").json()
    assert [(run["priority"], run["state"]) for run in told["runs"]] == [("low", "queued")] * 2
    base = f"/api/v1/runs/{told['runs'][1]['id']}"
    assert lead_client.post(f"{base}/pause/").json()["state"] == "paused"
    put = {"priority": "high"}
    moved = lead_client.post(f"{base}/priority/", put, content_type="application/json")
    assert moved.json()["priority"] == "high"
    listed = lead_client.get(url).json()["progress"]
    assert (listed["runs"], listed["paused"], listed["total"]) == (2, 1, 20)
    page = lead_client.get(f"/studies/{study.slug}/runs/").content.decode()
    assert "2 nights to go, 1 paused" in page
    assert lead_client.post(f"{base}/resume/").json()["state"] == "queued"
    again = lead_client.post(url, body, content_type="application/json")
    assert again.status_code == 409


def test_a_whole_study_is_started_from_its_page(lead_client, study, make_noise_night, rules_bundle):
    make_noise_night(name="S1"), make_noise_night(name="S2")
    asked = {"whole_study": "on", "bundle": rules_bundle.pk, "priority": "1"}
    page = lead_client.post(f"/studies/{study.slug}/runs/start/", asked, follow=True)
    assert "2 runs started." in page.content.decode()
    assert set(PreScoreRun.objects.values_list("priority", flat=True)) == {1}
    missing = lead_client.post(f"/studies/{study.slug}/runs/start/", {"bundle": rules_bundle.pk})
    assert "Choose a recording, or all recordings." in missing.content.decode()


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ("", True),
        ("recording=NOI", True),
        ("recording=other", False),
        ("state=queued", True),
        ("state=failed", False),
        ("requested_by=null", True),
        ("bundle={bundle}&state=queued&page=99", True),
    ],
)
def test_runs_are_filtered_by_state_model_recording_and_person(
    lead_client, run, study, query, is_shown
):
    type(run.recording).objects.filter(pk=run.recording_id).update(name="noise <b>1</b>")
    url = f"/studies/{study.slug}/runs/?{query.format(bundle=run.bundle_id)}"
    page = lead_client.get(url).content.decode()
    assert (f'data-state-of="{run.pk}"' in page) is is_shown
    assert ("No run matches these filters." in page) is not is_shown
    assert "noise <b>" not in page
    assert 'data-count="1"' in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("state=nonsense", "State: Select a valid choice."),
        ("bundle=x", "Model: Select a valid choice."),
        ("bundle=999999", "Model: Select a valid choice."),
        ("requested_by=7e400", "Started by: Select a valid choice."),
        (f"recording={'x' * 5000}", "Recording: Ensure this value has at most 200 characters"),
    ],
)
def test_a_filter_of_runs_that_makes_no_sense_is_named_and_left_out(
    lead_client, run, study, query, words
):
    page = lead_client.get(f"/studies/{study.slug}/runs/?{query}").content.decode()
    assert words in page
    assert "This filter is left out." in page
    assert f'data-state-of="{run.pk}"' in page


def test_replies_say_of_how_many_they_are_the_best(lead_client, study, noise_night, finished):
    finished.replies.update(best_of=4)
    shown = lead_client.get(f"/runs/{finished.pk}/").content.decode()
    assert "Best of 4" in shown
    assert "best of 4" in shown.partition("Failed epochs")[2].partition("Origin")[0]
    replies = lead_client.get(f"/api/v1/runs/{finished.pk}/replies/").json()["replies"]
    assert {reply["best_of"] for reply in replies} == {4}
    body = {"recording": noise_night.pk, "bundle": "rules", "best_of": 4}
    url = f"/api/v1/studies/{study.slug}/runs/"
    refused = lead_client.post(url, body, content_type="application/json")
    assert (refused.status_code, "a single reply" in refused.json()["detail"]) == (409, True)
    too_many = {**body, "best_of": 99}
    assert lead_client.post(url, too_many, content_type="application/json").status_code == 400
