from hashlib import sha256

import numpy as np
import pytest

from psg.montage import DERIVATIONS, Derivation, find_derivations
from psg.simulate import SimulatedEvent, SimulatedNight, simulate_night

# Of a plain night before there were clinical ones.
EVENTS_OF_SEED_5 = "6449750891a7b8830b958db261462794c188faf2e2f93150c5e8c89e7ba9b2ab"
LEVELS_OF_SEED_5_UV = {
    "EEG F4-CLE": 13.4581,
    "EEG C4-CLE": 11.4555,
    "EEG O2-CLE": 11.0375,
    "EOG Left Horiz": 14.5830,
    "EOG Right Horiz": 15.9486,
    "EMG Chin1": 14.9299,
    "EMG Chin2": 14.8311,
    "ECG ECGI": 159.3260,
}


def test_the_same_seed_gives_the_same_night():
    one, other = (simulate_night(hours=0.2, seed=5) for _ in range(2))
    assert one.events == other.events
    assert one.stages == other.stages
    for label, signal in one.signals_uv.items():
        np.testing.assert_array_equal(signal, other.signals_uv[label])


def test_another_seed_gives_another_subject_and_night():
    one, other = simulate_night(hours=0.1, seed=5), simulate_night(hours=0.1, seed=6)
    assert one.plan.subject != other.plan.subject
    assert one.events != other.events


def test_plain_nights_stay_what_they_were():
    night = simulate_night(hours=0.1, seed=5)
    events = sha256("\n".join(map(_line, night.events)).encode()).hexdigest()
    levels_uv = {label: float(signal.std()) for label, signal in night.signals_uv.items()}
    assert events == EVENTS_OF_SEED_5
    assert levels_uv == pytest.approx(LEVELS_OF_SEED_5_UV, rel=1e-5)


def _line(event: SimulatedEvent) -> str:
    parameters = " ".join(f"{name} {value:.3f}" for name, value in event.parameters.items())
    return f"{event.kind} {event.channel} {event.start_s:.3f} {event.end_s:.3f} {parameters}"


def test_the_subject_code_does_not_change_the_signals():
    one = simulate_night(hours=0.1, seed=5, subject="01-09-0001")
    other = simulate_night(hours=0.1, seed=5, subject="01-09-0002")
    np.testing.assert_array_equal(one.signals_uv["EEG C4-CLE"], other.signals_uv["EEG C4-CLE"])


def test_the_six_derivations_are_found_by_their_labels(night: SimulatedNight):
    match = find_derivations(list(night.signals_uv))
    assert tuple(match.sources) == DERIVATIONS
    assert match.sources[Derivation.CHIN].negative is not None


def test_every_signal_is_whole_and_of_a_believable_size(night: SimulatedNight):
    samples = round(night.duration_s * night.sfreq_hz)
    for label, signal in night.signals_uv.items():
        assert signal.dtype == np.float32
        assert signal.shape == (samples,)
        assert np.isfinite(signal).all()
        assert 3 < signal.std() < 250, label
        assert np.abs(signal).max() < 3000, label


def test_scoring_starts_inside_the_recording_and_covers_the_hours_asked_for(night: SimulatedNight):
    assert 0 < night.grid.epoch0_s < 30
    assert night.grid.epoch_count == len(night.stages) == 4 * 120
    assert night.grid.onset_s(night.grid.epoch_count) <= night.duration_s


def test_events_lie_inside_the_recording_in_order_of_time(night: SimulatedNight):
    starts = [event.start_s for event in night.events]
    assert starts == sorted(starts)
    assert all(0 <= e.start_s < e.end_s <= night.duration_s for e in night.events)


def test_a_night_holds_every_kind_of_event(night: SimulatedNight):
    assert {event.kind for event in night.events} >= {
        "alpha", "arousal", "blink", "k_complex", "movement", "pop", "rem", "sem", "slow_wave",
        "spindle", "twitch", "vertex_wave", "waking_rem",
    }  # fmt: skip


def test_less_than_one_epoch_is_refused():
    with pytest.raises(ValueError, match="at least one epoch"):
        simulate_night(hours=0.005, seed=1)


@pytest.mark.parametrize("subject", ["", "../elsewhere", "Mary Smith", "x" * 41])
def test_a_subject_code_that_is_no_file_name_is_refused(subject: str):
    with pytest.raises(ValueError, match="subject code"):
        simulate_night(hours=0.1, seed=1, subject=subject)


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="seed"):
        simulate_night(hours=0.1, seed=-1)
