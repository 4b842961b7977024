"""Whose rationales a study could put before raters, and whose stages could be its reference."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q

from annotations.models import Scorer, Scoring
from recordings.models import Recording
from studies.models import Study


@dataclass
class Source:
    """All scorings of a scorer's one pass over the nights of a study."""

    scorer: Scorer
    pass_number: int
    scorings: list[Scoring] = field(default_factory=list)
    rationales: int = 0

    @property
    def key(self) -> str:
        return f"{self.scorer.pk}-{self.pass_number}"

    @property
    def label(self) -> str:
        again = f", pass {self.pass_number}" if self.pass_number > 1 else ""
        return f"{self.scorer.label}{again}"

    @property
    def nights(self) -> int:
        return len(self.scorings)

    @property
    def unfinished(self) -> int:
        """Nights still being scored, whose words may be followed by others."""
        return sum(scoring.is_open for scoring in self.scorings)

    def __str__(self) -> str:
        word = f", {self.scorer.kind_word}" if self.scorer.kind_word else ""
        return f"{self.label}{word}"


def sources_of(study: Study) -> list[Source]:
    """Return who wrote rationales beside a signal, with their scorings."""
    has_words = Q(scores__stage__isnull=False) & ~Q(scores__rationale="")
    return _grouped(_scorings(study, has_words).filter(found__gt=0))


def references_of(study: Study) -> list[Source]:
    """Return who staged nights with signals, with or without words; a consensus comes first."""
    staged = _grouped(_scorings(study, Q(scores__stage__isnull=False)).filter(found__gt=0))
    return sorted(staged, key=lambda one: one.scorer.kind != Scorer.Kind.CONSENSUS)


def _scorings(study: Study, counted: Q):  # type: ignore[no-untyped-def]  # annotated queryset
    return (
        Scoring.objects.filter(recording__study=study, recording__state=Recording.State.READY)
        .exclude(state=Scoring.State.WITHDRAWN)
        .annotate(found=Count("scores", filter=counted))
        .select_related("recording", "scorer")
        .order_by("scorer__kind", "scorer__label", "pass_number", "recording__name")
    )


def _grouped(scorings: Iterable[Scoring]) -> list[Source]:
    sources: dict[tuple[int, int], Source] = {}
    for scoring in scorings:
        key = (scoring.scorer_id, scoring.pass_number)
        source = sources.setdefault(key, Source(scoring.scorer, scoring.pass_number))
        source.scorings.append(scoring)
        source.rationales += getattr(scoring, "found", 0)
    return list(sources.values())


def scorer_labels(study: Study) -> list[str]:
    """Every label that would tell a rater who wrote: all scorers of the study, chosen or not."""
    of_study = Q(study=study) | Q(scorings__recording__study=study)
    return list(Scorer.objects.filter(of_study).values_list("label", flat=True).distinct())
