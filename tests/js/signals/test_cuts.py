"""The filters that a person chooses are those of scipy, without transients at the ends."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy import signal as dsp

from tests.helpers.node import NODE

JS = Path(__file__).resolve().parents[3] / "static/js/signals"
SCRIPT = f"""
import {{ readFileSync }} from "node:fs";
import {{ sectionsOf }} from "{(JS / "channels.js").as_uri()}";
import {{ rawEpochUv }} from "{(JS / "samples.js").as_uri()}";
const {{ cut, sfreqHz, counts, from, count }} = JSON.parse(readFileSync(0));
const sections = sectionsOf(cut, sfreqHz);
const positive = Int16Array.from(counts);
const raw = {{ positive, negatives: [], positiveUv: 0.1, sections, from, count }};
console.log(JSON.stringify({{ sections, made: [...rawEpochUv(raw)] }}));
"""


def in_the_page(cut, sfreq_hz, counts, first, count):
    said = {"cut": cut, "sfreqHz": sfreq_hz, "counts": counts.tolist(), "from": first}
    command = [NODE, "--input-type=module", "-e", SCRIPT]
    text = json.dumps({**said, "count": count})
    run = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


@pytest.mark.parametrize("sfreq_hz", [128, 256, 2000])
def test_low_cut_high_cut_and_notch_respond_as_those_of_scipy(sfreq_hz):
    cut = {"low": 0.1, "high": 40, "notch": 50}
    sections = np.array(in_the_page(cut, sfreq_hz, np.zeros(9), 0, 9)["sections"])
    expected = np.vstack(
        [
            dsp.butter(4, 0.1, "highpass", fs=sfreq_hz, output="sos"),
            dsp.butter(4, 40, "lowpass", fs=sfreq_hz, output="sos"),
            dsp.tf2sos(*dsp.iirnotch(50, 20, fs=sfreq_hz)),
        ]
    )
    _, ours = dsp.sosfreqz(sections, 4096, fs=sfreq_hz)
    _, theirs = dsp.sosfreqz(expected, 4096, fs=sfreq_hz)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_what_is_off_or_above_half_the_rate_is_left_out():
    none = {"low": None, "high": None, "notch": None}
    assert in_the_page(none, 100, np.arange(9), 0, 9)["sections"] == []
    above = {"low": None, "high": 60, "notch": 50}
    assert in_the_page(above, 100, np.arange(9), 0, 9)["sections"] == []


@pytest.mark.parametrize("first", [0, 1, 2])
def test_no_epoch_has_transients_at_its_ends_also_the_first_and_the_last(first):
    """A slow drift on a large offset, with a low cut: nothing of it may be left."""
    count = 30 * 100
    times_s = np.linspace(0, 90, 3 * count)
    wave_uv = 20 * np.sin(2 * np.pi * 5 * times_s)
    counts = np.round((wave_uv + 800 + 2 * times_s) / 0.1).astype(int)
    cut = {"low": 0.5, "high": 35, "notch": None}
    made = np.array(in_the_page(cut, 100, counts, first * count, count)["made"])
    expected = wave_uv[first * count : (first + 1) * count]
    assert np.abs(made - expected).max() < 1
