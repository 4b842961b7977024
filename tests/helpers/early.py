"""Scorings of people who oversee a study, from a time when nothing of the night was finished."""

from annotations.scoring.models import Scoring
from annotations.scoring.scorings import create_scoring, scorer_of_user
from recordings.models import Recording
from studies.models import Mode, User


def assigned_early(
    recording: Recording,
    annotator: User,
    mode: Mode | str = Mode.BLIND,
    source: Scoring | None = None,
) -> Scoring:
    """Return an open scoring as if it had been assigned before those of others were finished.

    Later it is refused to whoever could read the others.
    """
    return create_scoring(
        recording=recording,
        scorer=scorer_of_user(user=annotator),
        mode=Mode(mode),
        suggestion=source,
    )
