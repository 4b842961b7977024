"""What was put in can be found again in the signals, in the ranges that the literature gives."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt, welch

from psg.montage import Derivation
from psg.simulate import SimulatedNight
from psg.simulate.canvas import Canvas
from psg.simulate.draws import component_rng
from psg.simulate.subject import draw_subject
from psg.stages import Stage

Epochs = Callable[[Derivation, Stage], NDArray[np.float32]]
Trace = Callable[[Derivation], NDArray[np.float32]]
SFREQ_HZ = 256


def band_power(signals_uv: NDArray[np.float32], low_hz: float, high_hz: float) -> float:
    """Median over epochs of the power in a band, uV^2."""
    frequencies, density = welch(signals_uv, SFREQ_HZ, nperseg=4 * SFREQ_HZ, axis=-1)
    inside = (frequencies >= low_hz) & (frequencies < high_hz)
    return float(np.median(density[..., inside].sum(axis=-1) * frequencies[1]))


def pieces(
    night: SimulatedNight, signal: NDArray[np.float32], kind: str
) -> list[NDArray[np.float32]]:
    found = [event for event in night.events if event.kind == kind]
    return [signal[round(e.start_s * SFREQ_HZ) : round(e.end_s * SFREQ_HZ)] for e in found]


def test_delta_power_grows_with_the_depth_of_sleep(epochs_of: Epochs):
    delta = [
        band_power(epochs_of(Derivation.C4, stage), 0.5, 4)
        for stage in (Stage.W, Stage.N1, Stage.N2, Stage.N3)
    ]
    assert delta == sorted(delta)
    # Orders of magnitude as in Purcell et al. 2017: tens of uV^2 awake, several hundred in N3.
    assert 15 < delta[0] < 120
    assert 80 < delta[2] < 350
    assert 350 < delta[3] < 2500


def test_the_spectrum_falls_more_steeply_in_deep_sleep_than_awake(epochs_of: Epochs):
    def slope(stage: Stage) -> float:
        epochs = epochs_of(Derivation.C4, stage)
        frequencies, density = welch(epochs, SFREQ_HZ, nperseg=4 * SFREQ_HZ, axis=-1)
        inside = (frequencies > 2) & (frequencies < 40)
        power = np.median(density, axis=0)[inside]
        return float(np.polyfit(np.log(frequencies[inside]), np.log(power), 1)[0])

    # He et al. 2010, Lendner et al. 2020.
    assert -4 < slope(Stage.N3) < slope(Stage.R) < slope(Stage.W) < -0.8


def test_alpha_stands_out_over_the_occiput_in_wakefulness_only(
    night: SimulatedNight, epochs_of: Epochs
):
    assert night.plan.subject.alpha_producer
    occipital = {stage: band_power(epochs_of(Derivation.O2, stage), 8, 12) for stage in Stage}
    assert occipital[Stage.W] > 4 * occipital[Stage.N2]
    assert occipital[Stage.W] > 2 * band_power(epochs_of(Derivation.F4, Stage.W), 8, 12)


def test_one_person_in_ten_produces_no_alpha():
    subjects = [draw_subject(component_rng(seed, "subject")) for seed in range(400)]
    producers = [subject for subject in subjects if subject.alpha_producer]
    assert 0.85 < len(producers) / 400 < 0.95
    assert 25 < np.median([subject.alpha_uv for subject in producers]) < 50
    assert max(s.alpha_uv for s in subjects if not s.alpha_producer) < 20


def test_spindles_come_two_to_four_a_minute_in_n2(night: SimulatedNight):
    found = [
        event
        for event in night.events
        if event.kind == "spindle" and night.plan.timeline.stage_at(event.start_s) is Stage.N2
    ]
    minutes = sum(run.length_s for run in night.plan.timeline.runs_of(Stage.N2)) / 60
    assert 1.0 < len(found) / minutes < 5.0
    assert all(event.end_s - event.start_s >= 0.5 for event in found)
    assert all(11 <= event.parameters["frequency_hz"] <= 16 for event in found)


def test_spindles_are_found_again_in_the_sigma_band(night: SimulatedNight, trace: Trace):
    sos = butter(4, [11, 16], "bandpass", fs=SFREQ_HZ, output="sos")
    sigma = sosfiltfilt(sos, trace(Derivation.C4))
    inside = np.median([np.square(piece).mean() for piece in pieces(night, sigma, "spindle")])
    n2 = [run for run in night.plan.timeline.runs_of(Stage.N2) if run.length_s > 60]
    around = np.median(
        [
            np.square(sigma[round(r.start_s * SFREQ_HZ) : round(r.end_s * SFREQ_HZ)]).mean()
            for r in n2
        ]
    )
    assert inside > 3 * around


def test_k_complexes_begin_with_a_negative_wave_in_front(night: SimulatedNight, trace: Trace):
    mean_wave = np.mean([p[:140] for p in pieces(night, trace(Derivation.F4), "k_complex")], axis=0)
    assert np.ptp(mean_wave) > 75
    assert mean_wave.argmin() < mean_wave.argmax()
    occipital = np.mean([p[:140] for p in pieces(night, trace(Derivation.O2), "k_complex")], axis=0)
    assert np.ptp(occipital) < 0.7 * np.ptp(mean_wave)


def test_slow_waves_fill_a_fifth_of_n3_and_little_of_n2(night: SimulatedNight):
    def share(stage: Stage) -> float:
        runs = night.plan.timeline.runs_of(stage)
        large = [
            event.end_s - event.start_s
            for event in night.events
            if event.kind == "slow_wave"
            and event.parameters["peak_to_peak_uv"] > 75
            and night.plan.timeline.stage_at(event.start_s) is stage
        ]
        return sum(large) / sum(run.length_s for run in runs)

    assert share(Stage.N3) > 0.25
    assert share(Stage.N2) < 0.12


def test_rapid_eye_movements_take_the_eyes_in_opposite_directions(
    night: SimulatedNight, trace: Trace
):
    left = pieces(night, trace(Derivation.E1), "rem")
    right = pieces(night, trace(Derivation.E2), "rem")
    correlations = [np.corrcoef(one, other)[0, 1] for one, other in zip(left, right, strict=True)]
    assert np.median(correlations) < -0.5
    assert 40 < np.median([np.ptp(piece) for piece in left]) < 250


def test_blinks_move_both_eyes_alike(night: SimulatedNight, trace: Trace):
    left = pieces(night, trace(Derivation.E1), "blink")
    right = pieces(night, trace(Derivation.E2), "blink")
    correlations = [np.corrcoef(one, other)[0, 1] for one, other in zip(left, right, strict=True)]
    assert np.median(correlations) > 0.5


def test_chin_tone_is_highest_awake_and_lowest_in_rem_sleep(epochs_of: Epochs):
    tone = {
        stage: np.sqrt(band_power(epochs_of(Derivation.CHIN, stage), 10, 48)) for stage in Stage
    }
    assert min(tone, key=lambda stage: tone[stage]) is Stage.R
    assert max(tone, key=lambda stage: tone[stage]) is Stage.W
    assert tone[Stage.W] > 2 * tone[Stage.R]


def test_mains_hum_stands_out_as_a_line(night: SimulatedNight, epochs_of: Epochs):
    line_hz = night.plan.subject.mains_hz
    epochs = epochs_of(Derivation.O2, Stage.N2)
    line = band_power(epochs, line_hz - 0.5, line_hz + 0.75)
    assert line > 5 * band_power(epochs, line_hz + 4, line_hz + 5.25)


@pytest.mark.parametrize(
    ("pair", "low", "high"),
    [
        ((Derivation.F4, Derivation.C4), 0.5, 0.95),
        ((Derivation.F4, Derivation.O2), 0.1, 0.85),
    ],
)
def test_near_derivations_share_more_than_far_ones(
    epochs_of: Epochs, pair: tuple[Derivation, Derivation], low: float, high: float
):
    one, other = (epochs_of(derivation, Stage.N2).ravel() for derivation in pair)
    assert low < np.corrcoef(one, other)[0, 1] < high


def test_a_waveform_over_the_edge_of_the_recording_is_cut():
    canvas = Canvas(duration_s=2.0)
    canvas.add(-0.5, np.ones(256), {Derivation.F4: 2.0})
    canvas.add(1.5, np.ones(256), {Derivation.F4: 3.0})
    canvas.note("pop", Derivation.F4, -0.5, 0.5)
    canvas.note("pop", Derivation.F4, 2.5, 3.0)
    assert canvas.row(Derivation.F4)[[0, 127, 128, 383, 384, 511]].tolist() == [2, 2, 0, 0, 3, 3]
    assert [(event.start_s, event.end_s) for event in canvas.events] == [(0.0, 0.5)]
