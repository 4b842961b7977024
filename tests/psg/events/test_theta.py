import pytest

from psg.events import theta
from psg.montage import Derivation

C4 = Derivation.C4


def test_a_theta_run_is_found(drawing, waves):
    (found,) = theta.find(drawing.add(C4, 20.0, waves.oscillation(6, 4.0, 30)).night())
    assert found.duration_s == pytest.approx(4, abs=1)
    assert found.frequency_hz == pytest.approx(6, abs=0.6)


@pytest.mark.parametrize(("frequency_hz", "size_uv"), [(10, 30), (2, 30), (6, 160)])
def test_alpha_delta_and_high_amplitudes_are_not_low_amplitude_theta(
    drawing, waves, frequency_hz, size_uv
):
    night = drawing.add(C4, 20.0, waves.oscillation(frequency_hz, 4.0, size_uv)).night()
    inside = [event for event in theta.find(night) if 20.7 < event.middle_s < 23.3]
    assert inside == []
