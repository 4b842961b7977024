"""Of several replies the one is kept that rules and measurements speak against least."""

import json

import numpy as np
import pytest

from inference.adapters import NightToScore
from inference.adapters.judge import Judge, best_reply
from psg.claims import MeasuredEpoch
from psg.events import DetectedEvent
from psg.events.measures import EpochMeasures
from psg.montage import DERIVATIONS, Derivation
from psg.night import ArrayNight
from psg.rules.editions import get_edition

EDITION = get_edition()


def epoch(*, is_simulated=True):
    """An epoch with a spindle at 12 s and nothing else."""
    spindle = DetectedEvent("spindle", Derivation.C4, 12.0, 12.9, 38.0, 13.4)
    measures = EpochMeasures({"spindle": (spindle,)}, tone_uv=4.0, low_tone_share=0.9)
    return MeasuredEpoch(measures, DERIVATIONS, None, is_simulated)


def reply(words="A spindle in C4-M1 at 12 s.", rules=("N2.1",), stage="N2"):
    return json.dumps(
        {"reasoning_text": words, "applicable_rules": list(rules), "sleep_stage": stage}
    )


GOOD = reply()
CONTRADICTED = reply("Spindles in C4-M1 at 22 and 27 s.")
SILENT = reply("The background is of low amplitude.")


@pytest.mark.parametrize("worse", [CONTRADICTED, SILENT, reply(rules=()), "no reply", ""])
def test_a_reply_that_measurements_support_is_kept(worse):
    assert best_reply([worse, GOOD], epoch(), EDITION) == 1
    assert best_reply([GOOD, worse], epoch(), EDITION) == 0


def test_a_reply_that_says_nothing_is_better_than_a_contradicted_one():
    assert best_reply([CONTRADICTED, SILENT], epoch(), EDITION) == 1


@pytest.mark.parametrize("rules", [("W.1",), ("N2.1", "N3.1"), ("N2.9",), ()])
def test_rules_that_cannot_support_the_stage_weigh_more_than_claims(rules):
    assert best_reply([reply(rules=rules), CONTRADICTED], epoch(), EDITION) == 1


def test_the_stage_stays_that_of_the_most_probable_reply_that_has_one():
    other = reply(rules=("N3.1",), stage="N3")
    assert best_reply([CONTRADICTED, other], epoch(), EDITION) == 0
    assert best_reply(["no reply", CONTRADICTED, other], epoch(), EDITION) == 1


def test_of_equal_replies_the_first_is_kept():
    other = reply("A spindle at 12.2 s in C4-M1.")
    assert best_reply([GOOD, other, GOOD], epoch(), EDITION) == 0
    assert best_reply(["", "nothing"], epoch(), EDITION) == 0


def test_a_detector_that_is_not_proven_on_recordings_decides_in_simulated_nights_alone():
    both = [reply("K complexes in F4-M1 at 2, 8 and 20 s."), SILENT]
    assert best_reply(both, epoch(is_simulated=True), EDITION) == 1
    assert best_reply(both, epoch(is_simulated=False), EDITION) == 0


def test_a_night_is_measured_once_and_its_signals_may_be_opened_anew(monkeypatch):
    """Chunks of a night open its file one after the other."""
    signals = ArrayNight(DERIVATIONS, np.zeros((3, 6, 3000), dtype=np.float32))
    measured = []
    judge = Judge(EDITION)
    measure = judge.best.__globals__["measure_night"]
    monkeypatch.setitem(
        judge.best.__globals__, "measure_night", lambda s: measured.append(s) or measure(s)
    )
    for _ in range(2):
        night = NightToScore("a", ArrayNight(DERIVATIONS, signals.epochs_uv))
        assert judge.best(night, 1, [SILENT, SILENT]) == 0
    assert len(measured) == 1
    judge.best(NightToScore("b", signals), 1, [SILENT])
    assert len(measured) == 2
