"""Giving nights to annotators: in which mode, and with whose scoring as the suggestion."""

from datetime import date

from django.db import transaction

from annotations.models import EpochRevision, LightsRevision, Scorer, Scoring
from annotations.queries.suggestions import possible_sources
from annotations.services.errors import AssignRefusedError
from annotations.services.lights import bring_lights, own_lights
from annotations.services.scorers import scorer_of_user
from annotations.services.scores import add_scores, content_of
from annotations.services.scorings import create_scoring
from recordings.models import Recording
from studies.models import Mode, User


@transaction.atomic
def assign(
    *,
    recording: Recording,
    annotator: User,
    assigned_by: User | None,
    due: date | None = None,
    mode: Mode | None = None,
    suggestion: Scoring | None = None,
) -> Scoring:
    """Give an annotator a night; a night they already have is returned as it is.

    Raises
    ------
    AssignRefusedError
        When the mode shows a suggestion and none that fits was chosen.
    """
    scorer = scorer_of_user(user=annotator)
    Scorer.objects.select_for_update().get(pk=scorer.pk)
    if known := Scoring.objects.filter(recording=recording, scorer=scorer).first():
        return known
    mode = Mode(mode or recording.study.mode)
    if mode == Mode.BLIND:
        suggestion = None
    else:
        _check_suggestion(recording, annotator, suggestion)
    scoring = create_scoring(
        recording=recording,
        scorer=scorer,
        mode=mode,
        suggestion=suggestion,
        due=due,
        assigned_by=assigned_by,
    )
    if mode == Mode.REVIEW and suggestion:
        _copy(suggestion, scoring)
    return scoring


def _check_suggestion(recording: Recording, annotator: User, source: Scoring | None) -> None:
    if source is None:
        raise AssignRefusedError("This mode shows another scoring: choose which.")
    if source.pk not in {scoring.pk for scoring in possible_sources(recording.pk)}:
        raise AssignRefusedError("Only a finished scoring of the same night can be suggested.")
    if source.scorer.user_id == annotator.pk:
        raise AssignRefusedError("Nobody is shown their own scoring as a suggestion.")


def _copy(source: Scoring, scoring: Scoring) -> None:
    contents = [(score.epoch, content_of(score)) for score in source.scores.all()]
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.COPY)
    bring_lights(scoring=scoring, lights=own_lights(source), why=LightsRevision.Why.COPY)
