"""Whose rationales a study can put before raters, how they form arms, and who wrote them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q

from annotations.rating.models import RatingArm, RatingStudy
from annotations.scoring.models import Scorer, Scoring
from annotations.visibility import open_recordings
from recordings.models import Recording
from studies.models import Study, User


@dataclass
class RationaleSource:
    """All scorings of a scorer from a single pass over the nights of a study."""

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


def sources_of(study: Study, user: User | None = None) -> list[RationaleSource]:
    """Return who wrote rationales beside a signal, with their scorings.

    With `user`: of recordings that are not closed to them.
    """
    has_words = Q(scores__stage__isnull=False) & ~Q(scores__rationale="")
    return _grouped(_scorings(study, user, has_words).filter(matching__gt=0))


def references_of(study: Study, user: User | None = None) -> list[RationaleSource]:
    """Return who staged nights with signals, with or without words; a consensus comes first."""
    is_staged = Q(scores__stage__isnull=False)
    staged = _grouped(_scorings(study, user, is_staged).filter(matching__gt=0))
    return sorted(staged, key=lambda source: source.scorer.kind != Scorer.Kind.CONSENSUS)


def _scorings(study: Study, user: User | None, counted: Q):  # type: ignore[no-untyped-def]  # annotated queryset
    nights = open_recordings(user, study) if user else Recording.objects.filter(study=study)
    return (
        Scoring.objects.originals()
        .filter(recording__in=nights.filter(state=Recording.State.READY))
        .exclude(state=Scoring.State.WITHDRAWN)
        .annotate(matching=Count("scores", filter=counted))
        .select_related("recording", "scorer")
        .order_by("scorer__kind", "scorer__label", "pass_number", "recording__name")
    )


def _grouped(scorings: Iterable[Scoring]) -> list[RationaleSource]:
    sources: dict[tuple[int, int], RationaleSource] = {}
    for scoring in scorings:
        key = (scoring.scorer_id, scoring.pass_number)
        source = sources.setdefault(key, RationaleSource(scoring.scorer, scoring.pass_number))
        source.scorings.append(scoring)
        source.rationales += getattr(scoring, "matching", 0)
    return list(sources.values())


def scorer_labels(study: Study) -> list[str]:
    """Every label that would tell a rater who wrote: all scorers of the study, chosen or not."""
    of_study = Q(study=study) | Q(scorings__recording__study=study)
    return list(Scorer.objects.filter(of_study).values_list("label", flat=True).distinct())


# Arms as letters: which sources a form proposes to pool, and what a pool is called.


ARM_LETTERS = "ABCDEFGH"
LABEL_LENGTH = 120


def arm_label(members: list[RationaleSource]) -> str:
    """Name an arm after who is in it."""
    if len(members) > 1 and all(source.scorer.kind == Scorer.Kind.HUMAN for source in members):
        return f"Experts: {', '.join(source.label for source in members)}"[:LABEL_LENGTH]
    return " + ".join(map(str, members))[:LABEL_LENGTH]


def first_arms(sources: list[RationaleSource]) -> dict[str, str]:
    """Propose arms: experts together, everything else by itself.

    Left out are a consensus, for its words are those of its originals, and who has finished
    nothing yet.
    """
    letters: dict[str, str] = {}
    known: dict[object, str] = {}
    for source in sources:
        if source.scorer.kind == Scorer.Kind.CONSENSUS or source.unfinished == source.nights:
            continue
        group = source.scorer.kind == Scorer.Kind.HUMAN or source.key
        if group in known or len(known) < len(ARM_LETTERS):
            letters[source.key] = known.setdefault(group, ARM_LETTERS[len(known)])
    return letters


def arms_of(draft: RatingStudy, sources: list[RationaleSource]) -> dict[str, str]:
    arms = [arm for arm in draft.design["arms"] if arm["kind"] == RatingArm.Kind.SOURCE]
    return {
        source.key: letter
        for source in sources
        for letter, arm in zip(ARM_LETTERS, arms, strict=False)
        if {scoring.pk for scoring in source.scorings} & set(arm["scorings"])
    }
