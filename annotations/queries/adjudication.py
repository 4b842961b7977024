"""What the sides of an adjudication say, where they differ, and what stands so far."""

from collections.abc import Mapping, Sequence

from annotations.models import (
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
    EpochScore,
    Scorer,
    Scoring,
)
from annotations.models.scoring import FINISHED
from recordings.models import Recording
from studies.models import User

# One score a side, in the order of the sides; None where a side has none.
Said = list[EpochScore | None]


def comparable_scorings(user: User, recording: Recording) -> list[Scoring]:
    """Return the finished scorings that `user` may put beside one another; own ones are not."""
    found = (
        Scoring.objects.of(user)
        .filter(recording=recording, state__in=FINISHED)
        .exclude(scorer__kind=Scorer.Kind.CONSENSUS)
        .exclude(scorer__user_id=user.pk)
    )
    return list(found.select_related("scorer", "recording"))


def sides_of(adjudication: Adjudication) -> list[AdjudicationSide]:
    return list(adjudication.sides.select_related("scoring").order_by("place"))


def said_by_sides(scorings: Sequence[Scoring], epoch_count: int) -> list[Said]:
    """Return what each scoring says of each epoch, in one query."""
    places = {scoring.pk: place for place, scoring in enumerate(scorings)}
    said: list[Said] = [[None] * len(scorings) for _ in range(epoch_count)]
    for score in EpochScore.objects.filter(scoring__in=list(places)).order_by():
        said[score.epoch][places[score.scoring_id]] = score
    return said


def all_agree(said: Said) -> bool:
    """Tell whether every side gave the epoch the same stage (or none of them any)."""
    return len({score.stage if score else None for score in said}) == 1


def standing_decisions(adjudication: Adjudication) -> Mapping[int, AdjudicationDecision]:
    """Return the newest decision of each epoch that has any, withdrawn ones included."""
    newest = adjudication.decisions.order_by("epoch", "-version").distinct("epoch")
    return {decision.epoch: decision for decision in newest.select_related("side")}


def undecided_epochs(adjudication: Adjudication) -> list[int]:
    decided = {
        epoch for epoch, decision in standing_decisions(adjudication).items() if decision.settles
    }
    return [n for n in range(adjudication.recording.epoch_count) if n not in decided]
