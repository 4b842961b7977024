"""Made-up rating studies whose truth is known exactly."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from psg.ratings import RatedItems


def block(
    scores: ArrayLike,
    *,
    recordings: ArrayLike | None = None,
    subjects: ArrayLike | None = None,
    epochs: ArrayLike | None = None,
    cannot_judge: NDArray[np.bool_] | None = None,
) -> RatedItems:
    """One dimension from (items, raters) or (items, raters, looks) of scores."""
    table = np.asarray(scores, dtype=float)
    table = table[..., None] if table.ndim == 2 else table
    count = len(table)
    recordings = np.arange(count) if recordings is None else np.asarray(recordings)
    return RatedItems(
        scores=table[..., None],
        cannot_judge=np.zeros(table.shape, bool) if cannot_judge is None else cannot_judge,
        recordings=recordings,
        subjects=recordings if subjects is None else np.asarray(subjects),
        epochs=np.arange(count) if epochs is None else np.asarray(epochs),
    )


def study(
    rng: np.random.Generator,
    *,
    recordings: int,
    severity: Sequence[float],
    arms: Sequence[float],
    epochs_a_recording: int = 2,
    raters_per_item: int = 3,
    within: float = 0.35,
) -> tuple[RatedItems, NDArray[np.intp]]:
    """A study of which the mean of every score is known: level + arm + severity.

    Scores are rounded up or down at random in proportion, which changes no mean, and effects are
    small enough that none leaves the scale. Every arm has one item at every epoch.

    Returns the ratings and the arm of each item.
    """
    places = np.arange(recordings * epochs_a_recording)
    night = rng.uniform(-0.3, 0.3, recordings)[places // epochs_a_recording]
    epoch = night + rng.uniform(-0.3, 0.3, len(places))
    arm = np.repeat(np.arange(len(arms)), len(places))
    level = 3.0 + np.tile(epoch, len(arms)) + np.asarray(arms)[arm]
    noise = rng.uniform(-within, within, (len(level), len(severity)))
    wanted = level[:, None] + np.asarray(severity) + noise
    assert wanted.min() >= 1
    assert wanted.max() <= 5
    scores = np.floor(wanted + rng.random(wanted.shape))
    not_asked = np.argsort(rng.random(scores.shape), axis=1)[:, raters_per_item:]
    np.put_along_axis(scores, not_asked, np.nan, axis=1)
    every = np.tile(places, len(arms))
    return block(scores, recordings=every // epochs_a_recording, epochs=every), arm
