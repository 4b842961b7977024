"""Beginning an adjudication: sides under letters, originals locked, unanimous epochs settled."""

import random
import secrets
from collections.abc import Sequence

from django.db import transaction

from annotations.models import (
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
    Scorer,
    Scoring,
)
from annotations.models.scoring import FINISHED
from annotations.queries.adjudication import Said, all_agree, said_by_sides
from annotations.services.errors import AdjudicationRefusedError
from studies.models import User

LARGEST_SEED = 2**31 - 1


@transaction.atomic
def start_adjudication(
    *, scorings: Sequence[Scoring], user: User | None, seed: int | None = None
) -> Adjudication:
    """Put finished scorings of one night beside one another under letters, in a seeded order.

    The originals are locked, and epochs on which all agree are settled at once.

    Raises
    ------
    AdjudicationRefusedError
    """
    wanted = [scoring.pk for scoring in scorings]
    locked = Scoring.objects.select_for_update(of=("self",)).order_by("pk")
    originals = list(locked.filter(pk__in=wanted).select_related("recording__study", "scorer"))
    _check(originals, user)
    seed = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    adjudication = Adjudication.objects.create(
        recording=originals[0].recording,
        seed=seed,
        rule_edition=originals[0].recording.study.rule_edition,
        created_by=user,
    )
    random.Random(seed).shuffle(originals)
    sides = AdjudicationSide.objects.bulk_create(
        AdjudicationSide(adjudication=adjudication, scoring=scoring, place=place)
        for place, scoring in enumerate(originals)
    )
    Scoring.objects.filter(pk__in=wanted).update(state=Scoring.State.LOCKED)
    _settle_unanimous(adjudication, sides)
    return adjudication


def _check(scorings: Sequence[Scoring], user: User | None) -> None:
    if len(scorings) < 2:
        raise AdjudicationRefusedError("Choose two finished scorings or more.")
    if len({scoring.recording_id for scoring in scorings}) > 1:
        raise AdjudicationRefusedError("The scorings are of different nights.")
    if any(scoring.state not in FINISHED for scoring in scorings):
        raise AdjudicationRefusedError("One of the scorings is open again: it must be submitted.")
    if any(scoring.scorer.kind == Scorer.Kind.CONSENSUS for scoring in scorings):
        raise AdjudicationRefusedError("A consensus is made of originals, not of a consensus.")
    if user and any(scoring.scorer.user_id == user.pk for scoring in scorings):
        raise AdjudicationRefusedError("You scored this night: somebody else must settle it.")


def _settle_unanimous(adjudication: Adjudication, sides: Sequence[AdjudicationSide]) -> None:
    epoch_count = adjudication.recording.epoch_count
    said = said_by_sides([side.scoring for side in sides], epoch_count)
    AdjudicationDecision.objects.bulk_create(
        _unanimous(adjudication, sides, epoch, said[epoch])
        for epoch in range(epoch_count)
        if all_agree(said[epoch])
    )


def _unanimous(
    adjudication: Adjudication, sides: Sequence[AdjudicationSide], epoch: int, said: Said
) -> AdjudicationDecision:
    """Settle an epoch all agree on, with the words of one of the sides that say most.

    Among equally complete sides the seed and the epoch choose, so that none is favoured.
    """
    fullness = [(bool(score and score.rationale), bool(score and score.rules)) for score in said]
    fullest = [place for place, full in enumerate(fullness) if full == max(fullness)]
    place = random.Random(f"{adjudication.seed}:{epoch}").choice(fullest)
    score = said[place]
    return AdjudicationDecision(
        adjudication=adjudication,
        epoch=epoch,
        version=1,
        choice=AdjudicationDecision.Choice.UNANIMOUS,
        side=sides[place] if score else None,
        stage=score.stage if score else None,
        rules=score.rules if score else [],
        rationale=score.rationale if score else "",
    )
