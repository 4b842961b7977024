"""Scorings side by side: a row a recording, a column a scorer. What agreement is counted over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import numpy as np
from django.db.models import OuterRef, QuerySet, Subquery
from numpy.typing import NDArray

from annotations.models import EpochRevision, Scorer, Scoring
from annotations.models.scoring import FINISHED
from annotations.queries.agreement.coded import Coded, read_coded
from annotations.queries.agreement.one_night import label_of
from recordings.models import Recording
from studies.models import Mode

PEOPLE = (Scorer.Kind.HUMAN, Scorer.Kind.IMPORT)


@dataclass(frozen=True)
class Column:
    """One scorer. Another pass over the same nights is another column, to be compared with.

    So are the nights that a person scored with suggestions: those answers are not theirs alone.
    """

    key: str
    label: str
    kind: str
    helped: bool = False

    @classmethod
    def of(cls, scoring: Scoring) -> "Column":
        again = f".{scoring.pass_number}" if scoring.pass_number > 1 else ""
        key, label, kind = f"{scoring.scorer_id}{again}", label_of(scoring), scoring.scorer.kind
        if kind != Scorer.Kind.HUMAN or scoring.mode == Mode.BLIND:
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
class Night:
    """One recording with the scorings of it that are compared, by column."""

    recording: Recording
    scorings: dict[str, Scoring]


@dataclass(frozen=True)
class Sheet:
    """Every scoring in view. `open_count` unfinished ones are left out of it."""

    nights: list[Night]
    columns: list[Column]
    open_count: int = 0
    read: dict[int, Coded] = field(default_factory=dict, compare=False, repr=False)
    """What was read so far; sheets made from one another share it."""

    @cached_property
    def coded(self) -> dict[int, Coded]:
        """What every scoring says, by its key; read on the first use."""
        every = (scoring for night in self.nights for scoring in night.scorings.values())
        self.read.update(read_coded([one for one in every if one.pk not in self.read]))
        return self.read

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)

    def only(self, columns: Sequence[Column]) -> "Sheet":
        """Keep some columns, and the nights that at least two of them scored."""
        keys = {column.key for column in columns}
        nights = [
            Night(n.recording, {k: s for k, s in n.scorings.items() if k in keys})
            for n in self.nights
        ]
        wanted = [night for night in nights if len(night.scorings) >= 2]
        return Sheet(wanted, list(columns), self.open_count, self.read)

    def codes(self, night: Night) -> NDArray[np.int8]:
        """(n_epochs, n_columns) of stage codes, -1 where a column has none."""
        none = np.full(night.recording.epoch_count, -1, dtype=np.int8)
        scorings = (night.scorings.get(column.key) for column in self.columns)
        return np.stack([self.coded[s.pk].stages if s else none for s in scorings], axis=-1)

    def certainty(self, night: Night) -> NDArray[np.float32]:
        """(n_epochs,) of the least sure model, NaN where none says how sure it is."""
        none = np.full(night.recording.epoch_count, np.nan, dtype=np.float32)
        coded = (self.coded[scoring.pk] for scoring in night.scorings.values())
        known = [one.certainty for one in coded if one.certainty is not None]
        return np.asarray(np.fmin.reduce([none, *known]))

    @property
    def subjects(self) -> list[int]:
        """Whose each night is."""
        return [night.recording.subject_id for night in self.nights]

    @property
    def content(self) -> list[object]:
        """All that an answer about this sheet can rest on, for its key."""
        return [[column.key, column.label, column.kind] for column in self.columns] + [
            _content(night) for night in self.nights
        ]


def sheet_of(scorings: "QuerySet[Scoring]", *, with_open: bool = False) -> Sheet:
    """Lay out the finished ones of `scorings`; those taken away are never counted."""
    visible = scorings.exclude(state=Scoring.State.WITHDRAWN)
    wanted = visible if with_open else visible.filter(state__in=FINISHED)
    last = EpochRevision.objects.filter(scoring=OuterRef("pk")).order_by("-pk")
    found = (
        wanted.annotate(stamp=Subquery(last.values("client_uuid")[:1]))
        .filter(stamp__isnull=False)
        .select_related("scorer", "recording")
        .order_by("recording__name", "recording_id", "pk")
    )
    nights = [
        Night(recording, {Column.of(scoring).key: scoring for scoring in of_night})
        for recording, of_night in groupby(found, key=lambda scoring: scoring.recording)
    ]
    left_out = 0 if with_open else visible.filter(state=Scoring.State.OPEN).count()
    return Sheet(nights, _columns(nights), left_out)


def compared_columns(sheet: Sheet, keys: Iterable[str] = ()) -> list[Column]:
    """Choose whose agreement is counted: those named, else people unaided, else everybody.

    A consensus is made from the others: it is compared with one of them, never counted among them.
    """
    wanted = set(keys)
    able = [column for column in sheet.columns if not column.is_consensus]
    named = [column for column in able if column.key in wanted]
    if len(named) > 1:
        return named
    people = [column for column in able if column.kind in PEOPLE and not column.helped]
    return people if len(people) > 1 else able


def _columns(nights: Sequence[Night]) -> list[Column]:
    found = {Column.of(s) for night in nights for s in night.scorings.values()}
    kinds = [kind.value for kind in (*PEOPLE, Scorer.Kind.CONSENSUS, Scorer.Kind.MODEL)]
    return sorted(found, key=lambda c: (c.helped, kinds.index(c.kind), _natural(c.label), c.key))


def _natural(label: str) -> list[tuple[int, str]]:
    """Sort "Scorer 2" before "Scorer 10"."""
    parts = ("".join(part) for _, part in groupby(label.lower(), key=str.isdigit))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _content(night: Night) -> list[object]:
    recording = night.recording
    scorings = [
        [key, s.pk, s.stamp, s.lights.off_s, s.lights.on_s]  # type: ignore[attr-defined]
        for key, s in sorted(night.scorings.items())
    ]
    grid = [recording.pk, recording.name, recording.epoch_count, recording.epoch0_s]
    return [*grid, recording.subject_id, scorings]
