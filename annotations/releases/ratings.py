"""Ratings of the released rationales, as rows and as a summary; raters are numbered."""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

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
    """Return the ratings of these scorings' rationales, of studies that are no longer blind."""
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
    """Whether any rating has a comment of its rater."""
    return any(row[COLUMNS.index("comment")] for row in ratings.rows)


# The summary of the ratings: means and their distribution, and agreement of raters.


@dataclass(frozen=True)
class DimensionRatings:
    """How often each score from 1 to 5 was given in a dimension, and their mean."""

    counts: tuple[int, ...]
    mean: Estimate


@dataclass(frozen=True)
class RatedGroup:
    """The ratings of all rationales, or of those of a scorer, by dimension."""

    items: int
    ratings: int
    cannot_judge: int
    dimensions: tuple[DimensionRatings, ...]


@dataclass(frozen=True)
class RaterAgreement:
    """Agreement of raters in a dimension."""

    within_one: Estimate
    ac2: Estimate
    icc_a1: Estimate


@dataclass(frozen=True)
class RatingSummary:
    """The ratings in a release. Second looks of a rater are counted, and count in no figure."""

    count: int
    second_looks: int
    raters: int
    recordings: int
    subjects: int
    runs_narrow: bool
    all: RatedGroup
    agreement: tuple[RaterAgreement, ...]
    scorers: dict[str, RatedGroup]


Key = TypeVar("Key", bound=Hashable)
_PLACE = {name: place for place, name in enumerate(COLUMNS)}
_SCORES = slice(_PLACE[DIMENSIONS[0]], _PLACE[DIMENSIONS[0]] + len(DIMENSIONS))


def rating_summary(table: Table, subjects: Mapping[str, str]) -> RatingSummary:
    """Summarise rows of `ratings_table`; `subjects` gives the subject of each recording."""
    first = [row for row in table.rows if not row[_PLACE["repeat"]]]
    items, scorers = _block(first, subjects)
    draws = Draws(replicates=REPLICATES, seed=SEED)
    return RatingSummary(
        count=len(first),
        second_looks=len(table.rows) - len(first),
        raters=len({row[_PLACE["rater"]] for row in table.rows}),
        recordings=items.recording_count,
        subjects=items.subject_count,
        runs_narrow=items.subject_count < FEWEST_FOR_HONEST_INTERVALS,
        all=_rated_group(items, draws),
        agreement=tuple(_rater_agreement(items, n, draws) for n in range(len(DIMENSIONS))),
        scorers={
            name: _rated_group(items.where(scorers == name), draws) for name in sorted(set(scorers))
        },
    )


def _rater_agreement(items: RatedItems, dimension: int, draws: Draws) -> RaterAgreement:
    measures = reliability(items, dimension, draws)
    return RaterAgreement(
        within_one=Estimate.of(measures["within_one"]),
        ac2=Estimate.of(measures["ac2"]),
        icc_a1=Estimate.of(measures["icc_a1"]),
    )


def _rated_group(items: RatedItems, draws: Draws) -> RatedGroup:
    scores = group_scores(items, draws)
    return RatedGroup(
        items=scores.items,
        ratings=scores.ratings,
        cannot_judge=scores.cannot_judge,
        dimensions=tuple(
            DimensionRatings(tuple(dimension.counts), Estimate.of(dimension.mean))
            for dimension in scores.dimensions
        ),
    )


def _block(
    rows: Sequence[Cells], subjects: Mapping[str, str]
) -> tuple[RatedItems, NDArray[np.str_]]:
    """Return first looks as an array of items and raters, and the scorer of each item."""
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


def _numbered(names: Iterable[Key]) -> dict[Key, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}
