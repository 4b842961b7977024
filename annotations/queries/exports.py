"""What may be exported, and whose."""

from collections.abc import Iterable
from dataclasses import dataclass

from annotations.models import Scorer, Scoring
from annotations.models.scoring import FINISHED
from studies.models import Study

# Where nobody says whose scorings are meant: what people settled, then people, files, models.
PREFERENCE = (Scorer.Kind.CONSENSUS, Scorer.Kind.HUMAN, Scorer.Kind.IMPORT, Scorer.Kind.MODEL)


@dataclass(frozen=True)
class ExportChoice:
    """A scorer of the study with how many nights could be exported."""

    scorer: Scorer
    finished: int
    open: int


class NothingToExportError(Exception):
    """No scoring fits what was asked for; the text says what would."""


def exportable_scorings(study: Study, scorer: Scorer, *, include_open: bool) -> list[Scoring]:
    """Return the last pass of each night by this scorer, by subject and name."""
    found = Scoring.objects.filter(recording__study=study, scorer=scorer)
    if not include_open:
        found = found.filter(state__in=FINISHED)
    last = {
        scoring.recording_id: scoring
        for scoring in found.select_related("recording__subject", "scorer").order_by("pass_number")
    }
    return sorted(last.values(), key=lambda s: (s.recording.subject.code, s.recording.name))


def export_choices(study: Study) -> list[ExportChoice]:
    """Return the scorers of the study in order of preference."""
    scorings = Scoring.objects.filter(recording__study=study).select_related("scorer")
    choices = [
        ExportChoice(
            scorer=scorer,
            finished=len({s.recording_id for s in theirs if s.state in FINISHED}),
            open=len({s.recording_id for s in theirs if s.is_open}),
        )
        for scorer, theirs in _by_scorer(scorings).items()
    ]
    return sorted(
        choices,
        key=lambda c: (PREFERENCE.index(Scorer.Kind(c.scorer.kind)), c.scorer.label.casefold()),
    )


def _by_scorer(scorings: Iterable[Scoring]) -> dict[Scorer, list[Scoring]]:
    found: dict[Scorer, list[Scoring]] = {}
    for scoring in scorings:
        found.setdefault(scoring.scorer, []).append(scoring)
    return found


def choose_scorer(study: Study, label: str | None, *, include_open: bool) -> Scorer:
    """Return the scorer with this label; without one the preferred, if that is one scorer.

    Raises
    ------
    NothingToExportError
        When nobody fits, or when more than one scorer does.
    """
    known = export_choices(study)
    able = [c for c in known if c.finished or (include_open and c.open)]
    able = [c for c in able if label is None or c.scorer.label == label]
    if not able:
        raise NothingToExportError(_nothing(known, label))
    if label is None:
        able = [c for c in able if c.scorer.kind == able[0].scorer.kind]
    if len(able) > 1:
        labels = ", ".join(c.scorer.label for c in able)
        raise NothingToExportError(f"Several scorers fit: say which one ({labels}).")
    return able[0].scorer


def _nothing(known: list[ExportChoice], label: str | None) -> str:
    if not known:
        return "This study has no scorings yet."
    whose = f"by {label} " if label else ""
    listed = ", ".join(f"{c.scorer.label} ({c.finished} finished, {c.open} open)" for c in known)
    return f"There is no finished scoring {whose}to export. Scorers: {listed}."
