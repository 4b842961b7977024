"""The spectrogram strip."""

import io

import numpy as np
import pytest
from PIL import Image

from psg.display import epoch_power_db, spectrogram_png


def tones(*frequencies_hz: float) -> np.ndarray:
    times_s = np.arange(3000) / 100
    return np.stack([20 * np.sin(2 * np.pi * f * times_s) for f in frequencies_hz])


def test_a_tone_is_loudest_at_its_own_frequency():
    power_db = epoch_power_db(tones(2.0, 13.0), 2)
    assert power_db.shape == (2, 60)
    assert (power_db.argmax(axis=1) + 1) / 2 == pytest.approx([2.0, 13.0])


def test_the_level_is_that_of_a_density():
    noise = np.random.default_rng(0).normal(0, 10, (4, 3000))
    assert epoch_power_db(noise, 4).mean() == pytest.approx(10 * np.log10(100 / 50), abs=0.5)


def test_the_picture_is_small_and_has_low_frequencies_at_the_bottom():
    signal = np.repeat(tones(2.0), 900, axis=0) + np.random.default_rng(0).normal(0, 1, (900, 3000))
    png = spectrogram_png(signal, 900)
    image = Image.open(io.BytesIO(png))
    assert image.size == (900, 60)
    assert len(png) < 80_000
    rows = np.asarray(image.convert("L")).mean(axis=1)
    assert rows.argmax() == 60 - 4


def test_a_silent_night_is_drawn_without_trouble():
    assert Image.open(io.BytesIO(spectrogram_png(np.zeros((3, 3000)), 3))).size == (3, 60)
