"""How many events of imported files each epoch of a recording has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import QuerySet
from numpy.typing import NDArray

from annotations.scoring.models import IS_ORIGINAL, ScoredEvent, Scoring
from psg.stages import EPOCH_S
from recordings.models import Recording

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class EventCounts:
    """Events over the epochs of a recording."""

    counts: Mapping[str, Counts]
    """By kind, (n_epochs,): the largest number of any single scoring."""
    scorings: int
    """Scorings with events."""


def most_events(recording: Recording, scorings: "QuerySet[Scoring]") -> EventCounts:
    """Count the events of imported files; those of copies and of withdrawn scorings are left out.

    Several files may mark the same event, so their counts are not added up.
    """
    known = scorings.exclude(state=Scoring.State.WITHDRAWN).filter(IS_ORIGINAL)
    rows = (
        ScoredEvent.objects.filter(scoring__in=known)
        .order_by()
        # A row for each scoring and kind: a night may have hundreds of thousands of events.
        .values_list("scoring_id", "kind")
        .annotate(
            onsets=ArrayAgg("onset_s", order_by="pk"),
            durations=ArrayAgg("duration_s", order_by="pk"),
        )
    )
    counts: dict[str, Counts] = {}
    having = set()
    for pk, kind, onsets, durations in rows.iterator(chunk_size=10):
        having.add(pk)
        start_s = np.array(onsets) - recording.epoch0_s
        of_scoring = events_by_epoch(start_s, durations, epoch_count=recording.epoch_count)
        counts[kind] = np.maximum(counts[kind], of_scoring) if kind in counts else of_scoring
    return EventCounts(counts, len(having))


def events_by_epoch(
    start_s: NDArray[np.float64], durations_s: Sequence[float], *, epoch_count: int
) -> Counts:
    """Count the events that touch each epoch, as `ScoredEvent.epochs` has it.

    Parameters
    ----------
    start_s
        (n_events,) from the start of the first epoch.
    """
    first = np.floor(start_s / EPOCH_S)
    last = np.ceil((start_s + np.array(durations_s)) / EPOCH_S) - 1
    changes = np.zeros(epoch_count + 1, dtype=np.int64)
    np.add.at(changes, _inside(first, epoch_count), 1)
    np.subtract.at(changes, _inside(np.maximum(first, last) + 1, epoch_count), 1)
    return np.cumsum(changes)[:-1]


def _inside(epochs: NDArray[np.float64], epoch_count: int) -> NDArray[np.int64]:
    return np.clip(epochs, 0, epoch_count).astype(np.int64)
