"""Questions of phase 1 about events: when something starts, and what starts then."""

import random
from dataclasses import replace

import pytest

from inference.training.data.nights import TRAIN, LabelledNight
from inference.training.data.simulated import simulated_night
from inference.training.errors import TrainingError
from inference.training.event_questions import (
    LAST_S,
    NOTHING,
    NightEvents,
    event_question,
    when_questions,
)
from psg.simulate import Cohort, cohort_seeds

SECONDS_OF = {"spindle": [3, 12, 20], "K complex": [12]}


@pytest.fixture(scope="module")
def night() -> LabelledNight:
    return simulated_night(cohort_seeds(Cohort.TRAINING, 1)[0], part=TRAIN, hours=0.5)


def test_the_first_and_the_last_wave_of_each_kind_are_asked_for():
    asked = {(when.label, when.second) for when in when_questions(SECONDS_OF)}
    assert asked == {
        ("First spindle at: ", 3),
        ("Last spindle at: ", 20),
        ("First K complex at: ", 12),
        ("Last K complex at: ", 12),
    }


def test_every_drawn_answer_is_true():
    rng = random.Random(1)
    drawn = {event_question(SECONDS_OF, rng) for _ in range(500)}
    for label, answer in drawn:
        if label.startswith("Second "):
            second = int(label.split()[1])
            right = [noun for noun in sorted(SECONDS_OF) if second in SECONDS_OF[noun]]
            assert answer == (", ".join(right) or NOTHING)
    whens = {(when.label, f"{when.second} s") for when in when_questions(SECONDS_OF)}
    assert whens == {(label, answer) for label, answer in drawn if " at: " in label}
    assert ("Second 12 starts: ", "K complex, spindle") in drawn


def test_an_epoch_without_events_is_only_asked_what_starts():
    rng = random.Random(1)
    drawn = {event_question({}, rng) for _ in range(300)}
    assert drawn == {(f"Second {second} starts: ", NOTHING) for second in range(LAST_S + 1)}


def test_the_seconds_are_those_of_the_rationales(night: LabelledNight):
    events = NightEvents(night)
    said = {label.epoch: label.rationale for label in night.labels}
    checked = 0
    for epoch, rationale in said.items():
        for second in events.seconds_of(epoch).get("spindle", [])[:6]:
            assert f"{second}" in rationale.partition("pindle")[2]
            checked += 1
    assert checked > 5


def test_a_night_without_known_events_is_refused(night: LabelledNight):
    real = replace(night, is_simulated=False, events=())
    with pytest.raises(TrainingError, match="not known"):
        NightEvents(real)
