"""The rows of one night in a release, and the hashes that they are known by."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from annotations.exports.rows import UNSCORED_TEXT, ExportRow
from annotations.models import EpochScore, Scoring
from psg.epochs import EpochGrid

# Made once: json.dumps makes another for every call that asks for something special.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True)
class ScoreRow:
    """What a release takes from one epoch score."""

    pk: int
    epoch: int
    stage: str | None
    rules: tuple[str, ...]
    rationale: str
    flags: tuple[str, ...]
    source_text: str
    evidence: tuple[dict[str, Any], ...]

    @property
    def exported_text(self) -> str:
        """The stage in the words of its source, as exports have it."""
        return self.source_text or self.stage or UNSCORED_TEXT

    @cached_property
    def sha256(self) -> str:
        """Hash what is said, the source in words that an import brings back."""
        said = (self.epoch, self.stage, self.rules, self.rationale, self.flags, self.exported_text)
        said_and_seen = [*said, self.evidence]
        return hashlib.sha256(_JSON.encode(said_and_seen).encode()).hexdigest()


@dataclass(frozen=True)
class KeptRow:
    """A scored epoch of a night, with whether it is in the release."""

    row: ScoreRow
    is_kept: bool


def score_rows(scoring: Scoring, *, with_words: bool) -> list[ScoreRow]:
    """Read the epochs of a scoring in order, in one statement."""
    values = (
        EpochScore.objects.filter(scoring=scoring)
        .order_by("epoch")
        .values_list(
            "pk", "epoch", "stage", "rules", "rationale", "flags", "source_text", "evidence"
        )
    )
    return [
        ScoreRow(
            pk=pk,
            epoch=epoch,
            stage=stage,
            rules=tuple(rules),
            rationale=rationale if with_words else "",
            flags=tuple(sorted(flags)),
            source_text=source_text,
            evidence=tuple(evidence) if with_words else (),
        )
        for pk, epoch, stage, rules, rationale, flags, source_text, evidence in values
    ]


def kept_rows(rows: Iterable[ScoreRow], keep: Callable[[ScoreRow], bool]) -> list[KeptRow]:
    """Mark the rows that stay; one without a stage never does."""
    return [KeptRow(row, row.stage is not None and keep(row)) for row in rows]


def rows_sha256(rows: Sequence[KeptRow]) -> str:
    """Hash what a night holds: every row's own hash, and whether it is kept."""
    digest = hashlib.sha256()
    for kept in rows:
        digest.update(f"{kept.row.epoch} {int(kept.is_kept)} {kept.row.sha256}\n".encode())
    return digest.hexdigest()


def export_rows(rows: Sequence[KeptRow], grid: EpochGrid) -> list[ExportRow]:
    """Lay the rows over the grid as exports have them; what is not kept has no N."""
    by_epoch = {kept.row.epoch: kept for kept in rows}
    laid: list[ExportRow] = []
    number = 0
    for epoch in range(grid.epoch_count):
        kept = by_epoch.get(epoch)
        is_kept = kept is not None and kept.is_kept
        laid.append(_export_row(kept, epoch, number if is_kept else None, grid))
        number += is_kept
    return laid


def _export_row(kept: KeptRow | None, epoch: int, number: int | None, grid: EpochGrid) -> ExportRow:
    row = kept.row if kept else None
    is_in = row is not None and number is not None
    return ExportRow(
        number=number,
        epoch=epoch,
        onset_s=grid.onset_s(epoch),
        stage=row.stage if row and is_in else None,
        source_text=row.exported_text if row else UNSCORED_TEXT,
        rationale=row.rationale if row and is_in else "",
        rules=row.rules if row and is_in else (),
    )
