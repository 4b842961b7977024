"""Ratings and results of a rating study to download, as csv and JSON."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Protocol

from annotations.downloads import Cells, Table, spreadsheet_safe
from annotations.rating.methods import methods_text
from annotations.rating.models import DIMENSIONS, RatingItem, RatingSlot, RatingStudy
from annotations.rating.numbers import AgreementPart, MeasureResult, Number, RaterRow, ScoreResult
from annotations.rating.results import Results
from annotations.rating.table import RatingTable, TableItem, TableRating
from annotations.rating.words import PUBLISHED, SOURCE


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
ORIGIN_COLUMNS = ("arm", "reference_stage", "recording", "epoch")


def write_items(file: Writable, table: RatingTable) -> None:
    """Write one row an item: how it was rated, and its origin once sources are shown."""
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
    return origin.arm, origin.reference_stage or "", origin.recording_name, origin.epoch + 1


def write_table(file: Writable, table: Table) -> None:
    safe = spreadsheet_safe(table)
    writer = csv.writer(file)
    writer.writerow(safe.columns)
    writer.writerows(safe.rows)


def results_json(results: Results) -> dict[str, Any]:
    """Return the same rows with how they came about, what is missing, and what was published."""
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
            "multiplicity": "Holm over all pairs of arms and dimensions",
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


def _cell(value: Any) -> str | int | float:
    return "" if value is None else value


# The rows behind the results of a rating study, as csv.


Phase = RatingItem.Phase
COLUMNS = ("item", "stage", "rater", "place", "repeat", *DIMENSIONS, "cannot_judge", "comment")


def write_ratings(file: Writable, rating_study: RatingStudy) -> None:
    """Write one row a complete rating; the source is a column only after unblinding."""
    with_source = rating_study.unblinded_at is not None
    slots = (
        RatingSlot.objects.filter(
            item__rating_study=rating_study, item__phase=Phase.MAIN, rating__complete=True
        )
        .select_related("rating", "rater", "item__source__scoring__scorer")
        .order_by("item__code", "rater_id", "repeat")
    )
    rows = [_cells(slot, with_source=with_source) for slot in slots]
    columns = (*COLUMNS, "source") if with_source else COLUMNS
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
    return (*cells, item.source.scoring.scorer.label) if with_source else cells


# Every number of a rating study's results as a row of one long table.


@dataclass(frozen=True)
class ResultRow:
    """One number. What does not apply is empty; `note` says why a value is missing."""

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
    """Return every number that the page shows, and those of the ways it shows one at a time."""
    for row in [results.overall, *(r for way in results.ways for r in results.groups(way.name))]:
        yield from _score_rows(row)
    for part in results.agreement:
        yield from _agreement_rows(part)
    for measure in results.repeats:
        yield from _measure_rows("repeats", measure)
    for rater in results.raters:
        yield from _rater_rows(rater)
    for one in results.differences:
        common: dict[str, Any] = {
            "way": one.first.way,
            "group": one.first.label,
            "less_group": one.second.label,
            "dimension": one.dimension,
            "n": one.pairs,
        }
        note = f"paired on {one.unit}s"
        yield _row("arms", "difference", one.difference, **common, note=note)
        yield ResultRow("arms", "p", value=one.p, **common, note="sign flips of subjects")
        yield ResultRow("arms", "p_holm", value=one.p_holm, **common, note="Holm")


def _score_rows(row: ScoreResult) -> Iterator[ResultRow]:
    group: dict[str, Any] = {
        "way": row.group.way,
        "group": row.group.label,
        "recordings": row.recordings,
    }
    yield ResultRow("scores", "items", value=row.items, **group)
    yield ResultRow("scores", "ratings", value=row.ratings, **group)
    yield ResultRow("scores", "cannot_judge", value=row.cannot_judge, n=row.ratings, **group)
    for cell in row.cells:
        one: dict[str, Any] = {**group, "dimension": cell.dimension, "n": cell.n}
        yield _row("scores", "mean", cell.mean, **one)
        yield ResultRow("scores", "median", value=cell.median, **one)
        for level, count in enumerate(cell.counts, start=1):
            yield ResultRow("scores", f"count_{level}", value=count, **one)


def _agreement_rows(part: AgreementPart) -> Iterator[ResultRow]:
    for row in part.rows:
        yield from _measure_rows("agreement", row, way=part.group.way, group=part.group.label)


def _measure_rows(part: str, row: MeasureResult, **group: Any) -> Iterator[ResultRow]:
    for name, number in zip(DIMENSIONS, row.cells, strict=True):
        yield _row(part, row.words.name, number, dimension=name, **group)


def _rater_rows(row: RaterRow) -> Iterator[ResultRow]:
    rater = row.rater.name
    yield ResultRow("raters", "ratings", rater=rater, value=row.ratings)
    yield ResultRow("raters", "cannot_judge", rater=rater, value=row.cannot_judge, n=row.ratings)
    for name, number in zip(DIMENSIONS, row.offsets, strict=True):
        yield _row("raters", "severity_offset", number, rater=rater, dimension=name)
    for measure, value in [("same", row.repeats_same), ("within_one", row.repeats_within_one)]:
        yield ResultRow(
            "raters", f"second_looks_{measure}", rater=rater, value=value, n=row.repeat_scores
        )


def _row(part: str, measure: str, number: Number, **more: Any) -> ResultRow:
    note = number.missing or more.pop("note", "")
    more.pop("note", None)
    return ResultRow(
        part,
        measure,
        value=number.value,
        low=number.low,
        high=number.high,
        subjects=number.subjects,
        note=note,
        **more,
    )
