"""Correcting signals on a page, by the API and by a command."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from inference.models import PreScoreRun
from inference.registry.bundles import find_bundle
from inference.runs.lifecycle import RunRefusedError, resume_run, start_run
from recordings.corrections.work import CORRECTIONS
from recordings.models import Recording, SignalCorrection
from tests.helpers.edf_files import MASS_LABELS, edf_bytes
from tests.helpers.nights import stored_night

pytestmark = [pytest.mark.django_db, pytest.mark.long]
LABELS = (*MASS_LABELS, "EMG Leg1", "EMG Leg2")


@pytest.fixture
def night(study, own_store) -> Recording:
    return stored_night(study=study, data=edf_bytes(LABELS, sfreq_hz=200))


@pytest.fixture
def as_lead(contexts, client_of, lead):
    return client_of(lead)


def filled(page, **changes):
    """What the form of a page sends, with some fields changed."""
    form = page.context["form"]
    return {name: form.initial.get(name) or "" for name in form.fields} | changes


def page_of(night):
    return reverse("lifecycle:correct-signals", args=[night.pk])


def test_a_lead_sees_what_would_change_before_anything_is_written(as_lead, night):
    page = as_lead.get(page_of(night))
    assert (
        "No scoring or pre-scoring run that you may see uses these signals" in page.content.decode()
    )
    said = filled(page, mains_hz="60.0", chin_positive="EMG Leg1", chin_negative="", preview="1")
    preview = as_lead.post(page_of(night), said)
    text = " ".join(preview.content.decode().split())
    assert "<td>EMG Chin1 - EMG Chin2</td> <td>EMG Leg1</td>" in text
    assert "<td>50 Hz, assumed</td> <td>60 Hz</td>" in text
    assert text.count('class="compared__trace"') == 12
    assert not SignalCorrection.objects.exists()


def test_a_lead_corrects_on_the_page_and_the_recording_shows_its_history(as_lead, night, lead):
    said = filled(as_lead.get(page_of(night)), mains_hz="60.0", start_clock="23:15:00")
    refused = as_lead.post(page_of(night), {**said, "correct": "1"})
    assert "Enter a reason" in refused.content.decode()
    done = as_lead.post(page_of(night), {**said, "correct": "1", "why": "American lab"})
    assert done.status_code == 302
    waiting = as_lead.get(done.url).content.decode()
    assert "Waiting for a worker" in waiting
    CORRECTIONS.run(SignalCorrection.objects.get().pk)
    text = " ".join(as_lead.get(done.url).content.decode().split())
    assert "Mains frequency: 50 Hz, assumed → 60 Hz" in text
    assert "→ 23:15:00" in text
    assert "American lab" in text
    assert "version 2" in text


@pytest.mark.parametrize("button", ["preview", "correct"])
def test_a_form_opened_before_another_correction_does_not_undo_it(as_lead, night, button):
    first, second = as_lead.get(page_of(night)), as_lead.get(page_of(night))
    clock = filled(first, start_clock="23:15:00", correct="1", why="clock of the lab")
    assert as_lead.post(page_of(night), clock).status_code == 302
    CORRECTIONS.run(SignalCorrection.objects.get().pk)
    chin = filled(second, chin_positive="EMG Leg1", chin_negative="", why="chin", **{button: "1"})
    answer = as_lead.post(page_of(night), chin)
    assert "The signals were corrected after this was opened" in answer.content.decode()
    night.refresh_from_db()
    assert night.start_clock_s == 83_700
    assert SignalCorrection.objects.count() == 1


def test_what_is_not_touched_in_the_form_stays_to_the_fraction_of_a_second(as_lead, night):
    Recording.objects.update(start_clock_s=80_000.5)
    said = filled(as_lead.get(page_of(night)), mains_hz="60.0", correct="1", why="American lab")
    assert as_lead.post(page_of(night), said).status_code == 302
    assert SignalCorrection.objects.get().after["start_clock_s"] == 80_000.5


def test_the_form_cannot_make_unknown_what_is_known(as_lead, night):
    Recording.objects.update(start_clock_s=80_000, mains_hz=60)
    page = as_lead.get(page_of(night))
    assert "not stated" not in page.content.decode()
    answer = as_lead.post(page_of(night), filled(page, start_clock="", preview="1"))
    assert "Enter the time of day" in answer.content.decode()


def test_the_api_refuses_what_was_said_of_signals_before(as_lead, night):
    address = reverse("lifecycle:api-corrections", args=[night.pk])
    seen = as_lead.get(address).json()["seen"]
    said = {"decisions": {"start_clock_s": 80_000}, "why": "x", "seen": seen}
    made = as_lead.post(address, said, content_type="application/json")
    CORRECTIONS.run(made.json()["id"])
    for path in (address, f"{address}preview/"):
        said["decisions"] = {"mains_hz": 60}
        stale = as_lead.post(path, said, content_type="application/json")
        assert (stale.status_code, stale.json()["code"]) == (409, "outdated")
    assert as_lead.get(address).json()["seen"] != seen


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "correction changes nothing"),
        ({"start_clock": "25:00"}, "not a time of day"),
        ({"units": "EEG F4-CLE"}, "no label or no unit"),
        ({"f4_positive": "EEG C4-CLE"}, "names the channel EEG C4-CLE"),
        ({"f4_positive": "", "c4_positive": "", "o2_positive": ""}, "No EEG channel"),
    ],
)
def test_what_cannot_be_is_shown_again_with_the_reason(as_lead, night, changes, message):
    said = filled(as_lead.get(page_of(night)), preview="1", **changes)
    answer = as_lead.post(page_of(night), said)
    assert message in answer.content.decode()


def test_a_frozen_night_says_why_it_keeps_its_signals(as_lead, night, monkeypatch):
    monkeypatch.setattr(
        "epochwise.lifecycle.signal_corrections.frozen_on", lambda recording: ["release Nights 1"]
    )
    page = as_lead.get(page_of(night)).content.decode()
    assert "because these depend on them: release Nights 1" in page
    assert '<form class="form correction"' not in page


def test_why_a_correction_failed_is_for_leads(as_lead, night, monkeypatch, client_of, annotator):
    """It may name rating studies and releases."""
    said = filled(as_lead.get(page_of(night)), mains_hz="60.0", correct="1", why="American lab")
    shown = as_lead.post(page_of(night), said).url
    monkeypatch.setattr(
        "epochwise.lifecycle.signal_corrections.frozen_on", lambda recording: ["rating study A"]
    )
    CORRECTIONS.run(SignalCorrection.objects.get().pk)
    assert "rating study A" in as_lead.get(shown).content.decode()
    text = client_of(annotator).get(shown).content.decode()
    assert "American lab" in text
    assert "rating study A" not in text


def test_the_api_previews_requests_and_lists(as_lead, night):
    address = reverse("lifecycle:api-corrections", args=[night.pk])
    said = {"decisions": {"channels": {"Chin": "EMG Leg1 - EMG Leg2"}}, "why": "no chin was worn"}
    preview = as_lead.post(f"{address}preview/", said, content_type="application/json").json()
    assert preview["changes"] == [
        {"name": "Chin", "before": "EMG Chin1 - EMG Chin2", "after": "EMG Leg1 - EMG Leg2"}
    ]
    assert (preview["new_signals"], preview["rests"]) == (True, {"scorings": [], "runs": []})
    made = as_lead.post(address, said, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    CORRECTIONS.run(made.json()["id"])
    listed = as_lead.get(address).json()
    assert listed["signals_version"] == 2
    assert listed["present"]["channels"]["Chin"]["positive"] == "EMG Leg1"
    assert listed["corrections"][0]["changes"] == preview["changes"]
    odd = as_lead.post(address, {"decisions": [1]}, content_type="application/json")
    assert odd.status_code == 400


def test_a_page_opened_before_a_correction_is_told_to_reload(as_lead, night):
    layout = as_lead.get(reverse("recordings:layout", args=[night.pk])).json()
    assert layout["version"] == 1
    Recording.objects.update(signals_version=2)
    epochs = reverse("recordings:epochs", args=[night.pk, 0])
    stale = as_lead.get(f"{epochs}?count=1&version=1")
    assert (stale.status_code, stale.json()["code"]) == (409, "signals_corrected")
    assert as_lead.get(f"{epochs}?count=1&version=2").status_code == 200
    assert as_lead.get(f"{epochs}?count=1").status_code == 200


def said_by_command(*options):
    out = StringIO()
    call_command("correct_recording", *options, stdout=out)
    return out.getvalue()


def test_the_command_tells_first_and_corrects_with_a_reason(night):
    options = [night.name, "--study", night.study.slug, "--mains", "60"]
    told = said_by_command(*options)
    assert "Mains frequency: 50 Hz, assumed -> 60 Hz" in told
    assert "Nothing was changed" in told
    assert not SignalCorrection.objects.exists()
    done = said_by_command(*options, "--channel", "Chin=EMG Leg1", "--reason", "as the lab says")
    assert "Chin: EMG Chin1 - EMG Chin2 -> EMG Leg1" in done
    assert "has version 2 of its signals" in done
    with pytest.raises(CommandError, match="correction changes nothing"):
        said_by_command(*options)


def test_a_run_is_not_continued_on_corrected_signals(night, media):
    run = start_run(recording=night, bundle=find_bundle("rules"))
    with pytest.raises(CommandError, match="a model is scoring them") as refused:
        said_by_command(night.name, "--mains", "60", "--reason", "x")
    # A lead who still scores the recording without help reads this too.
    assert str(run.bundle) not in str(refused.value)
    PreScoreRun.objects.update(state=PreScoreRun.State.CANCELLED, done=1)
    told = said_by_command(night.name, "--mains", "60", "--reason", "x")
    assert f"run {run.pk}" in told
    night.refresh_from_db()
    correction = SignalCorrection.objects.get()
    assert correction.rests["runs"] == [run.pk]
    assert correction.signals_file
    run.refresh_from_db()
    with pytest.raises(RunRefusedError, match="corrected after this run"):
        resume_run(run=run)
    assert start_run(recording=night, bundle=find_bundle("rules")).signals_version == 2
