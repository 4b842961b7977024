"""SleepVLM-nano in the demo, and the page of models."""

import pytest
from django.core.management import CommandError, call_command

from epochwise.demo.seed import offer_nano, read_by_nano
from epochwise.management.commands import up
from inference.models import PreScoreRun
from inference.runs.reading import gpu_workers
from jobs.workers import start_heartbeat, stop_heartbeat
from tests.helpers.running_site import wait_for

pytestmark = pytest.mark.django_db

MEASURED = {
    "on": "20 simulated nights of 8 h, held-out subjects",
    "kappa": 0.81234,
    "kappa_95": "0.790 to 0.830",
    "kappa_of_yasa": 0.7,
    "rule_iou": 0.76,
    "epochs": 19200,
}


@pytest.mark.torch
def test_the_demo_has_one_night_read_once_behind_everything_else(taught_bundle, noise_night):
    messages: list[str] = []
    bundle = offer_nano(tell=messages.append, folder=taught_bundle)
    assert bundle == offer_nano(tell=messages.append, folder=taught_bundle)
    for _ in range(2):
        read_by_nano(recording=noise_night, bundle=bundle, tell=messages.append)
    run = PreScoreRun.objects.get()
    assert (run.bundle, run.recording) == (bundle, noise_night)
    assert run.priority == PreScoreRun.Priority.LOW
    assert messages == []


@pytest.mark.torch
def test_the_demo_goes_on_where_nobody_can_read_with_the_model(taught_bundle, noise_night):
    messages: list[str] = []
    bundle = offer_nano(tell=messages.append, folder=taught_bundle)
    start_heartbeat(name="left-behind", queues=["gpu"], abilities=lambda: ["rules"])
    try:
        wait_for(lambda: gpu_workers().total)
        read_by_nano(recording=noise_night, bundle=bundle, tell=messages.append)
    finally:
        stop_heartbeat()
    assert not PreScoreRun.objects.exists()
    assert "make run SLEEPVLM=1" in messages[0]


def test_the_demo_goes_on_without_weights(tmp_path):
    messages: list[str] = []
    assert offer_nano(tell=messages.append, folder=tmp_path) is None
    assert "There is no bundle.toml" in messages[0]


def test_the_site_does_not_start_with_a_model_that_it_could_not_load(monkeypatch):
    for demo, with_torch in ((True, False), (False, True)):
        monkeypatch.setattr(up, "models_can_be_loaded", lambda found=with_torch: found)
        with pytest.raises(CommandError, match="make run SLEEPVLM=1"):
            call_command("up", demo=demo, sleepvlm=True)


def test_measured_figures_stand_in_words_with_their_intervals(client_of, lead, study, rules_bundle):
    fewer = {"kappa_of_yasa": 0.7, "nights_of_yasa": 18, "kappa_beside_yasa": 0.81}
    real = {"on": "MASS-SS1", "kappa": 0.767, **fewer}
    rules_bundle.measured = [MEASURED, real]
    rules_bundle.save()
    page = client_of(lead).get(f"/studies/{study.slug}/models/").content.decode()
    assert "Results on 20 simulated nights of 8 h, held-out subjects" in page
    assert "0.812" in page
    assert "95 %: 0.790 to 0.830 · yasa 0.700</span>" in page
    assert "yasa 0.700 (on 18 nights, this model there 0.810)" in page
    messages = [page.index(f"<dt>{word}</dt>") for word in ("kappa", "rule IoU", "epochs")]
    assert messages == sorted(messages), "in the order of reading, whatever that of the database"
    assert page.count("not a clinical kappa") == 1
