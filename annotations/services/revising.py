"""Changing many epochs of a finished scoring that nobody edits by hand, with a revision each."""

from collections.abc import Mapping
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from annotations.models import EpochRevision, EpochScore, Scoring
from annotations.services.errors import NotOpenError
from annotations.services.scores import ScoreContent, Why, content_of
from studies.models import User

_WRITTEN = ("stage", "rules", "rationale", "flags", "evidence", "source_text")


@transaction.atomic
def revise_scores(
    *, scoring: Scoring, contents: Mapping[int, ScoreContent], why: Why, user: User | None
) -> int:
    """Write what each of these epochs says now; returns how many. Flags and evidence stay.

    Raises
    ------
    NotOpenError
        When the scoring is not submitted: an open one is somebody's, a locked one is settled.
    """
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if scoring.state != Scoring.State.SUBMITTED:
        raise NotOpenError(scoring)
    stored = {score.epoch: score for score in scoring.scores.filter(epoch__in=list(contents))}
    now = timezone.now()
    revisions, written = [], []
    for epoch, said in contents.items():
        score = stored.get(epoch)
        content = replace(said, flags=score.flags, evidence=score.evidence) if score else said
        before = content_of(score).as_json() if score else None
        score = score or EpochScore(scoring=scoring, epoch=epoch, version=0)
        for name, value in content.as_json().items():
            setattr(score, name, value)
        score.version += 1
        score.updated_at = now
        written.append(score)
        revisions.append(
            EpochRevision(
                scoring=scoring,
                epoch=epoch,
                version=score.version,
                user=user,
                at=now,
                why=why,
                before=before,
                after=content.as_json(),
            )
        )
    EpochScore.objects.bulk_create([score for score in written if score.pk is None])
    EpochScore.objects.bulk_update(
        list(stored.values()), [*_WRITTEN, "version", "updated_at"], batch_size=500
    )
    EpochRevision.objects.bulk_create(revisions)
    return len(revisions)
