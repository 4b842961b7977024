"""Waves are measured on the signal that is drawn: the page's numbers against numpy's."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import sosfiltfilt

from psg.filters import filters_for
from psg.montage import Derivation
from tests.helpers.node import NODE

JS = Path(__file__).resolve().parents[3] / "static/js/signals"
SFREQ_HZ = 256
EPOCH = 30 * SFREQ_HZ
START_S, END_S = 10.0, 14.0
SCRIPT = f"""
import {{ readFileSync }} from "node:fs";
import {{ RawView }} from "{(JS / "records.js").as_uri()}";
import {{ cut, measure, measuredSamples }} from "{(JS / "samples.js").as_uri()}";
const {{ counts, layout, raws }} = JSON.parse(readFileSync(0));
const raw = new RawView({{ layout, fetchEpochs: async () => Int16Array.from(counts).buffer }});
raw.want(1);
await new Promise((done) => raw.addEventListener("epoch", done, {{ once: true }}));
console.log(JSON.stringify(raws.map((state) => {{
  const band = {{ name: "C4-M1", raw: state }};
  const {{ signal, ...found }} = measuredSamples(band, 1, {{ signals: null, raw }});
  const stretch = cut({{ ...found, startS: {START_S}, endS: {END_S} }});
  return {{ signal, ...measure(stretch, found.sfreqHz) }};
}})));
"""


def sines(*parts: tuple[float, float]) -> np.ndarray:
    times_s = np.arange(3 * EPOCH) / SFREQ_HZ
    return sum(height * np.sin(2 * np.pi * hz * times_s) for hz, height in parts)


def measured(signal_uv: np.ndarray) -> list[dict]:
    """Measure 4 s of the middle epoch with every filter state, as the page does."""
    band, mains = (part.tolist() for part in filters_for(SFREQ_HZ, Derivation.C4))
    channel = {"name": "C4", "sfreq_hz": SFREQ_HZ, "samples_per_epoch": EPOCH}
    source = {"name": "C4-M1", "positive": "C4", "negative": None, "band": band, "mains": mains}
    told = {
        "counts": np.round(signal_uv / 0.1).astype(int).tolist(),
        "layout": {
            "epoch_count": 3,
            "record_size": 2 * EPOCH,
            "channels": [channel | {"scale_uv": 0.1, "offset_bytes": 0, "unit": "uV"}],
            "derivations": [source],
        },
        "raws": [{"filters": f, "notch": n} for f, n in ((0, 0), (0, 1), (1, 0), (1, 1))],
    }
    command = [NODE, "--input-type=module", "-e", SCRIPT]
    run = subprocess.run(
        command, input=json.dumps(told), capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def expected(signal_uv: np.ndarray, *filters: np.ndarray) -> np.ndarray:
    for sections in filters:
        signal_uv = sosfiltfilt(sections, signal_uv)
    first = EPOCH + round(START_S * SFREQ_HZ)
    return signal_uv[first : first + round((END_S - START_S) * SFREQ_HZ) + 1]


def test_height_and_frequency_are_those_of_the_signal_on_screen():
    signal_uv = 200 + sines((12, 20), (50, 30), (0.1, 50))
    band, mains = filters_for(SFREQ_HZ, Derivation.C4)
    found = measured(signal_uv)
    assert [one["signal"] for one in found] == ["raw", "notch", "band-pass", "filtered"]
    for one, filters in zip(found, ((), (mains,), (band,), (band, mains)), strict=True):
        stretch = expected(signal_uv, *filters)
        assert one["peak_to_peak_uv"] == pytest.approx(np.ptp(stretch), abs=0.4)
    assert found[3]["peak_to_peak_uv"] == pytest.approx(40, abs=1)
    assert found[0]["peak_to_peak_uv"] > 100
    assert found[3]["frequency_hz"] == pytest.approx(12, abs=0.05)


@pytest.mark.parametrize(
    ("hz", "band"), [(1.5, "delta"), (6, "theta"), (10, "alpha"), (20, "beta")]
)
def test_the_power_of_a_known_sine_is_that_of_numpy(hz, band):
    filtered = measured(sines((hz, 25)))[3]
    stretch = expected(sines((hz, 25)), *filters_for(SFREQ_HZ, Derivation.C4))
    window = np.hanning(stretch.size)
    spectrum = np.abs(np.fft.rfft((stretch - stretch.mean()) * window)) ** 2
    power = 2 * spectrum.sum() / (stretch.size * (window**2).sum())
    assert filtered["frequency_hz"] == pytest.approx(hz, abs=0.05)
    assert filtered[f"{band}_power_uv2"] == pytest.approx(power, rel=0.03)
