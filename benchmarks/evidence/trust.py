"""What verdicts rest on: lower ends of the intervals of our detectors on real marks.

A kind has figures only where experts marked enough, or two readings did in the same pages: of two
readers, or of one at two sittings. Then the least favourable of all readings with enough marks
counts. Marks that were read once can lower the figures, not found them. Two experts count as one
reading that joins theirs. Where less is known, verdicts stay "cannot tell".
"""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.evidence.scoring import EITHER, Row

LEAST_MARKS = 10
"""With fewer, an interval says more about their number than about the detector."""


def lower_ends(rows: Iterable[Row]) -> dict[str, tuple[float, float]]:
    """Lower ends of precision and recall by kind; only kinds of which enough is known."""
    ours = [row for row in rows if row["compared"] == "ours"]
    joined = {_pages(row) for row in ours if row["reference"] == EITHER}
    enough = [
        row
        for row in ours
        if row["score"]["marks"] >= LEAST_MARKS
        and (_pages(row) not in joined or row["reference"] == EITHER)
    ]
    kinds = dict.fromkeys(row["kind"] for row in enough if _is_confirmed(row, enough))
    return {
        kind: (_least(enough, kind, "precision"), _least(enough, kind, "recall")) for kind in kinds
    }


def _pages(row: Row) -> tuple[str, str]:
    return row["kind"], row["recordings"]


def _is_confirmed(row: Row, enough: list[Row]) -> bool:
    """Whether experts marked these pages, or two readings of ours have enough marks."""
    by_experts = row["reference"] in (EITHER, "experts")
    return by_experts or sum(_pages(other) == _pages(row) for other in enough) > 1


def _least(enough: list[Row], kind: str, figure: str) -> float:
    scores = [row["score"] for row in enough if row["kind"] == kind]
    shares = [one["precision"] if figure == "precision" else one["recall"] for one in scores]
    # Without any detection nothing is known in favour of the detector.
    return min(share["low"] or 0.0 for share in shares)
