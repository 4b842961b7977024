"""Scorings side by side as arrays: a row for each recording, a column for each scorer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Protocol

import numpy as np
from django.db.models import OuterRef, Q, QuerySet, Subquery
from numpy.typing import NDArray

from annotations.agreement.coded import Coded, read_coded
from annotations.scoring.models import (
    FINISHED,
    IS_ORIGINAL,
    EpochRevision,
    Scorer,
    Scoring,
    label_of,
)
from annotations.visibility import shows_another
from recordings.models import Recording

PEOPLE = (Scorer.Kind.HUMAN, Scorer.Kind.IMPORT)
LARGE = 150
"""Nights; of more than these, numbers are computed by a worker, in groups."""
NIGHTS_AT_ONCE = 50


@dataclass(frozen=True)
class Column:
    """A scorer.

    A second pass over the same nights is a column of its own, so that passes can be compared. So
    are the nights that a person scored with suggestions: the person alone might score differently.
    """

    key: str
    label: str
    kind: str
    helped: bool = False

    @classmethod
    def of(cls, scoring: Scoring) -> "Column":
        again = f".{scoring.pass_number}" if scoring.pass_number > 1 else ""
        key, label, kind = f"{scoring.scorer_id}{again}", label_of(scoring), scoring.scorer.kind
        if kind != Scorer.Kind.HUMAN or not shows_another(scoring.mode):
            return cls(key, label, kind)
        return cls(f"{key}-{scoring.mode}", f"{label} ({scoring.mode})", kind, helped=True)

    @property
    def is_consensus(self) -> bool:
        return self.kind == Scorer.Kind.CONSENSUS

    @property
    def kind_word(self) -> str:
        word = Scorer.Kind(self.kind).label.lower()
        return "" if word == self.label.lower() else word


@dataclass(frozen=True)
class SheetRow:
    """A recording, and its scorings by the key of their column."""

    recording: Recording
    scorings: dict[str, Scoring]


@dataclass(frozen=True)
class Sheet:
    """All scorings in view."""

    nights: list[SheetRow]
    columns: list[Column]
    read: dict[int, Coded] = field(default_factory=dict, compare=False, repr=False)
    """Scorings read so far, by key; sheets made with `only` share it."""

    @cached_property
    def coded(self) -> dict[int, Coded]:
        """Every scoring as arrays, by its key; read at the first use."""
        scorings = (scoring for night in self.nights for scoring in night.scorings.values())
        self.read.update(read_coded([s for s in scorings if s.pk not in self.read]))
        return self.read

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)

    def only(self, columns: Sequence[Column]) -> "Sheet":
        """Return a sheet of some columns, and of the nights that at least two of them scored."""
        keys = {column.key for column in columns}
        nights = [
            SheetRow(n.recording, {k: s for k, s in n.scorings.items() if k in keys})
            for n in self.nights
        ]
        wanted = [night for night in nights if len(night.scorings) >= 2]
        return Sheet(wanted, list(columns), self.read)

    def groups(self) -> Iterator["Sheet"]:
        """Yield a large sheet in groups of nights, so that memory holds the epochs of one group.

        Every group has all columns.
        """
        if len(self.nights) <= LARGE:
            yield self
            return
        for first in range(0, len(self.nights), NIGHTS_AT_ONCE):
            yield replace(self, nights=self.nights[first : first + NIGHTS_AT_ONCE], read={})

    def codes(self, night: SheetRow) -> NDArray[np.int8]:
        """Return (n_epochs, n_columns) of stage codes, -1 where a column has no stage."""
        none = np.full(night.recording.epoch_count, -1, dtype=np.int8)
        scorings = (night.scorings.get(column.key) for column in self.columns)
        return np.stack([self.coded[s.pk].stages if s else none for s in scorings], axis=-1)

    def certainty(self, night: SheetRow) -> NDArray[np.float32]:
        """Return (n_epochs,) of the lowest probability by a model, NaN without a probability."""
        none = np.full(night.recording.epoch_count, np.nan, dtype=np.float32)
        coded = (self.coded[scoring.pk].certainty for scoring in night.scorings.values())
        given = [certainty for certainty in coded if certainty is not None]
        return np.asarray(np.fmin.reduce([none, *given]))

    @property
    def subjects(self) -> list[int]:
        """The subject of each night."""
        return [night.recording.subject_id for night in self.nights]

    @property
    def content(self) -> list[object]:
        """Everything that a result about this sheet depends on, for its key in the cache."""
        return [[column.key, column.label, column.kind] for column in self.columns] + [
            _content(night) for night in self.nights
        ]


def sheet_of(scorings: "QuerySet[Scoring]", *, with_open: bool = False) -> Sheet:
    """Return the sheet of the finished scorings; withdrawn scorings and copies never count.

    Parameters
    ----------
    scorings
        Those that may be seen.
    with_open
        Whether unfinished scorings count as well.
    """
    counted = list(
        counted_scorings(scorings, with_open=with_open)
        .filter(IS_SCORED)
        .defer("guideline", "import_record")
        .order_by("recording__name", "recording_id", "pk")
    )
    # A single object for each recording and scorer: of joined rows every scoring has its own.
    recordings = Recording.objects.in_bulk({scoring.recording_id for scoring in counted})
    scorers = Scorer.objects.in_bulk({scoring.scorer_id for scoring in counted})
    for scoring in counted:
        scoring.recording = recordings[scoring.recording_id]
        scoring.scorer = scorers[scoring.scorer_id]
    nights = [
        SheetRow(recordings[pk], {Column.of(scoring).key: scoring for scoring in of_night})
        for pk, of_night in groupby(counted, key=lambda scoring: scoring.recording_id)
    ]
    columns = {Column.of(s) for night in nights for s in night.scorings.values()}
    return Sheet(nights, in_order(columns))


IS_SCORED = Q(stamp__isnull=False)


def counted_scorings(scorings: "QuerySet[Scoring]", *, with_open: bool) -> "QuerySet[Scoring]":
    """Return those that may count, with the UUID of the last revision as `stamp`.

    Of these only those with a stamp have scores, and count (`IS_SCORED`).
    """
    counted = scorings.exclude(state=Scoring.State.WITHDRAWN).filter(IS_ORIGINAL)
    if not with_open:
        counted = counted.filter(state__in=FINISHED)
    last = EpochRevision.objects.filter(scoring=OuterRef("pk")).order_by("-pk")
    return counted.annotate(stamp=Subquery(last.values("client_uuid")[:1]))


class HasColumns(Protocol):
    @property
    def columns(self) -> list[Column]: ...


def compared_columns(of: HasColumns, keys: Iterable[str] = ()) -> list[Column]:
    """Choose the columns of the joint measures: those of `keys`, else unaided people, else all.

    A consensus is left out, because it is made from the others.
    """
    wanted = set(keys)
    able = [column for column in of.columns if not column.is_consensus]
    named = [column for column in able if column.key in wanted]
    if len(named) > 1:
        return named
    people = [column for column in able if column.kind in PEOPLE and not column.helped]
    return people if len(people) > 1 else able


def in_order(columns: Iterable[Column]) -> list[Column]:
    """Return people first, models last, and scorers with suggestions after those without."""
    kinds = [kind.value for kind in (*PEOPLE, Scorer.Kind.CONSENSUS, Scorer.Kind.MODEL)]
    return sorted(columns, key=lambda c: (c.helped, kinds.index(c.kind), _natural(c.label), c.key))


def _natural(label: str) -> list[tuple[int, str]]:
    """Return a key by which "Scorer 2" comes before "Scorer 10"."""
    parts = ("".join(part) for _, part in groupby(label.lower(), key=str.isdigit))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _content(night: SheetRow) -> list[object]:
    recording = night.recording
    scorings = [
        [key, s.pk, s.stamp, s.lights.off_s, s.lights.on_s]  # type: ignore[attr-defined]
        for key, s in sorted(night.scorings.items())
    ]
    grid = [recording.pk, recording.name, recording.epoch_count, recording.epoch0_s]
    return [*grid, recording.subject_id, scorings]
