"""One night of a release: what the manifest says of it, and its rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from annotations.exports.rows import ExportRow
from annotations.models import Scorer, Scoring
from annotations.releases.composition import Composition
from annotations.releases.filters import keep_of
from annotations.releases.rows import KeptRow, export_rows, kept_rows, rows_sha256, score_rows
from psg.epochs import EpochGrid
from studies.models import Track


@dataclass(frozen=True)
class NightEntry:
    """All that is written down of one scoring of one night, its rows by their hash."""

    recording: str
    subject: str
    name: str
    scorer: str
    kind: str
    pass_number: int
    mode: str
    track: str
    part: str
    rule_edition: str
    recording_sha256: str
    has_images: bool
    epoch0_s: float
    epoch_count: int
    lights: tuple[float | None, float | None]
    scorer_lights: tuple[float | None, float | None]
    row_count: int
    kept_count: int
    rows_sha256: str

    @property
    def grid(self) -> EpochGrid:
        return EpochGrid(epoch0_s=self.epoch0_s, epoch_count=self.epoch_count)

    @property
    def key(self) -> str:
        return f"{self.recording} by {self.scorer}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "NightEntry":
        pairs = {name: tuple(data[name]) for name in ("lights", "scorer_lights")}
        return cls(**{**data, **pairs})


@dataclass(frozen=True)
class Night:
    """A night with its rows, for writers; `laid` has every epoch of the grid."""

    entry: NightEntry
    rows: Sequence[KeptRow]

    @cached_property
    def laid(self) -> list[ExportRow]:
        return export_rows(self.rows, self.entry.grid)

    @property
    def stages(self) -> Counter[str]:
        return Counter(str(kept.row.stage) for kept in self.rows if kept.is_kept)

    @property
    def rules(self) -> Counter[str]:
        return Counter(rule for kept in self.rows if kept.is_kept for rule in kept.row.rules)


def read_nights(
    scorings: Sequence[Scoring],
    composition: Composition,
    *,
    scorer_names: dict[int, str],
    night_names: dict[int, str],
    with_images: bool,
) -> Iterator[Night]:
    """Read night after night; no part is given yet."""
    for scoring in scorings:
        with_words = composition.track == Track.FINE and scoring.track == Track.FINE
        rows = score_rows(scoring, with_words=with_words)
        kept = kept_rows(rows, keep_of(composition, scoring))
        yield Night(
            entry=_entry(
                scoring,
                kept,
                scorer=scorer_names[scoring.scorer_id],
                name=night_names[scoring.recording_id],
                with_images=with_images,
            ),
            rows=kept,
        )


def _entry(
    scoring: Scoring, rows: Sequence[KeptRow], *, scorer: str, name: str, with_images: bool
) -> NightEntry:
    recording = scoring.recording
    has_words = any(kept.is_kept and kept.row.rationale for kept in rows)
    return NightEntry(
        recording=recording.name,
        subject=recording.subject.code,
        name=name,
        scorer=scorer,
        kind=scoring.scorer.kind,
        pass_number=scoring.pass_number,
        mode=scoring.mode if scoring.scorer.kind == Scorer.Kind.HUMAN else "",
        track=str(Track.FINE if has_words else Track.COARSE),
        part="",
        rule_edition=scoring.rule_edition,
        recording_sha256=recording.sha256,
        has_images=with_images and recording.has_signals,
        epoch0_s=recording.epoch0_s,
        epoch_count=recording.epoch_count,
        lights=(recording.lights_off_s, recording.lights_on_s),
        scorer_lights=(scoring.lights_off_s, scoring.lights_on_s),
        row_count=len(rows),
        kept_count=sum(kept.is_kept for kept in rows),
        rows_sha256=rows_sha256(rows),
    )
