"""Scorings side by side as arrays: a row for each recording, a column for each scorer."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import numpy as np
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
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
from annotations.visibility import OVERSEERS, shows_another, visible_scorings
from recordings.models import Recording
from studies.access import get_or_404, study_for
from studies.models import Study, User

PEOPLE = (Scorer.Kind.HUMAN, Scorer.Kind.IMPORT)


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
    """All scorings in view.

    Left out are `open_count` unfinished scorings, and `copy_count` imported copies of others.
    """

    nights: list[SheetRow]
    columns: list[Column]
    open_count: int = 0
    copy_count: int = 0
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
        return Sheet(wanted, list(columns), self.open_count, self.copy_count, self.read)

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
    known = scorings.exclude(state=Scoring.State.WITHDRAWN)
    visible = known.filter(IS_ORIGINAL)
    wanted = visible if with_open else visible.filter(state__in=FINISHED)
    last = EpochRevision.objects.filter(scoring=OuterRef("pk")).order_by("-pk")
    stamped = (
        wanted.annotate(stamp=Subquery(last.values("client_uuid")[:1]))
        .filter(stamp__isnull=False)
        .select_related("scorer", "recording")
        .order_by("recording__name", "recording_id", "pk")
    )
    nights = [
        SheetRow(recording, {Column.of(scoring).key: scoring for scoring in of_night})
        for recording, of_night in groupby(stamped, key=lambda scoring: scoring.recording)
    ]
    left_out = known.aggregate(
        open=Count("pk", filter=IS_ORIGINAL & Q(state=Scoring.State.OPEN)),
        copies=Count("pk", filter=~IS_ORIGINAL),
    )
    open_count = 0 if with_open else left_out["open"]
    return Sheet(nights, _columns(nights), open_count, left_out["copies"])


def compared_columns(sheet: Sheet, keys: Iterable[str] = ()) -> list[Column]:
    """Choose the columns of the joint measures: those of `keys`, else unaided people, else all.

    A consensus is left out, because it is made from the others.
    """
    wanted = set(keys)
    able = [column for column in sheet.columns if not column.is_consensus]
    named = [column for column in able if column.key in wanted]
    if len(named) > 1:
        return named
    people = [column for column in able if column.kind in PEOPLE and not column.helped]
    return people if len(people) > 1 else able


def _columns(nights: Sequence[SheetRow]) -> list[Column]:
    columns = {Column.of(s) for night in nights for s in night.scorings.values()}
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


# The scope of a report: a study or a recording, as far as the user may see it


@dataclass(frozen=True)
class Scope:
    """A study, or a recording of it, with the scorings that the user may see."""

    study: Study
    recording: Recording | None
    scorings: "QuerySet[Scoring]"

    @property
    def head(self) -> dict[str, object]:
        """The first fields of a report as JSON."""
        if self.recording is None:
            return {"study": self.study.slug}
        return {
            "recording": self.recording.name,
            "study": self.study.slug,
            "epochs": self.recording.epoch_count,
        }

    def select(self, *, scorers: Collection[str] = (), with_open: bool = False) -> "Selection":
        """Choose the scorers to compare by their keys; with fewer than two, all that can be."""
        sheet = sheet_of(self.scorings, with_open=with_open)
        return Selection(self, sheet, compared_columns(sheet, scorers), with_open)


@dataclass(frozen=True)
class Selection:
    """The scorers to compare within a scope, and whether unfinished scorings count."""

    scope: Scope
    sheet: Sheet
    compared: list[Column]
    with_open: bool

    def pair(self, tested: str, by: str) -> tuple[Column, Column] | None:
        """Return the tested column and its reference; None unless these are two columns."""
        first, second = self.sheet.column(tested), self.sheet.column(by)
        return (first, second) if first and second and first != second else None


def scope_for(user: User, *, slug: str | None = None, recording_id: int | None = None) -> Scope:
    """Return the scope of a study that the user oversees, or of a recording that the user sees.

    The scope has only the scorings that the user may open: for an annotator, their own.
    """
    visible = visible_scorings(user)
    if slug is not None:
        study = study_for(user, slug, *OVERSEERS)
        return Scope(study, None, visible.filter(recording__study=study))
    recordings = Recording.objects.of(user).select_related("study")
    recording = get_or_404(recordings, pk=recording_id)
    return Scope(recording.study, recording, visible.filter(recording=recording))
