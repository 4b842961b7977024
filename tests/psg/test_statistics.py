import warnings

import numpy as np
import pytest

from psg.hypnogram import sleep_statistics
from psg.stages import Stage, stages_from_codes

W, N1, N2, N3, R = Stage
YASA_NAMES = {W: "WAKE", N1: "N1", N2: "N2", N3: "N3", R: "REM"}


def yasa_statistics(stages):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import yasa

        hypnogram = yasa.Hypnogram([YASA_NAMES[stage] for stage in stages], freq="30s")
        return hypnogram.sleep_statistics()


def random_night(seed):
    codes = np.repeat(np.random.default_rng(seed).integers(0, 5, 60), 7)
    return [W, W, W, N1, *stages_from_codes(codes), R, W]


@pytest.mark.parametrize("seed", range(3))
def test_statistics_equal_yasa(seed):
    stages = random_night(seed)
    ours, theirs = sleep_statistics(stages), yasa_statistics(stages)
    assert ours.tib_min == theirs["TIB"]
    assert ours.spt_min == theirs["SPT"]
    assert ours.tst_min == theirs["TST"]
    # yasa counts wake up to the last sleep; the manual counts it up to lights on.
    assert ours.wake_in_spt_min == theirs["WASO"]
    assert ours.waso_min == theirs["TIB"] - theirs["SOL"] - theirs["TST"]
    assert ours.se_pct == pytest.approx(theirs["SE"], abs=1e-3)
    assert ours.sme_pct == pytest.approx(theirs["SME"], abs=1e-3)
    assert ours.sol_min == theirs["SOL"]
    # yasa counts latencies from the start of the record, the manual from sleep onset.
    assert ours.rem_latency_min == theirs["Lat_REM"] - theirs["SOL"]
    for stage in (N1, N2, N3, R):
        name = YASA_NAMES[stage]
        assert ours.stage_min[stage] == theirs[name]
        assert ours.stage_pct[stage] == pytest.approx(theirs[f"%{name}"], abs=1e-3)


def test_stages_that_do_not_occur_have_no_latency():
    statistics = sleep_statistics([W, N1, N2, W])
    assert statistics.rem_latency_min is None
    assert statistics.stage_min[R] == 0
    assert statistics.latencies_min[N2] == 0.5


def test_a_night_nobody_scored_gives_no_numbers():
    statistics = sleep_statistics([None] * 10)
    assert statistics.tst_min is None
    assert statistics.se_pct is None
    assert statistics.sol_min is None
    assert set(statistics.stage_min.values()) == {None}
    assert statistics.unscored_min == 5.0


def test_an_empty_night_gives_no_numbers():
    assert sleep_statistics([]).tib_min is None


def test_a_night_awake_has_no_sleep_period_and_no_percentages():
    statistics = sleep_statistics([W] * 4)
    assert statistics.tst_min == 0
    assert statistics.se_pct == 0
    assert statistics.sme_pct is None
    assert statistics.waso_min is None
    assert statistics.wake_in_spt_min is None
    assert statistics.sol_min is None
    assert set(statistics.stage_pct.values()) == {None}


def test_unscored_ends_are_outside_the_time_in_bed_without_lights_marks():
    statistics = sleep_statistics([None, None, W, N1, N2, None])
    assert statistics.tib_min == 1.5
    assert statistics.unscored_min == 0
    assert statistics.sol_min == 0.5


def test_wake_before_lights_on_is_wake_after_sleep_onset_but_not_within_the_sleep_period():
    stages = [W] * 20 + [N2] * 30 + [W] * 4 + [N2] * 12 + [W] * 12
    statistics = sleep_statistics(stages, lights_off_s=0, lights_on_s=30 * len(stages))
    assert (statistics.tib_min, statistics.sol_min, statistics.tst_min) == (39, 10, 21)
    assert (statistics.waso_min, statistics.wake_in_spt_min) == (8, 2)


def test_lights_on_ends_the_wake_after_sleep_onset():
    stages = [W, N2, N2, W, N2, W, W, W]
    assert sleep_statistics(stages).waso_min == 2.0
    assert sleep_statistics(stages, lights_on_s=180).waso_min == 1.0
    assert sleep_statistics(stages, lights_on_s=120).waso_min == 0.5


def test_the_parts_of_a_night_add_up_to_its_time_in_bed_with_unscored_epochs_too():
    statistics = sleep_statistics([W, W, N1, None, N2, W, N2, None, W, W])
    parts_min = statistics.sol_min + statistics.tst_min + statistics.waso_min
    assert parts_min + statistics.unscored_min == statistics.tib_min
    assert (statistics.waso_min, statistics.unscored_pct) == (1.5, 20.0)


def test_an_unscored_epoch_makes_later_latencies_unknown_and_counts_as_time_in_bed():
    statistics = sleep_statistics([W, None, N2, N2, None, R])
    assert statistics.sol_min is None
    assert statistics.latencies_min[N2] == 0
    assert statistics.rem_latency_min is None
    assert statistics.unscored_min == 1.0
    assert statistics.unscored_pct == pytest.approx(100 / 3)
    assert (statistics.se_pct, statistics.sme_pct) == (50.0, 75.0)


def test_lights_marks_choose_epochs_by_their_middle():
    stages = [W, W, N1, N2, N2, W, W, W]
    statistics = sleep_statistics(stages, lights_off_s=40, lights_on_s=200)
    assert statistics.tib_min == 3.0
    assert statistics.sol_min == 0.5
    assert sleep_statistics(stages, lights_off_s=50).tib_min == 3.0
    assert sleep_statistics(stages, lights_off_s=15).tib_min == 4.0
    assert sleep_statistics(stages, lights_on_s=15).tib_min is None
