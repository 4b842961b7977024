"""Results of a rating study to take away, as csv and as JSON: the same rows in both."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any, Protocol

from annotations.exports.massex import Cells, Table, spreadsheet_safe
from annotations.exports.rating_rows import ResultRow, result_rows
from annotations.models.rating import DIMENSIONS
from annotations.queries.rating.methods import methods_text
from annotations.queries.rating.published import PUBLISHED, SOURCE
from annotations.queries.rating.results import Results
from annotations.queries.rating.table import RatingTable, TableItem, TableRating


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
