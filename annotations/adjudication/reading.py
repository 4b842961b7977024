"""Reading adjudications: scores of the sides, decisions, and nights that need adjudication."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotations.adjudication.majority import Codes, MajorityRule, Standing, Votes
from annotations.adjudication.models import (
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
    MajoritySettlement,
)
from annotations.scoring.models import FINISHED, IS_ORIGINAL, EpochScore, Scorer, Scoring
from annotations.visibility import adjudications_to_settle, visible_scorings
from psg.rules.phrases import GAP
from psg.stages import STAGES, UNSCORED_CODE
from recordings.models import Recording
from studies.models import Role, User

# The scores of an epoch in the order of the sides; None for a side without a score.
SideScores = list[EpochScore | None]


class Words(NamedTuple):
    """The texts of a score."""

    rules: list[str]
    rationale: str


Choice = AdjudicationDecision.Choice
_CODE_OF: dict[str, int] = {stage.value: code for code, stage in enumerate(STAGES)}


def comparable_scorings(user: User, recording: Recording) -> list[Scoring]:
    """Return the finished scorings that `user` may adjudicate.

    None of their own, no consensus, and no copies of others.
    """
    scorings = (
        visible_scorings(user)
        .filter(IS_ORIGINAL, recording=recording, state__in=FINISHED)
        .exclude(scorer__kind=Scorer.Kind.CONSENSUS)
        .exclude(scorer__user_id=user.pk)
    )
    return list(scorings.select_related("scorer", "recording"))


def sides_of(adjudication: Adjudication) -> list[AdjudicationSide]:
    return list(adjudication.sides.select_related("scoring__scorer").order_by("place"))


def scores_by_epoch(scorings: Sequence[Scoring], epoch_count: int) -> list[SideScores]:
    """Return the scores of all scorings by epoch, in the order of `scorings`."""
    places = {scoring.pk: place for place, scoring in enumerate(scorings)}
    scores: list[SideScores] = [[None] * len(scorings) for _ in range(epoch_count)]
    for score in EpochScore.objects.filter(scoring__in=list(places)).order_by():
        scores[score.epoch][places[score.scoring_id]] = score
    return scores


def scores_at(sides: Sequence[AdjudicationSide], epochs: Collection[int]) -> dict[int, SideScores]:
    """Return the scores of the sides at some epochs, in the order of the sides."""
    scores: dict[int, SideScores] = {epoch: [None] * len(sides) for epoch in epochs}
    place_of = {side.scoring_id: place for place, side in enumerate(sides)}
    rows = EpochScore.objects.filter(scoring__in=list(place_of), epoch__in=list(epochs))
    for score in rows.order_by():
        scores[score.epoch][place_of[score.scoring_id]] = score
    return scores


def words_for(
    sides: Sequence[AdjudicationSide], places: Collection[int], stages: Mapping[int, str]
) -> dict[int, dict[int, Words]]:
    """Return the words of the sides at `places` that gave an epoch its stage in `stages`.

    They are by epoch, then by place. Only these columns are read: complete rows of a night of
    twelve scorers take several times as long.
    """
    words: dict[int, dict[int, Words]] = {epoch: {} for epoch in stages}
    place_of = {sides[place].scoring_id: place for place in places}
    rows = EpochScore.objects.filter(scoring__in=list(place_of), epoch__in=list(stages))
    fields = rows.order_by().values_list("scoring_id", "epoch", "stage", "rules", "rationale")
    for scoring, epoch, stage, rules, rationale in fields:
        if stage == stages[epoch]:
            words[epoch][place_of[scoring]] = Words(rules, rationale)
    return words


def stage_codes_of(sides: Sequence[AdjudicationSide], epoch_count: int) -> Codes:
    """Return the stage codes of the sides, (n_epochs, n_sides), without loading texts."""
    return votes_of(sides, epoch_count).codes


def votes_of(sides: Sequence[AdjudicationSide], epoch_count: int) -> Votes:
    """Return what the sides say: stages, kinds of scorers, and flagged epochs."""
    place_of = {side.scoring_id: place for place, side in enumerate(sides)}
    codes: Codes = np.full((epoch_count, len(sides)), UNSCORED_CODE, dtype=np.int8)
    is_flagged = np.zeros(epoch_count, dtype=np.bool_)
    rows = EpochScore.objects.filter(scoring__in=list(place_of), epoch__lt=epoch_count).order_by()
    # A row for each scoring: rows of single epochs take five times as long to read.
    staged = rows.filter(stage__isnull=False).values_list("scoring_id")
    for scoring, epochs, stages in staged.annotate(at=ArrayAgg("epoch"), are=ArrayAgg("stage")):
        codes[epochs, place_of[scoring]] = [_CODE_OF[stage] for stage in stages]
    flagged = rows.exclude(flags=[]).values_list("epoch", flat=True).distinct()
    is_flagged[list(flagged)] = True
    kinds = [side.scoring.scorer.kind == Scorer.Kind.MODEL for side in sides]
    return Votes(codes, np.array(kinds, dtype=np.bool_), is_flagged)


def all_agree(scores: SideScores) -> bool:
    """Whether all sides gave the epoch the same stage, or all left it unscored."""
    return len({score.stage if score else None for score in scores}) == 1


def standing_decisions(
    adjudication: Adjudication, epochs: Collection[int] | None = None
) -> Mapping[int, AdjudicationDecision]:
    """Return the newest decision of each epoch, also if it was withdrawn; of `epochs` or of all."""
    decisions = adjudication.decisions.all()
    if epochs is not None:
        decisions = decisions.filter(epoch__in=list(epochs))
    newest = decisions.order_by("epoch", "-version").distinct("epoch")
    return {decision.epoch: decision for decision in newest.select_related("side")}


def standing_of(decisions: Iterable[AdjudicationDecision], epoch_count: int) -> Standing:
    """Return what newest decisions settle.

    An epoch that was withdrawn together with a whole rule is as open as before that rule.
    """
    codes: Codes = np.full(epoch_count, UNSCORED_CODE, dtype=np.int8)
    is_open = np.ones(epoch_count, dtype=np.bool_)
    is_reopened = np.zeros(epoch_count, dtype=np.bool_)
    for decision in decisions:
        if decision.settles:
            codes[decision.epoch] = _CODE_OF[decision.stage] if decision.stage else UNSCORED_CODE
            is_open[decision.epoch] = False
        else:
            is_reopened[decision.epoch] = decision.settlement_id is None
    return Standing(codes, is_open, is_reopened)


def undecided_epochs(adjudication: Adjudication) -> list[int]:
    decided = set(_standing(adjudication.decisions.all()).values_list("epoch", flat=True))
    return [n for n in range(adjudication.recording.epoch_count) if n not in decided]


def _standing(decisions: "QuerySet[AdjudicationDecision]") -> "QuerySet[AdjudicationDecision]":
    """Return those decisions that settle their epoch now."""
    newer = AdjudicationDecision.objects.filter(
        adjudication=OuterRef("adjudication"),
        epoch=OuterRef("epoch"),
        version__gt=OuterRef("version"),
    )
    return decisions.filter(~Exists(newer)).exclude(choice=Choice.WITHDRAW).order_by()


@dataclass(frozen=True)
class Provenance:
    """How the epochs of a consensus were settled."""

    unanimous: int
    by_rule: int
    by_hand: int
    rules: list[str]
    """The definitions of the rules by which standing epochs were settled, as sentences."""

    @property
    def words(self) -> str:
        """The numbers as a phrase; what is missing is left out."""
        parts = (
            (self.unanimous, "agreed by all scorings"),
            (self.by_rule, "settled by rule"),
            (self.by_hand, "settled by hand"),
        )
        return ", ".join(f"{count} {what}" for count, what in parts if count)


def provenances(adjudications: Iterable[Adjudication]) -> dict[int, Provenance]:
    """Return how the epochs of adjudications were settled, by the id of the adjudication."""
    ids = [adjudication.pk for adjudication in adjudications]
    rows = (
        _standing(AdjudicationDecision.objects.filter(adjudication__in=ids))
        .values_list("adjudication_id", "choice", "settlement_id")
        .annotate(count=Count("pk"))
    )
    rules = {row.pk: row.rule for row in MajoritySettlement.objects.filter(adjudication__in=ids)}
    counts: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    used: dict[int, list[int]] = {pk: [] for pk in ids}
    for adjudication, choice, settlement, count in rows:
        counts[adjudication][choice] = counts[adjudication].get(choice, 0) + count
        if choice == Choice.MAJORITY:
            used[adjudication].append(settlement)
    return {
        pk: Provenance(
            unanimous=counts[pk].get(Choice.UNANIMOUS, 0),
            by_rule=counts[pk].get(Choice.MAJORITY, 0),
            by_hand=counts[pk].get(Choice.TAKE, 0) + counts[pk].get(Choice.WRITE, 0),
            rules=list(dict.fromkeys(MajorityRule(**rules[key]).words for key in sorted(used[pk]))),
        )
        for pk in ids
    }


def epochs_with_gaps(adjudication: Adjudication) -> list[int]:
    """Return the epochs for which an adjudicator wrote a rationale and left a gap of a phrase."""
    return sorted(
        epoch
        for epoch, decision in standing_decisions(adjudication).items()
        if decision.choice == AdjudicationDecision.Choice.WRITE and GAP in decision.rationale
    )


def provenance_of_consensus(scorings: Iterable[int]) -> dict[int, Provenance]:
    """Return how consensus scorings were settled, by their id; scorings without are left out."""
    made = Adjudication.objects.filter(consensus__in=list(scorings)).order_by("pk")
    consensus = {adjudication.pk: adjudication.consensus_id for adjudication in made}
    found = provenances(made) if consensus else {}
    return {pk: found[key] for key, pk in consensus.items() if pk is not None}


# Lists for the home page of an adjudicator


@dataclass(frozen=True)
class NightToCompare:
    """A night with finished scorings. `left` counts unsettled epochs; None if not begun."""

    recording: Recording
    begun: Adjudication | None
    left: int | None


def nights_to_compare(user: User) -> list[NightToCompare]:
    """Return the nights with at least two finished scorings, in studies the user adjudicates."""
    finished = Q(scorings__in=Scoring.objects.originals(), scorings__state__in=FINISHED) & ~Q(
        scorings__scorer__kind="consensus"
    )
    recordings = (
        Recording.objects.of(user, Role.ADJUDICATOR)
        .filter(study__archived_at=None)
        .filter(pk__in=visible_scorings(user).exclude(scorer__user_id=user.pk).values("recording"))
        .select_related("study")
        .annotate(finished=Count("scorings", filter=finished))
        .filter(finished__gte=2)
    )
    kept = adjudications_to_settle(user).exclude(state=Adjudication.State.DISCARDED)
    begun = {started.recording_id: started for started in kept.order_by("pk")}
    settled = _settled_counts(begun.values())
    nights = [_to_compare(r, begun.get(r.pk), settled) for r in recordings]
    return sorted(nights, key=lambda night: night.left == 0)


def _settled_counts(adjudications: Iterable[Adjudication]) -> dict[int, int]:
    """Return how many epochs of each adjudication are settled."""
    decisions = AdjudicationDecision.objects.filter(adjudication__in=adjudications)
    rows = _standing(decisions).values_list("adjudication_id").annotate(count=Count("pk"))
    return dict(rows)


def _to_compare(
    recording: Recording, begun: Adjudication | None, settled: Mapping[int, int]
) -> NightToCompare:
    left = recording.epoch_count - settled.get(begun.pk, 0) if begun else None
    return NightToCompare(recording, begun, left)
