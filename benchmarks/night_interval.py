"""How often the interval of the kappa of a single night contains the truth, in simulated nights.

    python benchmarks/night_interval.py [--nights 400] [--epochs 960]

Two scorers err with a probability that drifts through the night and is higher beside transitions;
the truth is the mean kappa of all nights of a setting. Beside it the same interval with blocks of a
single epoch, as if epochs were independent.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy import special

from psg.agreement.single_night import mean_error, night_kappa_interval, pair_influence

# Mean length in epochs of W, N1, N2, N3, N2 and R in the first cycle; N3 shrinks, R grows.
CYCLE = ((0, 12.0), (1, 6.0), (2, 40.0), (3, 50.0), (2, 20.0), (4, 15.0))
TAKEN_FOR = np.array([[1, 2], [0, 2], [1, 3], [2, 2], [1, 2]])
STAYS = {"no time": 0.0, "5 min": 0.9, "17 min": 0.97}


def night(drawn: np.random.Generator, epochs: int) -> np.ndarray:
    stages: list[int] = []
    cycle = 0
    while len(stages) < epochs:
        growth = {3: max(0.02, 1 - 0.3 * cycle), 4: 0.4 + 0.6 * cycle}
        for stage, mean in CYCLE:
            stages += [stage] * drawn.geometric(1 / max(mean * growth.get(stage, 1.0), 1.0))
            if drawn.random() < 0.3:
                stages += [0] * drawn.geometric(1 / 3)
        cycle = (cycle + 1) % 5
    return np.array(stages[:epochs])


def scored(drawn: np.random.Generator, truth: np.ndarray, stays: float, bias: float) -> np.ndarray:
    doubt = np.zeros(len(truth))
    noise = drawn.normal(size=len(truth))
    doubt[0] = noise[0]
    for epoch in range(1, len(truth)):
        doubt[epoch] = stays * doubt[epoch - 1] + np.sqrt(1 - stays**2) * noise[epoch]
    changes = np.concatenate([[False], truth[1:] != truth[:-1]])
    near = np.convolve(changes, np.ones(5), "same") > 0
    errs = drawn.random(len(truth)) < 1 / (1 + np.exp(3 - 1.3 * doubt - 1.6 * near - bias))
    other = np.where(drawn.random(len(truth)) < 0.6, *TAKEN_FOR[truth].T)
    return np.where(errs, other, truth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nights", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=960)
    options = parser.parse_args()
    normal = float(special.ndtri(0.975))
    print("errors stay for | contains the truth | mean width | as if independent")
    for name, stays in STAYS.items():
        drawn = np.random.default_rng(1)
        kappas, blocks, single = [], [], []
        for _ in range(options.nights):
            truth = night(drawn, options.epochs)
            a, b = (scored(drawn, truth, stays, bias) for bias in (0.0, 0.3))
            kappa, influence = pair_influence(a, b)
            kappas.append(kappa)
            blocks.append(night_kappa_interval(np.stack([a, b], axis=1)))
            reach = normal * mean_error(influence, 1)
            single.append((kappa - reach, kappa + reach))
        mean = np.mean(kappas)
        shares = [
            np.mean([low <= mean <= high for low, high in given]) for given in (blocks, single)
        ]
        width = np.mean([high - low for low, high in blocks])
        print(f"{name} | {shares[0]:.1%} | {width:.3f} | {shares[1]:.1%}")


if __name__ == "__main__":
    main()
