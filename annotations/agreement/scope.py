"""The scope of a report, and its outline: what is known of the scorings without reading them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    Count,
    Exists,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import MD5, Cast, Coalesce

from annotations.agreement.sheet import (
    IS_SCORED,
    LARGE,
    Column,
    Sheet,
    compared_columns,
    counted_scorings,
    in_order,
    sheet_of,
)
from annotations.scoring.models import IS_ORIGINAL, Scorer, Scoring
from annotations.visibility import OVERSEERS, visible_scorings
from recordings.models import Recording
from studies.access import get_or_404, study_for
from studies.models import Study, User

OF_RECORDING = (
    *("pk", "name", "epoch_count", "epoch0_s", "subject_id"),
    *("lights_off_s", "lights_on_s"),
)


@dataclass(frozen=True)
class Outline:
    """The columns of a sheet, and digests of everything else that a result about it shows.

    The database computes the digests: of a study with many scorings, to make an object of each
    would take longer than to read a stored result.
    """

    columns: list[Column]
    digests: Mapping[str, list[str]]
    """Of the scorings of each column, by its key."""
    recordings: int
    recordings_digest: str
    open_count: int
    """Unfinished scorings that are left out."""
    copy_count: int
    """Imported copies of others, which are left out."""

    @property
    def is_large(self) -> bool:
        return self.recordings > LARGE

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)

    def content(self, columns: Sequence[Column]) -> list[object]:
        """Everything that a result about these columns depends on, for its key in the cache."""
        return [
            self.recordings_digest,
            *([c.key, c.label, c.kind, c.helped, self.digests[c.key]] for c in columns),
        ]


def outline_of(scorings: "QuerySet[Scoring]", *, with_open: bool = False) -> Outline:
    """Return the outline of `sheet_of` with the same arguments."""
    counted = counted_scorings(scorings, with_open=with_open)
    digests: dict[Column, list[str]] = {}
    for label, kind, scorer_id, pass_number, mode, digest in _by_column(counted):
        if digest is None:  # no scoring has a score
            continue
        scorer = Scorer(pk=scorer_id, label=label, kind=kind)
        column = Column.of(Scoring(scorer=scorer, pass_number=pass_number, mode=mode))
        digests.setdefault(column, []).append(digest)
    count, recordings_digest = _recordings(counted)
    left_out = scorings.exclude(state=Scoring.State.WITHDRAWN).aggregate(
        open=Count("pk", filter=IS_ORIGINAL & Q(state=Scoring.State.OPEN)),
        copies=Count("pk", filter=~IS_ORIGINAL),
    )
    return Outline(
        columns=in_order(digests),
        digests={column.key: sorted(parts) for column, parts in digests.items()},
        recordings=count,
        recordings_digest=recordings_digest or "",
        open_count=0 if with_open else left_out["open"],
        copy_count=left_out["copies"],
    )


def _by_column(counted: "QuerySet[Scoring]") -> "QuerySet[Scoring, Any]":
    by_column = counted.order_by().values_list(
        "scorer__label", "scorer__kind", "scorer_id", "pass_number", "mode"
    )
    # Nothing where the stamp is null: a filter would look for the last revision once more.
    marks = [
        Coalesce(Cast(name, TextField()), Value("")) for name in ("lights_off_s", "lights_on_s")
    ]
    parts = [*(Cast(name, TextField()) for name in ("pk", "recording_id", "stamp")), *marks]
    text = Func(
        *parts, template="(%(expressions)s)", arg_joiner=" || ':' || ", output_field=TextField()
    )
    return by_column.annotate(digest=MD5(StringAgg(text, " ", order_by="pk")))


def _recordings(counted: "QuerySet[Scoring]") -> tuple[int, str | None]:
    """Return the number of recordings with a scoring, and a digest of what is shown of them."""
    facts = Func(*map(F, OF_RECORDING), function="jsonb_build_array", output_field=JSONField())
    scored = Exists(counted.order_by().filter(IS_SCORED, recording=OuterRef("pk")))
    digest = MD5(StringAgg(Cast(facts, TextField()), "\n", order_by="pk"))
    answer = Recording.objects.filter(scored).aggregate(count=Count("pk"), digest=digest)
    return answer["count"], answer["digest"]


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
        outline = outline_of(self.scorings, with_open=with_open)
        compared = compared_columns(outline, scorers)
        return Selection(self, outline, compared, with_open, tuple(scorers))


@dataclass(frozen=True)
class Selection:
    """The scorers to compare within a scope, and whether unfinished scorings count."""

    scope: Scope
    outline: Outline
    compared: list[Column]
    with_open: bool
    scorers: tuple[str, ...] = ()
    """The keys that were given."""

    @cached_property
    def sheet(self) -> Sheet:
        """All scorings in view; read at the first use."""
        return sheet_of(self.scope.scorings, with_open=self.with_open)

    def pair(self, tested: str, by: str) -> tuple[Column, Column] | None:
        """Return the tested column and its reference; None unless these are two columns."""
        first, second = self.outline.column(tested), self.outline.column(by)
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
