"""Verdicts on the claims of rationales: who is told, and when."""

import numpy as np
import pytest

from annotations.scoring.assignments import assign
from annotations.scoring.models import Scoring
from recordings.candidates import search_night
from recordings.models import Recording
from studies.models import Mode
from tests.assistance.test_modes import lock, save
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db
EPOCH = 4
WORDS = "Spindle in C4-M1 at 12.5 s, 13 Hz. Spindles at 21 and 26 s. Looks fine."


@pytest.fixture
def night(make_noise_night):
    """Ten epochs of quiet noise with one spindle, at 12 to 13 s of the fifth epoch."""
    epochs_uv = np.random.default_rng(3).normal(0, 2, (10, 6, 3000)).astype("float32")
    s = np.arange(100) / 100
    epochs_uv[EPOCH, 1, 1200:1300] += 40 * np.sin(2 * np.pi * 13 * s) * np.hanning(100)
    recording = make_noise_night(epochs_uv)
    search_night(recording_id=recording.pk)
    return recording


@pytest.fixture
def scoring_in(night, annotator, lead, client_of):
    source = finished_scoring(night, "source", ["N2"] * 10)

    def make(mode: Mode) -> Scoring:
        scoring = assign(
            recording=night, annotator=annotator, assigned_by=lead, mode=mode, suggestion=source
        )
        save(client_of(annotator), scoring, EPOCH, "N2", rationale=WORDS)
        return scoring

    return make


@pytest.fixture
def asked(client_of):
    return lambda user, scoring: client_of(user).get(
        f"/api/v1/scorings/{scoring.pk}/claims/", {"first": 0, "count": 10}
    )


def test_an_author_is_told_what_the_signal_says_of_each_claim(asked, scoring_in, annotator):
    (told,) = asked(annotator, scoring_in(Mode.ASSISTED)).json()["rationales"]
    assert told["epoch"] == EPOCH
    first, second = told["claims"]
    assert (first["outcome"], first["text"]) == ("supported", "Spindle in C4-M1 at 12.5 s, 13 Hz")
    assert WORDS[first["start"] : first["end"]] == first["text"]
    (pitch,) = first["measured"]
    assert (pitch["unit"], pitch["value"]) == ("Hz", pytest.approx(13, abs=0.5))
    assert pitch["uncertainty"] > 0
    assert first["events"][0]["start_s"] == pytest.approx(12.2, abs=0.3)
    assert second["outcome"] == "contradicted"
    assert [one["text"] for one in told["unread"]] == ["Looks fine"]


BLINK = "Blink at 4 s."


@pytest.mark.parametrize(
    ("is_simulated", "outcome", "words"),
    [
        (None, "cannot_tell", "waves that experts or AI models marked in real recordings"),
        (True, "contradicted", "This recording is simulated"),
    ],
)
def test_only_a_recording_that_is_known_to_be_simulated_is_judged_as_one(
    asked, scoring_in, annotator, client_of, night, is_simulated, outcome, words
):
    scoring = scoring_in(Mode.ASSISTED)
    save(client_of(annotator), scoring, EPOCH + 1, "W", rationale=BLINK)
    if is_simulated:
        Recording.objects.filter(pk=night.pk).update(is_simulated=True)
    (claim,) = asked(annotator, scoring).json()["rationales"][1]["claims"]
    assert claim["outcome"] == outcome
    page = client_of(annotator).get(f"/scorings/{scoring.pk}/score/").content.decode()
    assert words in " ".join(page.split())


def test_a_blind_scorer_is_told_nothing_not_even_of_another_pass(
    asked, scoring_in, annotator, night
):
    blind = scoring_in(Mode.BLIND)
    answer = asked(annotator, blind)
    assert answer.status_code == 403
    assert "12." not in answer.content.decode()
    Scoring.objects.filter(pk=blind.pk).update(mode=Mode.ASSISTED, state="submitted")
    again = Scoring.objects.get(pk=blind.pk)
    assert asked(annotator, again).status_code == 200
    Scoring.objects.create(
        recording=night, scorer=again.scorer, pass_number=2, mode=Mode.BLIND, rule_edition="x"
    )
    assert asked(annotator, again).status_code == 403


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.REVEAL])
def test_verdicts_are_withheld_while_another_pass_is_made_without_help(
    asked, scoring_in, annotator, night, mode
):
    first = scoring_in(Mode.ASSISTED)
    Scoring.objects.filter(pk=first.pk).update(state="submitted")
    assert asked(annotator, first).status_code == 200
    Scoring.objects.create(
        recording=night, scorer=first.scorer, pass_number=2, mode=mode, rule_edition="x"
    )
    assert asked(annotator, first).status_code == 403


def test_in_reveal_verdicts_open_with_the_lock(asked, scoring_in, annotator, client_of):
    scoring = scoring_in(Mode.REVEAL)
    assert asked(annotator, scoring).json() == {"state": "ready", "rationales": []}
    lock(client_of(annotator), scoring, EPOCH)
    assert len(asked(annotator, scoring).json()["rationales"]) == 1


def test_a_lead_is_told_of_a_blind_scoring_too(asked, scoring_in, lead):
    (told,) = asked(lead, scoring_in(Mode.BLIND)).json()["rationales"]
    assert len(told["claims"]) == 2


def test_a_night_that_was_never_searched_says_so(asked, scoring_in, lead, night):
    scoring = scoring_in(Mode.ASSISTED)
    night.candidates.all().delete()
    assert asked(lead, scoring).json() == {"state": "waiting", "has_worker": False}


def test_a_night_without_signals_has_none(asked, lead, labels_only):
    scoring = finished_scoring(labels_only, "source", ["N2"] * 10)
    assert asked(lead, scoring).status_code == 404
