"""Every number of a rating study's results as a row of one long table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from annotations.models.rating import DIMENSIONS
from annotations.queries.rating.numbers import Number
from annotations.queries.rating.results import Results
from annotations.queries.rating.rows import AgreementPart, MeasureRow, RaterRow, ScoreRow


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


def _score_rows(row: ScoreRow) -> Iterator[ResultRow]:
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


def _measure_rows(part: str, row: MeasureRow, **group: Any) -> Iterator[ResultRow]:
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
