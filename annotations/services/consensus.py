"""Finishing an adjudication: its decisions become a consensus scoring."""

from django.db import transaction
from django.utils import timezone

from annotations.models import (
    Adjudication,
    AdjudicationDecision,
    EpochRevision,
    LightsRevision,
    Scoring,
)
from annotations.queries.adjudication import (
    Said,
    said_by_sides,
    sides_of,
    standing_decisions,
    undecided_epochs,
)
from annotations.services.errors import AdjudicationFinishedError, UndecidedError
from annotations.services.lights import bring_lights, shared_lights
from annotations.services.scorers import consensus_scorer
from annotations.services.scores import ScoreContent, add_scores
from annotations.services.scorings import close_scoring, create_scoring
from recordings.models import Recording
from studies.models import Track, User


@transaction.atomic
def finish_adjudication(*, adjudication: Adjudication, user: User) -> Adjudication:
    """Make the consensus scoring out of what stands, once every epoch is settled.

    Raises
    ------
    UndecidedError, AdjudicationFinishedError
    """
    adjudication = Adjudication.objects.select_for_update(of=("self",)).get(pk=adjudication.pk)
    if not adjudication.is_open:
        raise AdjudicationFinishedError(adjudication)
    if undecided := undecided_epochs(adjudication):
        raise UndecidedError(undecided)
    adjudication.consensus = _consensus(adjudication, user)
    adjudication.state = Adjudication.State.FINISHED
    adjudication.finished_at = timezone.now()
    adjudication.save(update_fields=["consensus", "state", "finished_at"])
    return adjudication


def _consensus(adjudication: Adjudication, user: User) -> Scoring:
    recording = Recording.objects.select_related("study").get(pk=adjudication.recording_id)
    sides = sides_of(adjudication)
    is_fine = any(side.scoring.track == Track.FINE for side in sides)
    scoring = create_scoring(
        recording=recording,
        scorer=consensus_scorer(study=recording.study),
        track=Track.FINE if is_fine else Track.COARSE,
        assigned_by=user,
    )
    said = said_by_sides([side.scoring for side in sides], recording.epoch_count)
    contents = [
        (epoch, _content(decision, said[epoch]))
        for epoch, decision in sorted(standing_decisions(adjudication).items())
        if decision.stage
    ]
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.CONSENSUS, user=user)
    lights = shared_lights(side.scoring for side in sides)
    bring_lights(scoring=scoring, lights=lights, why=LightsRevision.Why.CONSENSUS, user=user)
    return close_scoring(scoring=scoring)


def _content(decision: AdjudicationDecision, said: Said) -> ScoreContent:
    """Return stage, rules and words as decided; evidence and flags of the side taken."""
    taken = said[decision.side.place] if decision.side else None
    return ScoreContent(
        stage=decision.stage,
        rules=list(decision.rules),
        rationale=decision.rationale,
        flags=list(taken.flags) if taken else (),
        evidence=taken.evidence if taken else [],
    )
