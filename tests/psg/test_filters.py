"""The one preprocessing against its published form."""

from pathlib import Path

import numpy as np
import pytest
from scipy import signal as dsp

from psg.edf import EdfFile
from psg.errors import PsgError
from psg.filters import filter_joined, filter_native, preprocess, resample_linear
from psg.montage import DERIVATIONS, Derivation
from psg.render import EpochRenderer

BANDS = {Derivation.C4: (0.3, 35.0), Derivation.CHIN: (10.0, 100.0)}


def night_like(sfreq_hz: float, seconds: float = 120) -> np.ndarray:
    """Noise, a slow wave and mains hum, in uV."""
    times_s = np.arange(round(seconds * sfreq_hz)) / sfreq_hz
    rng = np.random.default_rng(3)
    return (
        rng.normal(0, 15, len(times_s))
        + 60 * np.sin(2 * np.pi * 0.9 * times_s)
        + 20 * np.sin(2 * np.pi * 50 * times_s)
    )


def published(raw_uv: np.ndarray, derivation: Derivation) -> np.ndarray:
    filtered = dsp.filtfilt(*dsp.butter(4, BANDS[derivation], "bandpass", fs=256), raw_uv)
    return dsp.filtfilt(*dsp.iirnotch(50, 20, fs=256), filtered)


@pytest.mark.parametrize("derivation", BANDS)
def test_equals_the_published_transfer_function_form_at_256_hz(derivation: Derivation):
    raw_uv = np.random.default_rng(3).normal(0, 10, 120 * 256)
    expected = published(raw_uv, derivation)
    times_s = np.arange(12_000) / 100
    at_100_hz = np.interp(times_s, np.arange(len(raw_uv)) / 256, expected)
    # About 1e-5 uV, which is the rounding of the published form (see the next test).
    assert np.abs(filter_native(raw_uv, 256, derivation) - expected).max() < 1.5e-5
    assert np.abs(preprocess(raw_uv, 256, derivation) - at_100_hz).max() < 2e-5


def test_second_order_sections_lose_nothing_to_rounding():
    raw_uv = np.random.default_rng(3).normal(0, 10, 120 * 256)
    sections = dsp.butter(4, (0.3, 35), "bandpass", fs=256, output="sos")
    exact = dsp.sosfilt(sections.astype(np.longdouble), raw_uv.astype(np.longdouble))
    transfer = dsp.lfilter(*dsp.butter(4, (0.3, 35), "bandpass", fs=256), raw_uv)
    assert np.abs(dsp.sosfilt(sections, raw_uv) - exact).max() < 1e-10
    assert np.abs(transfer - exact).max() > 1e-6


@pytest.mark.real_data
def test_equals_the_published_form_on_a_real_recording(real_data: Path):
    edf = EdfFile.open(real_data / "psg-ipa" / "SN5_sample.edf")
    for index, derivation in ((0, Derivation.C4), (4, Derivation.C4), (3, Derivation.CHIN)):
        raw_uv = edf.read_uv(index)
        # The published form itself is only good to some 3e-5 uV at these amplitudes.
        assert (
            np.abs(filter_native(raw_uv, 256, derivation) - published(raw_uv, derivation)).max()
            < 5e-5
        )


def test_long_signals_are_filtered_as_in_one_piece():
    raw_uv = np.random.default_rng(0).normal(0, 30, 600_001)
    sections = dsp.butter(4, (0.3, 35), "bandpass", fs=256, output="sos")
    notch = dsp.tf2sos(*dsp.iirnotch(50, 20, fs=256))
    expected = dsp.sosfiltfilt(notch, dsp.sosfiltfilt(sections, raw_uv))
    assert np.abs(filter_native(raw_uv, 256, Derivation.F4) - expected).max() < 1e-9


@pytest.mark.parametrize("sfreq_hz", [64, 100, 128, 200, 512, 1000, 2000])
@pytest.mark.parametrize("derivation", BANDS)
def test_every_rate_gives_a_finite_signal_of_plausible_size(sfreq_hz, derivation):
    filtered = preprocess(night_like(sfreq_hz), sfreq_hz, derivation)
    assert filtered.shape == (12_000,)
    assert np.isfinite(filtered).all()
    assert np.abs(filtered).max() < 200


def test_mains_hum_is_removed_and_the_slow_wave_stays():
    filtered = filter_native(night_like(256), 256, Derivation.F4)
    power = np.abs(np.fft.rfft(filtered[256 * 30 : 256 * 90])) ** 2
    assert power[50 * 60] < power[54] * 1e-4
    assert np.sqrt(power[54]) / (256 * 30) == pytest.approx(60, rel=0.05)


def test_the_input_is_left_alone():
    raw_uv = night_like(256)
    before = raw_uv.copy()
    preprocess(raw_uv, 256, Derivation.E1)
    np.testing.assert_array_equal(raw_uv, before)


def test_a_rate_too_low_for_the_band_is_refused():
    with pytest.raises(PsgError, match="20 Hz is too low for Chin"):
        preprocess(np.zeros(2000), 20, Derivation.CHIN)


def test_a_signal_too_short_is_refused():
    with pytest.raises(PsgError, match="too short"):
        filter_native(np.zeros(20), 256, Derivation.C4)


def test_interpolation_starts_at_the_origin_and_holds_the_last_value():
    ramp = np.arange(512.0)
    values = resample_linear(ramp, 256, start_s=0.5, count=200)
    assert values[0] == 128
    assert values[1] == pytest.approx(130.56)
    assert values[-1] == 511


def test_joined_epochs_give_the_pixels_of_the_published_order_of_steps():
    """Epochs are joined, filtered and stretched to the ends, with NumPy and SciPy alone."""
    size, epochs = 30 * 256, [1, 2, 4, 7]
    rng = np.random.default_rng(5)
    night_uv = rng.normal(0, 12, (len(DERIVATIONS), 9 * size + 640))
    starts_s = [2.5 + 30 * epoch for epoch in epochs]
    ours, theirs, on_the_clock = [], [], []
    for raw_uv, derivation in zip(night_uv, DERIVATIONS, strict=True):
        ours.append(filter_joined(raw_uv, 256, derivation, starts_s))
        band = BANDS[Derivation.CHIN if derivation is Derivation.CHIN else Derivation.C4]
        joined = np.concatenate([raw_uv[640 + n * size : 640 + (n + 1) * size] for n in epochs])
        band_sos = dsp.butter(4, band, "bandpass", fs=256, output="sos")
        filtered = dsp.sosfiltfilt(band_sos, joined)
        filtered = dsp.filtfilt(*dsp.iirnotch(50, 20, fs=256), filtered)
        old, new = np.linspace(0, 1, len(joined)), np.linspace(0, 1, len(epochs) * 3000)
        theirs.append(np.interp(new, old, filtered).reshape(len(epochs), 3000))
        whole = preprocess(raw_uv[640:], 256, derivation)
        on_the_clock.append([whole[n * 3000 : (n + 1) * 3000] for n in epochs])
    renderer = EpochRenderer()
    images = [
        [renderer.render(epoch_uv, DERIVATIONS) for epoch_uv in np.swapaxes(signals, 0, 1)]
        for signals in (ours, theirs, on_the_clock)
    ]
    assert np.array_equal(images[0], images[1])
    assert not np.array_equal(images[0], images[2])
