"""What agreement is asked about: a study or one recording, and what the person sees of it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from annotations.models import Scoring
from annotations.models.scoring import OVERSEERS
from annotations.queries.agreement.sheet import Column, Sheet, compared_columns, sheet_of
from recordings.models import Recording
from studies.access import get_or_404, study_for
from studies.models import Study, User


@dataclass(frozen=True)
class Scope:
    """A study, or one recording of it, with the scorings that the person may see."""

    study: Study
    recording: Recording | None
    scorings: "QuerySet[Scoring]"

    @property
    def head(self) -> dict[str, Any]:
        """What an answer in JSON says of what it is about."""
        if self.recording is None:
            return {"study": self.study.slug}
        named = {"recording": self.recording.name, "study": self.study.slug}
        return {**named, "epochs": self.recording.epoch_count}

    def asked(self, *, scorers: Collection[str] = (), with_open: bool = False) -> "Asked":
        sheet = sheet_of(self.scorings, with_open=with_open)
        return Asked(self, sheet, compared_columns(sheet, scorers), with_open)


@dataclass(frozen=True)
class Asked:
    """A scope with whose agreement is meant, and whether unfinished scorings count."""

    scope: Scope
    sheet: Sheet
    compared: list[Column]
    with_open: bool

    def pair(self, tested: str, by: str) -> tuple[Column, Column] | None:
        """Return the two columns of these keys, the second the reference; None where not two."""
        one, two = self.sheet.column(tested), self.sheet.column(by)
        return (one, two) if one and two and one != two else None


def scope_for(user: User, *, slug: str | None = None, recording_id: int | None = None) -> Scope:
    """Find a study that the user oversees, or any recording of theirs.

    Of a recording everybody sees the agreement of the scorings that they may open, which for an
    annotator are their own.
    """
    visible = Scoring.objects.of(user)
    if slug is not None:
        study = study_for(user, slug, *OVERSEERS)
        return Scope(study, None, visible.filter(recording__study=study))
    recordings = Recording.objects.of(user).select_related("study")
    recording = get_or_404(recordings, pk=recording_id)
    return Scope(recording.study, recording, visible.filter(recording=recording))
