import numpy as np
import pytest
from scipy.signal import welch

from psg.simulate.draws import add_coloured_noise, frame_frequencies


def noise(density_of_frame, mixing: np.ndarray, seconds: int = 600) -> np.ndarray:
    traces = np.zeros((len(mixing), seconds * 256), dtype=np.float32)
    count = len(frame_frequencies(256))

    def densities(frames: slice) -> np.ndarray:
        levels = np.array([density_of_frame(frame) for frame in range(frames.start, frames.stop)])
        return np.broadcast_to(levels[:, None, None], (len(levels), len(mixing), count))

    add_coloured_noise(traces, np.random.default_rng(1), mixing, densities, 256)
    return traces


def test_the_power_density_is_the_one_asked_for():
    (trace,) = noise(lambda frame: 3.0, np.ones((1, 1)))
    frequencies, density = welch(trace, 256, nperseg=1024)
    inside = (frequencies > 1) & (frequencies < 120)
    assert density[inside].mean() == pytest.approx(3.0, rel=0.05)


def test_the_power_follows_the_frames():
    (trace,) = noise(lambda frame: 1.0 if frame < 150 else 16.0, np.ones((1, 1)))
    before, after = trace[: 290 * 256].std(), trace[310 * 256 :].std()
    assert after / before == pytest.approx(4.0, rel=0.05)


def test_traces_correlate_as_they_share_sources():
    mixing = np.array([[1.0, 0.0], [0.6, 0.8]])
    one, other = noise(lambda frame: 1.0, mixing)
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(0.6, abs=0.03)
