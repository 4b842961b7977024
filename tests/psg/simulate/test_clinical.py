"""What is noted of clinical nights is in their signals, in the sizes that real recordings have."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from benchmarks.simulator.hypnograms import architecture
from psg.montage import DERIVATIONS, Derivation
from psg.simulate import Cohort, Difficulty, SimulatedEvent, SimulatedNight, simulate_night
from psg.simulate.canvas import Canvas
from psg.simulate.clinical.disturbances import add_large_movements, add_muscle, add_noted_heart
from psg.simulate.clinical.eyes import LEAST_MARKED_SHARE, add_clinical_eye_movements
from psg.simulate.clinical.subject import draw_clinical_subject
from psg.simulate.clinical.waves import add_lone_waves, add_sigma_bursts
from psg.simulate.draws import component_rng
from psg.simulate.night import reference_stages
from psg.simulate.plan import NightPlan, draw_plan
from psg.simulate.stageprocess import StageRun, StageTimeline
from psg.simulate.subject import draw_subject, is_of_cohort
from psg.simulate.waves import GAINS, add_k_complexes, add_slow_waves
from psg.stages import Stage

W, N1, N2, N3, R = Stage
F4, C4, E1, E2 = Derivation.F4, Derivation.C4, Derivation.E1, Derivation.E2
Add = Callable[[Canvas, NightPlan, Generator], object]


@pytest.fixture(scope="module")
def clinical() -> SimulatedNight:
    return simulate_night(hours=0.5, seed=3, difficulty=Difficulty.CLINICAL)


def drawn(add: Add, stage: Stage, *, seed: int = 1, minutes: float = 15) -> Canvas:
    """What a generator adds to ten minutes or more of a stage, on empty traces."""
    timeline = StageTimeline([StageRun(stage, 0.0, 60 * minutes)])
    subject = draw_clinical_subject(seed)
    plan = draw_plan(component_rng(seed, "plan"), subject, timeline, 60 * minutes)
    canvas = Canvas(60 * minutes)
    add(canvas, plan, component_rng(seed, "one"))
    return canvas


def piece(canvas: Canvas, event: SimulatedEvent, derivation: Derivation) -> NDArray[np.float32]:
    first, last = (round(time_s * canvas.sfreq_hz) for time_s in (event.start_s, event.end_s))
    return canvas.row(derivation)[first:last]


def alone(canvas: Canvas, kind: str) -> list[SimulatedEvent]:
    """Events of a kind that no other event comes within half a second of."""
    return [
        event
        for event in canvas.events
        if event.kind == kind
        and all(
            other is event or other.start_s > event.end_s + 0.5 or other.end_s < event.start_s - 0.5
            for other in canvas.events
        )
    ]


def test_the_same_seed_gives_the_same_bytes():
    one, other = (
        simulate_night(hours=0.1, seed=3, difficulty=Difficulty.CLINICAL) for _ in range(2)
    )
    assert one.events == other.events
    assert one.stages == other.stages
    for label, signal in one.signals_uv.items():
        assert signal.tobytes() == other.signals_uv[label].tobytes()


@pytest.mark.parametrize(
    ("add", "kind", "stage"),
    [
        (add_k_complexes, "k_complex", N2),
        (add_lone_waves, "slow_wave", N2),
        (add_slow_waves, "slow_wave", N2),
    ],
)
def test_a_wave_of_any_size_is_in_the_samples_at_its_time(add: Add, kind: str, stage: Stage):
    canvas = drawn(add, stage)
    events = alone(canvas, kind)
    assert len(events) > 5
    for event in events:
        wave = piece(canvas, event, F4)
        assert np.ptp(wave) == pytest.approx(event.parameters["peak_to_peak_uv"], rel=0.03)
        assert wave.argmin() < wave.argmax()


def test_some_k_complexes_are_small_beside_large_ones():
    events = [
        event
        for seed in range(12)
        for event in drawn(add_k_complexes, N2, seed=seed, minutes=10).events
        if event.kind == "k_complex"
    ]
    in_c4_uv = GAINS[C4] * np.array([event.parameters["peak_to_peak_uv"] for event in events])
    assert 0.05 < np.mean(in_c4_uv < 80) < 0.3
    assert np.mean(in_c4_uv > 150) > 0.2
    assert in_c4_uv.min() > 25


def test_spindles_have_the_sizes_that_experts_marked(clinical: SimulatedNight):
    sizes_uv = [e.parameters["peak_to_peak_uv"] for e in clinical.events if e.kind == "spindle"]
    assert 20 < np.median(sizes_uv) < 45
    assert np.mean(np.array(sizes_uv) < 20) > 0.02


@pytest.mark.parametrize("add", [add_slow_waves, add_lone_waves, add_k_complexes])
def test_slow_waves_move_both_eye_channels_alike(add: Add):
    canvas = drawn(add, N2)
    left, right = canvas.row(E1), canvas.row(E2)
    assert np.corrcoef(left, right)[0, 1] > 0.9
    assert 0.4 < np.ptp(left) / np.ptp(canvas.row(F4)) < 1.2


def test_bursts_that_are_no_spindles_have_their_frequencies():
    canvas = drawn(add_sigma_bursts, N2)
    for event in alone(canvas, "sigma_burst"):
        burst = piece(canvas, event, C4)
        power = np.abs(np.fft.rfft(burst, 8 * len(burst))) ** 2
        frequencies = np.fft.rfftfreq(8 * len(burst), 1 / canvas.sfreq_hz)
        inside = (frequencies > 8) & (frequencies < 19)
        assert power[inside].sum() > 0.9 * power.sum()
        assert burst.std() == pytest.approx(event.parameters["rms_uv"], rel=0.02)


def test_small_movements_of_the_eyes_are_not_called_rapid():
    canvas = drawn(add_clinical_eye_movements, R)
    half_uv = LEAST_MARKED_SHARE * draw_clinical_subject(1).rem_uv
    sizes_uv = {
        kind: [e.parameters["peak_to_peak_uv"] for e in canvas.events if e.kind == kind]
        for kind in ("rem", "small_rem", "sem")
    }
    assert min(sizes_uv["rem"]) >= half_uv - 0.001 > max(sizes_uv["small_rem"]) - 0.002
    difference = canvas.row(E2) - canvas.row(E1)
    for event in alone(canvas, "small_rem") + alone(canvas, "rem") + alone(canvas, "sem"):
        first, last = round(event.start_s * 256), round((event.end_s + 0.2) * 256)
        size_uv = event.parameters["peak_to_peak_uv"]
        assert 0.7 * size_uv < np.ptp(difference[first:last]) < 1.5 * size_uv


def test_the_eyes_move_against_each_other_in_r():
    canvas = drawn(add_clinical_eye_movements, R)
    assert np.corrcoef(canvas.row(E1), canvas.row(E2))[0, 1] < -0.5


@pytest.mark.parametrize("seed", [1, 4])
def test_r_waves_stand_5_to_50_uv_high_in_every_derivation(seed: int):
    kept: list[NDArray[np.float32]] = []

    def add(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
        kept.append(add_noted_heart(canvas, plan, rng))

    canvas = drawn(add, N2, seed=seed, minutes=2)
    noted = {event.channel: event.parameters["peak_uv"] for event in canvas.events}
    assert set(noted) == set(DERIVATIONS)
    beats = np.flatnonzero(kept[0] > 0.9 * kept[0].max())
    for name, size_uv in noted.items():
        assert 5 <= size_uv <= 50
        around = [np.abs(canvas.row(name)[beat - 12 : beat + 12]).max() for beat in beats[5:-5]]
        assert np.median(around) == pytest.approx(size_uv, rel=0.1)


def test_muscle_reaches_all_derivations_of_the_head_awake():
    canvas = drawn(add_muscle, W)
    sos = butter(4, [16, 45], "bandpass", fs=canvas.sfreq_hz, output="sos")
    spells = alone(canvas, "muscle")
    assert len(spells) > 5
    for derivation in DERIVATIONS[:5]:
        fast = sosfiltfilt(sos, canvas.row(derivation))
        for event in spells:
            first, last = round(event.start_s * 256), round(event.end_s * 256)
            assert fast[first:last].std() > 0.1 * event.parameters["rms_uv"]
    assert not canvas.row(Derivation.CHIN).any()
    assert len(drawn(add_muscle, N3).events) == 0


def test_movements_have_large_waves():
    canvas = drawn(add_large_movements, W, minutes=60)
    swings_uv = [np.ptp(piece(canvas, event, C4)) for event in alone(canvas, "movement")]
    assert np.median(swings_uv) > 200


def test_clinical_subjects_belong_to_the_cohorts_of_plain_ones():
    for seed in range(200):
        plain = draw_subject(component_rng(seed, "subject"))
        for cohort in Cohort:
            assert is_of_cohort(plain, cohort) == is_of_cohort(draw_clinical_subject(seed), cohort)


def test_some_sleepers_lack_alpha_and_some_have_little():
    subjects = [draw_clinical_subject(seed) for seed in range(500)]
    none = np.mean([not subject.alpha_producer for subject in subjects])
    little = np.mean([s.alpha_producer and s.alpha_uv < 15 for s in subjects])
    assert 0.06 < none < 0.15
    assert 0.03 < little < 0.12


@pytest.mark.long
def test_stages_last_and_change_as_scorers_of_real_nights_see_them():
    nights = [
        reference_stages(hours=8, seed=seed, difficulty=Difficulty.CLINICAL) for seed in range(3)
    ]
    found = architecture(nights)
    # The least and the most of the five scorers of DOD-H: 8.6 to 17.2 changes an hour.
    assert 8.6 < found["changes_per_h"] < 17.2
    assert 4.6 < found["mean_stay_min"][N3] < 16.7
    assert 6.2 < found["mean_stay_min"][R] < 16.6


def test_stages_without_signals_are_those_of_the_night(clinical: SimulatedNight):
    quick = reference_stages(hours=0.5, seed=3, difficulty=Difficulty.CLINICAL)
    assert sum(one is not other for one, other in zip(quick, clinical.stages, strict=True)) <= 2


def test_stays_and_changes_are_counted():
    found = architecture([[W, W, N2, N2, N2, None, N2, R]])
    assert found["changes_per_h"] == 60.0
    assert found["mean_stay_min"] == {W: 1.0, N1: 0.0, N2: 1.0, N3: 0.0, R: 0.5}
    assert found["share"][N2] == pytest.approx(4 / 7, abs=0.001)
