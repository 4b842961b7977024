"""Ratings of what is released, as rows and as a summary; raters by number only."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.measures import REPLICATES, SEED, Estimate
from annotations.downloads import Cells, Table
from annotations.rating.models import DIMENSIONS, RatingArm, RatingItem, RatingSlot
from annotations.scoring.models import Scoring
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS
from psg.ratings import Draws, RatedItems, group_scores, reliability

COLUMNS = (
    "recording",
    "epoch",
    "scorer",
    "stage",
    "study",
    "item",
    "rater",
    "repeat",
    *DIMENSIONS,
    "cannot_judge",
    "comment",
)


def ratings_table(scorings: Sequence[Scoring], scorer_names: dict[int, str]) -> Table:
    """Return the ratings of these scorings' words, of studies whose sources may be known."""
    slots = (
        RatingSlot.objects.filter(
            rating__complete=True,
            item__phase=RatingItem.Phase.MAIN,
            item__arm__kind=RatingArm.Kind.SOURCE,
            item__rating_study__unblinded_at__isnull=False,
            item__source__scoring__in=[scoring.pk for scoring in scorings],
        )
        .select_related("rating", "item__recording", "item__rating_study", "item__source__scoring")
        .order_by("item__rating_study_id", "item__code", "rater_id", "repeat")
    )
    raters: dict[int, str] = {}
    rows = []
    for slot in slots:
        rater = raters.setdefault(slot.rater_id, f"rater-{len(raters) + 1}")
        item, rating = slot.item, slot.rating
        scores = [getattr(rating, name) for name in DIMENSIONS]
        rows.append(
            (
                item.recording.name,
                item.epoch,
                scorer_names[item.source.scoring.scorer_id],
                item.stage,
                item.rating_study.title,
                item.code,
                rater,
                slot.repeat,
                *("" if score is None else score for score in scores),
                int(rating.cannot_judge),
                rating.comment,
            )
        )
    return Table(COLUMNS, rows)


def has_comments(ratings: Table) -> bool:
    """Whether any rating comes with words of its rater."""
    return any(row[COLUMNS.index("comment")] for row in ratings.rows)


# What the ratings of a release come to: how high, and how far raters agree.


AGREEMENT = ("within_one", "ac2", "icc_a1")
_PLACE = {name: place for place, name in enumerate(COLUMNS)}
_SCORES = slice(_PLACE[DIMENSIONS[0]], _PLACE[DIMENSIONS[0]] + len(DIMENSIONS))


def rating_summary(table: Table, subjects: Mapping[str, str]) -> dict[str, Any]:
    """Summarise rows of `ratings_table`: first looks; second ones are only counted.

    `subjects` says whose each recording is.
    """
    first = [row for row in table.rows if not row[_PLACE["repeat"]]]
    items, scorers = _block(first, subjects)
    draws = Draws(replicates=REPLICATES, seed=SEED)
    return {
        "count": len(first),
        "second_looks": len(table.rows) - len(first),
        "raters": len({row[_PLACE["rater"]] for row in table.rows}),
        "recordings": items.recording_count,
        "subjects": items.subject_count,
        "runs_narrow": items.subject_count < FEWEST_FOR_HONEST_INTERVALS,
        "all": _scores(items, draws),
        "agreement": [
            {name: asdict(Estimate.of(found[name])) for name in AGREEMENT}
            for place in range(len(DIMENSIONS))
            for found in [reliability(items, place, draws)]
        ],
        "scorers": {
            name: _scores(items.where(scorers == name), draws) for name in sorted(set(scorers))
        },
    }


def _scores(items: RatedItems, draws: Draws) -> dict[str, Any]:
    found = group_scores(items, draws)
    return {
        "items": found.items,
        "ratings": found.ratings,
        "cannot_judge": found.cannot_judge,
        "dimensions": [
            {"counts": list(one.counts), "mean": asdict(Estimate.of(one.mean))}
            for one in found.dimensions
        ],
    }


def _block(
    rows: Sequence[Cells], subjects: Mapping[str, str]
) -> tuple[RatedItems, NDArray[np.str_]]:
    """Return first looks as one block, and the scorer of each item."""
    keys = [(row[_PLACE["study"]], row[_PLACE["item"]]) for row in rows]
    items, raters = _numbered(keys), _numbered(row[_PLACE["rater"]] for row in rows)
    scores = np.full((len(items), len(raters), 1, len(DIMENSIONS)), math.nan)
    unsure = np.zeros((len(items), len(raters), 1), dtype=np.bool_)
    nights = _numbered(row[_PLACE["recording"]] for row in rows)
    whose = [subjects[str(row[_PLACE["recording"]])] for row in rows]
    people = _numbered(whose)
    night_of, subject_of = (np.zeros(len(items), dtype=np.int64) for _ in range(2))
    scorers = np.full(len(items), "", dtype=object)
    for key, row, subject in zip(keys, rows, whose, strict=True):
        item, rater = items[key], raters[row[_PLACE["rater"]]]
        scores[item, rater, 0] = [math.nan if cell == "" else cell for cell in row[_SCORES]]
        unsure[item, rater, 0] = row[_PLACE["cannot_judge"]]
        night_of[item] = nights[row[_PLACE["recording"]]]
        subject_of[item] = people[subject]
        scorers[item] = row[_PLACE["scorer"]]
    return RatedItems(scores, unsure, night_of, subject_of, np.arange(len(items))), scorers


def _numbered(names: Iterable[Any]) -> dict[Any, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}
