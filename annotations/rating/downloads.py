"""Ratings and results of a rating study to download, as csv and JSON."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Final, Protocol

from annotations.downloads import Cells, Table, spreadsheet_safe
from annotations.rating.methods import methods_text
from annotations.rating.models import DIMENSIONS, RatingArm, RatingItem, RatingSlot, RatingStudy
from annotations.rating.numbers import (
    DifferenceRow,
    MeasureResult,
    Number,
    RaterRow,
    ScoreResult,
)
from annotations.rating.results import Results
from annotations.rating.table import RatingTable, TableItem, TableRating
from annotations.rating.words import PUBLISHED, SOURCE
from psg.agreement.coverage import simulated_coverage


class Writable(Protocol):
    def write(self, text: str, /) -> object: ...


def write_results(file: Writable, results: Results) -> None:
    """Write the rows as csv, safe to open in a spreadsheet."""
    rows = [tuple(_cell(value) for value in asdict(row).values()) for row in result_rows(results)]
    write_table(file, Table(tuple(ResultRow.__dataclass_fields__), rows))


ITEM_COLUMNS = (
    "item", "stage", "rules", "beside_a_change", "ratings", "cannot_judge",
    *(f"{name}_{what}" for name in DIMENSIONS for what in ("mean", "range")),
)  # fmt: skip
ORIGIN_COLUMNS = (
    "arm", "control", "inclusion_probability", "reference_stage", "recording", "epoch",
)  # fmt: skip


def write_items(file: Writable, table: RatingTable) -> None:
    """Write a row for each item: its scores, and its origin after unblinding."""
    first: dict[int, list[TableRating]] = defaultdict(list)
    for rating in table.ratings:
        if rating.look == 0:
            first[rating.item].append(rating)
    rows = [
        _item_cells(item, first[place]) + _origin_cells(item)
        for place, item in enumerate(table.items)
    ]
    columns = ITEM_COLUMNS if table.is_blind else (*ITEM_COLUMNS, *ORIGIN_COLUMNS)
    write_table(file, Table(columns, rows))


def _item_cells(item: TableItem, ratings: Sequence[TableRating]) -> Cells:
    scores = [rating.scores for rating in ratings if rating.scores is not None]
    summaries: list[str | int | float] = []
    for values in zip(*scores, strict=True) if scores else [()] * len(DIMENSIONS):
        summaries.append(round(fmean(values), 4) if values else "")
        summaries.append(max(values) - min(values) if len(values) > 1 else "")
    return (
        item.code,
        item.stage,
        " ".join(item.rules),
        int(item.is_transition),
        len(ratings),
        len(ratings) - len(scores),
        *summaries,
    )


def _origin_cells(item: TableItem) -> Cells:
    if item.origin is None:
        return ()
    origin = item.origin
    return (
        origin.arm,
        int(origin.is_control),
        "" if origin.probability is None else origin.probability,
        origin.reference_stage or "",
        origin.recording_name,
        origin.epoch + 1,
    )


def write_table(file: Writable, table: Table) -> None:
    safe = spreadsheet_safe(table)
    writer = csv.writer(file)
    writer.writerow(safe.columns)
    writer.writerows(safe.rows)


def results_json(results: Results) -> dict[str, object]:
    """Return the same rows with method, counts, published results and the text of a paper."""
    study, facts = results.rating_study, results.facts
    return {
        "rating_study": {"id": study.pk, "title": study.title, "state": study.state},
        "blind": results.table.is_blind,
        "method": {
            "interval": "95 %, bootstrap over subjects (BCa, reach of Student's t)",
            "replicates": results.replicates,
            "seed": study.seed,
            "recordings": facts.recordings,
            "subjects": facts.subjects,
            "runs_narrow": facts.runs_narrow,
            "simulated_coverage": simulated_coverage(facts.subjects),
            "multiplicity": "Holm over all pairs of arms and dimensions",
            "raters": "fixed: intervals do not resample them",
            "drawing_version": study.drawing_version,
            "drawn_from": results.population.words,
            "population": WEIGHTS if results.population.is_shown else results.population.missing,
            "population_of_all_items_missing": results.population.missing,
        },
        "counts": {
            "items": facts.items,
            "raters": facts.raters,
            "ratings": facts.ratings,
            "cannot_judge": facts.cannot_judge,
            "items_of_two_raters": facts.shared_items,
            "second_looks": facts.repeats_done,
            "known_wrong_controls": None if results.table.is_blind else results.table.controls,
        },
        "results": [asdict(row) for row in result_rows(results)],
        "published": {"source": SOURCE, "claims": [asdict(claim) for claim in PUBLISHED]},
        "methods_text": methods_text(results),
    }


WEIGHTS: Final = (
    "weights 1 / inclusion probability (Horvitz and Thompson, ratio of Hajek); an item counts once "
    "however many raters scored it"
)


def _cell(value: str | int | float | None) -> str | int | float:
    return "" if value is None else value


# The ratings

Phase = RatingItem.Phase
COLUMNS = ("item", "stage", "rater", "place", "repeat", *DIMENSIONS, "cannot_judge", "comment")


def write_ratings(file: Writable, rating_study: RatingStudy) -> None:
    """Write a row for each complete rating, with its source only after unblinding."""
    with_source = rating_study.unblinded_at is not None
    slots = (
        RatingSlot.objects.filter(
            item__rating_study=rating_study, item__phase=Phase.MAIN, rating__complete=True
        )
        .select_related("rating", "rater", "item__arm", "item__source__scoring__scorer")
        .order_by("item__code", "rater_id", "repeat")
    )
    rows = [_cells(slot, with_source=with_source) for slot in slots]
    columns = (*COLUMNS, "source", "control") if with_source else COLUMNS
    table = spreadsheet_safe(Table(columns, rows))
    writer = csv.writer(file)
    writer.writerow(table.columns)
    writer.writerows(table.rows)


def _cells(slot: RatingSlot, *, with_source: bool) -> tuple[str | int | float, ...]:
    rating, item = slot.rating, slot.item
    scores = [getattr(rating, name) for name in DIMENSIONS]
    cells = (
        item.code,
        item.stage,
        str(slot.rater),
        slot.place,
        slot.repeat,
        *("" if score is None else score for score in scores),
        int(rating.cannot_judge),
        rating.comment,
    )
    if not with_source:
        return cells
    is_control = item.arm.kind == RatingArm.Kind.CONTROL
    return *cells, item.source.scoring.scorer.label, int(is_control)


# The results as a table with a row for each number


@dataclass(frozen=True)
class ResultRow:
    """A number. Fields that do not apply are empty; `note` has the reason for a missing value."""

    part: str
    measure: str
    way: str = ""
    group: str = ""
    less_group: str = ""
    rater: str = ""
    dimension: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    recordings: int | None = None
    subjects: int | None = None
    note: str = ""


def result_rows(results: Results) -> Iterator[ResultRow]:
    """Return every number of the results, in all ways to divide the items."""
    for row in [results.overall, *(r for way in results.ways for r in results.groups(way.name))]:
        yield from _score_rows(row)
    for part in results.agreement:
        for measure in part.rows:
            base = ResultRow("agreement", "", way=part.group.way, group=part.group.label)
            yield from _measure_rows(base, measure)
    for measure in results.repeats:
        yield from _measure_rows(ResultRow("repeats", ""), measure)
    for rater in results.raters:
        yield from _rater_rows(rater)
    yield from _control_rows(results)
    for difference in results.differences:
        yield from _difference_rows(difference)


def _difference_rows(row: DifferenceRow) -> Iterator[ResultRow]:
    base = ResultRow(
        "arms",
        "",
        way=row.first.way,
        group=row.first.label,
        less_group=row.second.label,
        dimension=row.dimension,
        n=row.pairs,
    )
    paired = replace(base, measure="difference", note=f"paired on {row.unit}s")
    yield _with_number(paired, row.difference)
    whole = replace(base, measure="population_difference", n=None, note="weighted means")
    yield _with_number(whole, row.population)
    yield replace(base, measure="p", value=row.p, note="sign flips of subjects")
    yield replace(base, measure="p_holm", value=row.p_holm, note="Holm")


def _control_rows(results: Results) -> Iterator[ResultRow]:
    for row in results.controls:
        base = ResultRow("controls", "", group=row.title)
        for measure in ("written", "control", "difference"):
            yield _with_number(replace(base, measure=measure), getattr(row, measure))
    for rater in results.notices:
        base = ResultRow("controls", "", rater=rater.name)
        for measure, value in asdict(rater.noticed).items():
            yield replace(base, measure=f"ratings_{measure}", value=value)


def _score_rows(row: ScoreResult) -> Iterator[ResultRow]:
    group = ResultRow(
        "scores", "", way=row.group.way, group=row.group.label, recordings=row.recordings
    )
    yield replace(group, measure="items", value=row.items)
    yield replace(group, measure="ratings", value=row.ratings)
    yield replace(group, measure="cannot_judge", value=row.cannot_judge, n=row.ratings)
    for cell in row.cells:
        base = replace(group, dimension=cell.dimension, n=cell.n)
        yield _with_number(replace(base, measure="mean"), cell.mean)
        yield _with_number(replace(base, measure="population_mean"), cell.population)
        yield replace(base, measure="median", value=cell.median)
        for level, count in enumerate(cell.counts, start=1):
            yield replace(base, measure=f"count_{level}", value=count)


def _measure_rows(base: ResultRow, row: MeasureResult) -> Iterator[ResultRow]:
    for name, number in zip(DIMENSIONS, row.cells, strict=True):
        yield _with_number(replace(base, measure=row.words.name, dimension=name), number)


def _rater_rows(row: RaterRow) -> Iterator[ResultRow]:
    base = ResultRow("raters", "", rater=row.rater.name)
    yield replace(base, measure="ratings", value=row.ratings)
    yield replace(base, measure="cannot_judge", value=row.cannot_judge, n=row.ratings)
    for name, number in zip(DIMENSIONS, row.offsets, strict=True):
        yield _with_number(replace(base, measure="severity_offset", dimension=name), number)
    for measure, value in [("same", row.repeats_same), ("within_one", row.repeats_within_one)]:
        yield replace(
            base,
            measure=f"second_looks_{measure}",
            value=value,
            n=row.repeat_scores,
            note=row.repeats_missing,
        )


def _with_number(row: ResultRow, number: Number) -> ResultRow:
    """Return the row with a number; the reason for a missing value replaces the note."""
    return replace(
        row,
        value=number.value,
        low=number.low,
        high=number.high,
        subjects=number.subjects,
        note=number.missing or row.note,
    )
