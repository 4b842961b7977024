import numpy as np
import pytest
from scipy.signal import welch

from psg.features import BANDS_HZ, night_second_features, second_features
from psg.montage import DERIVATIONS, Derivation
from psg.night import ArrayNight


def noise(epochs=2, derivations=6):
    rng = np.random.default_rng(1)
    return (10 * rng.standard_normal((epochs, derivations, 3000))).astype(np.float32)


def band_power_of_one_second(samples, lo, hi):
    freqs, density = welch(samples, fs=100, nperseg=100, noverlap=50, scaling="density")
    inside = (freqs >= lo) & (freqs < hi)
    return 10 * np.log10(np.trapezoid(density[inside], freqs[inside]) + 1e-12)


def test_every_second_equals_welch_done_one_by_one():
    epochs = noise()
    features = second_features(epochs, DERIVATIONS)
    assert features.band_power_db.shape == (2, 6, 30, 4)
    assert features.mav_uv.shape == (2, 6, 30)
    for epoch, derivation, second in [(0, 0, 0), (0, 3, 17), (1, 4, 29)]:
        piece = epochs[epoch, derivation, second * 100 : second * 100 + 100].astype(np.float64)
        expected = [band_power_of_one_second(piece, lo, hi) for lo, hi in BANDS_HZ.values()]
        np.testing.assert_allclose(
            features.band_power_db[epoch, derivation, second], expected, atol=1e-3
        )
        assert features.mav_uv[epoch, derivation, second] == pytest.approx(np.abs(piece).mean())


def test_band_edges_belong_to_the_band_above():
    times = np.arange(3000) / 100
    epoch = 20 * np.sin(2 * np.pi * 8 * times)[None, None]
    theta, alpha = second_features(epoch, [Derivation.O2]).band_power_db[0, 0, 5, 1:3]
    assert alpha > theta


def test_the_chin_has_amplitude_but_no_bands():
    features = second_features(noise(1, 2), [Derivation.F4, Derivation.CHIN])
    assert np.isnan(features.band_power_db[0, 1]).all()
    assert np.isfinite(features.band_power_db[0, 0]).all()
    assert (features.mav_uv > 0).all()


def test_a_flat_line_sits_on_the_floor():
    features = second_features(np.zeros((1, 1, 3000)), [Derivation.F4])
    np.testing.assert_allclose(features.band_power_db, -120.0)
    np.testing.assert_array_equal(features.mav_uv, 0)


def test_a_night_read_in_chunks_equals_one_piece():
    epochs = noise(70, 1)
    whole = second_features(epochs, [Derivation.F4])
    chunked = night_second_features(ArrayNight((Derivation.F4,), epochs))
    np.testing.assert_array_equal(chunked.band_power_db, whole.band_power_db)
    np.testing.assert_array_equal(chunked.mav_uv, whole.mav_uv)
