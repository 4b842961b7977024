"""The filters of the page give what the filters of the library give, from the same sections."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from psg.filters import filter_native, filters_for
from psg.montage import Derivation
from tests.helpers.node import NODE

SAMPLES = Path(__file__).resolve().parents[3] / "static/js/signals/samples.js"
SFREQ_HZ = 256
EPOCH = 30 * SFREQ_HZ
SCRIPT = f"""
import {{ readFileSync }} from "node:fs";
import {{ rawEpochUv }} from "{SAMPLES.as_uri()}";
const {{ counts, ...raw }} = JSON.parse(readFileSync(0));
const made = rawEpochUv({{ ...raw, positive: Int16Array.from(counts), negatives: [] }});
console.log(JSON.stringify([...made]));
"""


def in_the_page(counts: np.ndarray, sections: list[list[float]], *, first: int) -> np.ndarray:
    raw = {"counts": counts.tolist(), "positiveUv": 0.1, "sections": sections}
    raw |= {"from": first * EPOCH, "count": EPOCH}
    command = [NODE, "--input-type=module", "-e", SCRIPT]
    run = subprocess.run(command, input=json.dumps(raw), capture_output=True, text=True, check=True)
    return np.array(json.loads(run.stdout))


@pytest.fixture
def counts() -> np.ndarray:
    """Three epochs of noise, mains hum and drift on an offset of 300 uV."""
    times_s = np.arange(3 * EPOCH) / SFREQ_HZ
    noise_uv = np.random.default_rng(3).normal(0, 20, times_s.size)
    signal_uv = 300 + noise_uv + 30 * np.sin(2 * np.pi * 50 * times_s) + times_s
    return np.round(signal_uv / 0.1).astype(np.int16)


@pytest.mark.parametrize("derivation", [Derivation.C4, Derivation.CHIN])
def test_an_epoch_between_its_neighbours_is_filtered_as_the_whole_is(counts, derivation):
    sections = [row for part in filters_for(SFREQ_HZ, derivation) for row in part.tolist()]
    expected = filter_native(counts * 0.1, SFREQ_HZ, derivation)[EPOCH : 2 * EPOCH]
    np.testing.assert_allclose(in_the_page(counts, sections, first=1), expected, atol=0.05)


def test_without_filters_the_signal_is_as_recorded(counts):
    np.testing.assert_allclose(
        in_the_page(counts, [], first=2), counts[2 * EPOCH :] * 0.1, rtol=1e-6
    )
