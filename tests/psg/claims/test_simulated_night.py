"""Rationales of the rule reader beside the night that they were written from."""

import random
from collections import Counter

import pytest

from psg.claims import ClaimOutcome, check, claims_of, measure_night
from psg.rules.reader import read_night
from psg.simulate import preprocessed, simulate_night

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def night():
    return preprocessed(simulate_night(hours=0.5, seed=21))


def test_rationales_are_borne_out_by_their_own_epoch_and_not_by_another(night):
    measured, rng = measure_night(night, is_simulated=True), random.Random(1)
    own, other = Counter(), Counter()
    for epoch, reading in enumerate(read_night(night)):
        for claim in claims_of(reading.rationale):
            verdict = check(claim, measured, epoch)
            own[verdict.outcome] += 1
            assert verdict.outcome is not ClaimOutcome.CONTRADICTED, (reading.rationale, verdict)
            other[check(claim, measured, rng.randrange(night.epoch_count)).outcome] += 1
    assert own.total() > 150
    assert own[ClaimOutcome.SUPPORTED] > 0.75 * own.total()
    assert other[ClaimOutcome.CONTRADICTED] > 0.1 * other.total()
