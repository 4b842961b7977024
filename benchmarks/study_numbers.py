"""Numbers of simulated studies whose truth is known: with and without what once biased them.

    python -m benchmarks.study_numbers

Control items: 400 rationales of 40 subjects, four raters; then 20 % control items are added, rated
about 1.6. Population: 60 subjects with 100 rationales each, of which 90 % are right and rated 4.0,
the others 3.0; 240 are drawn from strata by `annotations.rating.sampling`, rated by two arms that
are 0.2 (right) and 0.6 (wrong) apart. Rule overlap: 5,000 epochs, one rule each; the reader cites
the right one in 30 %, and a fifth of its citations gain an id that no rule has.
"""

from __future__ import annotations

import random

import numpy as np

from annotations.rating.sampling import Candidate, inclusion_probabilities, sample
from inference.adapters import NightToScore, RawReply
from inference.parsing import parse_reply
from inference.training.evaluation.counting import ReferenceNight, rule_sums
from inference.training.evaluation.readers import EpochAnswer, NightAnswers
from psg.agreement.bootstrap import Interval
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from psg.ratings import Draws, RatedItems, compare_arms, group_scores, study_statistics
from psg.rules.editions import get_edition
from psg.stages import Stage, stage_codes

SEVERITY = np.array([-0.3, 0.0, 0.1, 0.2])


def rated(quality: np.ndarray, subjects: np.ndarray, **more: np.ndarray) -> RatedItems:
    rng = np.random.default_rng(1)
    wanted = quality[:, None] + SEVERITY + rng.normal(0, 0.45, (len(quality), len(SEVERITY)))
    scores = np.clip(np.floor(wanted + rng.random(wanted.shape)), 1, 5)
    unsure = np.zeros((*scores.shape, 1), dtype=bool)
    epochs = more.pop("epochs", np.arange(len(quality)))
    return RatedItems(scores[:, :, None, None], unsure, subjects, subjects, epochs, **more)


def shown(number: Interval) -> str:
    return f"{number.value:.2f} ({number.low:.2f} to {number.high:.2f})"


def controls() -> None:
    rng = np.random.default_rng(3)
    written = 3.6 + rng.normal(0, 0.5, 400)
    quality = np.concatenate([written, rng.normal(1.6, 0.2, 100)])
    subjects = np.arange(500) % 40
    items, known = rated(quality, subjects), np.arange(500) >= 400
    draws = Draws(500, 1)
    for name, found in (
        ("no control items", study_statistics(items.where(~known), {}, {}, draws)),
        ("pooled with 20 % control items, as before", study_statistics(items, {}, {}, draws)),
        ("items as written, as now", study_statistics(items, {}, {}, draws, known)),
    ):
        icc, mean = found.agreement[0]["icc_a1"], found.overall.dimensions[0].mean
        print(f"  {name}: ICC(A,1) {shown(icc)}, mean {shown(mean)}")


def population() -> None:
    wrong_of = [(subject, n, n % 10 == 0) for subject in range(60) for n in range(100)]
    everything = [
        Candidate(100 * subject + n, subject, n, "N2", "N1" if wrong else "N2")
        for subject, n, wrong in wrong_of
    ]
    likely = dict(zip(everything, inclusion_probabilities(everything, count=240), strict=True))
    drawn = sample(everything, count=240, rng=random.Random(1))
    wrong = np.array([c.stage != c.reference_stage for c in drawn] * 2)
    arm = np.repeat([0, 1], len(drawn))
    quality = 4.0 - wrong - np.where(arm == 1, np.where(wrong, 0.6, 0.2), 0.0)
    weights = np.array([1 / likely[c] for c in drawn] * 2)
    subjects = np.array([c.recording for c in drawn] * 2)
    epochs = np.array([c.score_id for c in drawn] * 2)
    items = rated(quality, subjects, weights=weights, epochs=epochs)
    draws = Draws(1000, 1)
    (scores,) = group_scores(items.where(arm == 0), draws).dimensions
    (pair,) = compare_arms(items, {"first": arm == 0, "second": arm == 1}, draws)
    print(
        f"  mean of the first arm, truth 3.90: as drawn {shown(scores.mean)}, as before;"
        f" population {shown(scores.population)}"
    )
    print(
        f"  difference of the arms, truth 0.24: as drawn {shown(pair.difference)}, as before;"
        f" population {shown(pair.population)}"
    )


def overlap() -> None:
    rng = np.random.default_rng(5)
    edition = get_edition()
    count, ids = 5000, list(edition.rule_ids)
    right = [ids[place] for place in rng.integers(0, len(ids), count)]
    said = [
        [rule if rng.random() < 0.3 else ids[rng.integers(len(ids))]]
        + (["N9.9"] if rng.random() < 0.2 else [])
        for rule in right
    ]
    published = np.mean(
        [len({a} & set(b)) / len({a} | set(b)) for a, b in zip(right, said, strict=True)]
    )
    before = np.mean([a == b[0] for a, b in zip(right, said, strict=True)])
    texts = [f'{{"applicable_rules": {b}, "sleep_stage": "N2"}}'.replace("'", '"') for b in said]
    answers = NightAnswers(
        count,
        {
            n: EpochAnswer(RawReply(n, text), parse_reply(text, rule_ids=ids))
            for n, text in enumerate(texts)
        },
        1.0,
    )
    signals = ArrayNight(DERIVATIONS, np.zeros((count, 6, 1), dtype=np.float32))
    night = ReferenceNight(
        "S1",
        NightToScore("S1", signals),
        stage_codes([Stage.N2] * count),
        [(rule,) for rule in right],
        None,
    )
    sums = rule_sums(night, answers, edition).staged
    print(
        f"  known rules alone, as before {before:.3f}; with invented ids, as now"
        f" {sums[0] / sums[1]:.3f}; the published formula {published:.3f}"
    )


if __name__ == "__main__":
    for title, show in (
        ("Control items", controls),
        ("Designed and population", population),
        ("Rule IoU with a fifth of invented ids", overlap),
    ):
        print(title)
        show()
