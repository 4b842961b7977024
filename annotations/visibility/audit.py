"""What is withheld from a reader of the audit trail."""

from __future__ import annotations

from annotations.rating.models import RatingStudy
from annotations.visibility.nights import closed_recordings
from recordings.models import Recording
from studies.models import User


def withheld_from_audit(user: User) -> tuple[set[int], set[int]]:
    """Return ids of recordings and of studies about whose events `user` may not read reasons.

    A reason is free text, and details are of every kind: either may tell of stages or sources.
    So none of a study is shown while a night of it is closed to the person, or while they are to
    rate in it, whatever recording it names.
    """
    closed = Recording.objects.filter(pk__in=closed_recordings(user))
    nights = dict(closed.values_list("pk", "study_id"))
    rated = RatingStudy.objects.filter(state=RatingStudy.State.OPEN, panel__rater_id=user.pk)
    return set(nights), set(nights.values()).union(rated.values_list("study_id", flat=True))
