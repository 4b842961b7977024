"""How much the probability of a given stage tells whether the stage is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.training.evaluation.estimating import estimates, number
from inference.training.evaluation.readers import NightAnswers
from inference.training.evaluation.results import CertaintyBin, CertaintyFigures, StageCertainty
from psg.agreement.reference import kappa, tested_confusion
from psg.agreement.sums import Floats, RecordingSums, over
from psg.stages import STAGES, UNSCORED_CODE

BINS = 10
"""Of the reliability diagram, of equal width."""
_MOST_LOG_ODDS, _STEP = 14.0, 0.02
_FINE = 2 * round(_MOST_LOG_ODDS / _STEP) + 1
"""Steps of log odds, so fine that two probabilities of a step count as equal."""


@dataclass(frozen=True)
class CertaintySums(RecordingSums):
    """Epochs with a probability of their given stage, by that probability."""

    right: Floats
    """Epochs with the reference's stage, by steps of log odds; (..., _FINE)."""
    wrong: Floats
    """The others; (..., _FINE)."""
    epochs: Floats
    """By bins of probability; (..., BINS)."""
    hits: Floats
    """Of those, with the reference's stage; (..., BINS)."""
    probability: Floats
    """Sum of the probabilities; (..., BINS)."""
    most_probable: Floats
    """Epochs by the reference's stage and the most probable one, the last unread; (..., 5, 6)."""


def certainty_sums(reference: NDArray[np.int8], answers: NightAnswers) -> CertaintySums:
    """Sums of a night over the epochs that have a reference and probabilities.

    ``reference`` holds stage codes, -1 where there is none; (n_epochs,).
    """
    given = np.full(len(reference), np.nan)
    best = np.full(len(reference), UNSCORED_CODE, dtype=np.int8)
    for epoch, reply in answers.parsed.items():
        shares = answers.by_epoch[epoch].raw.probabilities
        if shares:
            given[epoch] = shares[reply.stage.value]
            best[epoch] = int(np.argmax([shares[stage.value] for stage in STAGES]))
    counted = ~np.isnan(given) & (reference != UNSCORED_CODE)
    is_right = (answers.codes == reference)[counted]
    values = given[counted]
    steps, bins = _steps(values), np.minimum((values * BINS).astype(int), BINS - 1)
    return CertaintySums(
        right=np.bincount(steps[is_right], minlength=_FINE).astype(float),
        wrong=np.bincount(steps[~is_right], minlength=_FINE).astype(float),
        epochs=np.bincount(bins, minlength=BINS).astype(float),
        hits=np.bincount(bins[is_right], minlength=BINS).astype(float),
        probability=np.bincount(bins, weights=values, minlength=BINS).astype(float),
        most_probable=tested_confusion(np.where(counted, reference, UNSCORED_CODE), best),
    )


def _steps(probabilities: Floats) -> NDArray[np.int64]:
    with np.errstate(divide="ignore"):
        log_odds = np.log(probabilities) - np.log1p(-probabilities)
    inside = np.clip(log_odds, -_MOST_LOG_ODDS, _MOST_LOG_ODDS)
    return np.rint((inside + _MOST_LOG_ODDS) / _STEP).astype(np.int64)


def certainty_figures(subjects: Sequence[CertaintySums]) -> CertaintyFigures:
    """Figures over subjects, with intervals drawn over them; none without probabilities."""
    stacked = CertaintySums.stack(list(subjects))
    whole = stacked.drawn(np.ones(len(subjects)))
    if not whole.epochs.sum():
        return CertaintyFigures()
    estimated = estimates(
        {
            "certainty_auc": lambda t: area_under_curve(stacked.drawn(t)),
            "calibration_error": lambda t: calibration_error(stacked.drawn(t)),
        },
        len(subjects),
    )
    edges = np.linspace(0, 1, BINS + 1)
    return CertaintyFigures(
        certainty_auc=estimated.values["certainty_auc"],
        calibration_error=estimated.values["calibration_error"],
        intervals=estimated.intervals,
        certainty=StageCertainty(
            epochs=int(whole.epochs.sum()),
            mean_probability=number(whole.probability.sum() / whole.epochs.sum()),
            kappa_of_most_probable=number(kappa(whole.most_probable[..., :-1])),
            bins=tuple(
                CertaintyBin(
                    low=round(float(low), 2),
                    high=round(float(high), 2),
                    epochs=int(epochs),
                    mean_probability=number(over(total, epochs)),
                    right=number(over(hits, epochs)),
                )
                for low, high, epochs, hits, total in zip(
                    edges[:-1],
                    edges[1:],
                    whole.epochs,
                    whole.hits,
                    whole.probability,
                    strict=True,
                )
            ),
        ),
    )


def area_under_curve(sums: CertaintySums) -> Floats:
    """Return how often a right epoch has a higher probability than a wrong one; equal count half.

    0.5 says that the probability tells nothing, 1 that it tells right from wrong.
    """
    below = np.cumsum(sums.wrong, axis=-1) - sums.wrong / 2
    pairs = sums.right.sum(axis=-1) * sums.wrong.sum(axis=-1)
    return over((sums.right * below).sum(axis=-1), pairs)


def calibration_error(sums: CertaintySums) -> Floats:
    """Return the mean distance of probability and share of right epochs, bin by bin, weighted."""
    return over(np.abs(sums.probability - sums.hits).sum(axis=-1), sums.epochs.sum(axis=-1))
