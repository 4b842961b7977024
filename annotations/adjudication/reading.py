"""Reading adjudications: scores of the sides, decisions, and nights that need adjudication."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from annotations.adjudication.models import Adjudication, AdjudicationDecision, AdjudicationSide
from annotations.scoring.models import FINISHED, IS_ORIGINAL, EpochScore, Scorer, Scoring
from annotations.visibility import adjudications_to_settle, visible_scorings
from psg.rules.phrases import GAP
from recordings.models import Recording
from studies.models import Role, User

# The scores of an epoch in the order of the sides; None for a side without a score.
SideScores = list[EpochScore | None]


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
    return list(adjudication.sides.select_related("scoring").order_by("place"))


def scores_by_epoch(scorings: Sequence[Scoring], epoch_count: int) -> list[SideScores]:
    """Return the scores of all scorings by epoch, in the order of `scorings`."""
    places = {scoring.pk: place for place, scoring in enumerate(scorings)}
    scores: list[SideScores] = [[None] * len(scorings) for _ in range(epoch_count)]
    for score in EpochScore.objects.filter(scoring__in=list(places)).order_by():
        scores[score.epoch][places[score.scoring_id]] = score
    return scores


def all_agree(scores: SideScores) -> bool:
    """Whether all sides gave the epoch the same stage, or all left it unscored."""
    return len({score.stage if score else None for score in scores}) == 1


def standing_decisions(adjudication: Adjudication) -> Mapping[int, AdjudicationDecision]:
    """Return the newest decision of each epoch, also if it was withdrawn."""
    newest = adjudication.decisions.order_by("epoch", "-version").distinct("epoch")
    return {decision.epoch: decision for decision in newest.select_related("side")}


def undecided_epochs(adjudication: Adjudication) -> list[int]:
    decided = {
        epoch for epoch, decision in standing_decisions(adjudication).items() if decision.settles
    }
    return [n for n in range(adjudication.recording.epoch_count) if n not in decided]


def epochs_with_gaps(adjudication: Adjudication) -> list[int]:
    """Return the epochs for which an adjudicator wrote a rationale and left a gap of a phrase."""
    return sorted(
        epoch
        for epoch, decision in standing_decisions(adjudication).items()
        if decision.choice == AdjudicationDecision.Choice.WRITE and GAP in decision.rationale
    )


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
    nights = [_to_compare(r, begun.get(r.pk)) for r in recordings]
    return sorted(nights, key=lambda night: night.left == 0)


def _to_compare(recording: Recording, begun: Adjudication | None) -> NightToCompare:
    return NightToCompare(recording, begun, len(undecided_epochs(begun)) if begun else None)
