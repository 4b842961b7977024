"""A wrong or common reference changes the signals, not what is known of the night."""

import numpy as np
import pytest

from psg.montage import EEG_DERIVATIONS, Derivation
from psg.simulate import Difficulty, Reference, simulate_night
from psg.simulate.canvas import Canvas
from psg.simulate.draws import component_rng
from psg.simulate.plan import draw_plan
from psg.simulate.references import measure_against
from psg.simulate.stageprocess import StageRun, StageTimeline
from psg.simulate.subject import draw_subject
from psg.simulate.waves import add_slow_waves
from psg.stages import Stage

F4, C4, E1, E2 = Derivation.F4, Derivation.C4, Derivation.E1, Derivation.E2


def slow_waves(reference: Reference) -> Canvas:
    """Ten minutes of the slow waves of N3."""
    timeline = StageTimeline([StageRun(Stage.N3, 0.0, 600.0)])
    plan = draw_plan(component_rng(1, "plan"), draw_subject(component_rng(1, "s")), timeline, 600)
    canvas = Canvas(600.0)
    add_slow_waves(canvas, plan, component_rng(1, "one"))
    measure_against(canvas, reference)
    return canvas


@pytest.mark.parametrize("reference", [Reference.COMMON, Reference.SAME_SIDE])
def test_stages_events_and_chin_stay_the_same(reference: Reference):
    usual, other = (
        simulate_night(hours=0.05, seed=2, difficulty=Difficulty.CLINICAL, reference=one)
        for one in (Reference.MASTOIDS, reference)
    )
    assert other.reference is reference
    assert (other.stages, other.events) == (usual.stages, usual.events)
    assert not np.array_equal(other.signals_uv["EEG C4-CLE"], usual.signals_uv["EEG C4-CLE"])
    chins = [n.signals_uv["EMG Chin1"] - n.signals_uv["EMG Chin2"] for n in (usual, other)]
    np.testing.assert_allclose(*chins, atol=1e-3)


def test_with_a_common_reference_slow_waves_are_small_in_f4_and_shared_by_the_eyes():
    usual, common = slow_waves(Reference.MASTOIDS), slow_waves(Reference.COMMON)
    assert common.row(F4).std() < 0.3 * usual.row(F4).std()
    assert common.row(C4).std() > 1.3 * common.row(F4).std()
    assert np.corrcoef(common.row(E1), common.row(E2))[0, 1] > 0.7
    assert common.events == usual.events


def test_with_the_mastoid_of_the_same_side_waves_are_smaller():
    usual, wrong = slow_waves(Reference.MASTOIDS), slow_waves(Reference.SAME_SIDE)
    for derivation in EEG_DERIVATIONS:
        assert 0.3 < wrong.row(derivation).std() / usual.row(derivation).std() < 0.9
    np.testing.assert_array_equal(wrong.row(E2), usual.row(E2))
