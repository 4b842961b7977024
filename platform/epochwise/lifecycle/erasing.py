"""Erasing recordings and subjects: one transaction in the database, then the files."""

import logging
from collections.abc import Sequence

from django.db import transaction
from kombu.exceptions import OperationalError
from redis import RedisError

from annotations.agreement.caching import forget_all
from annotations.exchange.models import Export, FileImport
from annotations.rating.models import RatingStudyEvent
from annotations.releases.erasing import change_drafts, mark_releases
from annotations.scoring.models import Scorer, Scoring
from annotations.tasks import write_releases_again
from epochwise.lifecycle.plan import NIGHT_STEPS
from epochwise.lifecycle.reach import (
    Nights,
    Reach,
    is_of,
    queued_nights,
    reach_of,
    refuse_busy,
)
from psg.errors import RefusedError
from recordings.intake.models import IntakeQueue
from recordings.intake.receiving import remove_night
from recordings.models import Recording, Subject
from recordings.removals import remove_files
from recordings.store import refuse_other_store
from studies.audit import record
from studies.models import Act, Study, User

log = logging.getLogger(__name__)


class ErasureRefusedError(RefusedError):
    """This cannot be erased as requested; the message gives the reason."""

    code = "not_erased"
    status = 409


def require_reason(reason: str, *, typed: str, name: str) -> None:
    """Refuse an erasure without a reason, or confirmed with another name.

    Raises
    ------
    ErasureRefusedError
    """
    if not reason.strip():
        raise ErasureRefusedError(
            "Enter a reason. It is stored in the audit trail.", where="reason"
        )
    if typed.strip() != name:
        raise ErasureRefusedError(
            f"To confirm, type {name} exactly. Nothing was erased.", where="confirmation"
        )


def erase_recording(*, recording: Recording, user: User | None, reason: str) -> Reach:
    """Erase a recording and all that rests on it; a subject without recordings is deleted too.

    Raises
    ------
    InUseError, OtherStoreError
    """
    return _erase(recording.study, [recording.pk], None, user, reason)


def erase_subject(*, subject: Subject, user: User | None, reason: str) -> Reach:
    """Erase a subject with all its recordings.

    Raises
    ------
    InUseError, OtherStoreError
    """
    pks = list(subject.recordings.values_list("pk", flat=True))
    return _erase(subject.study, pks, subject, user, reason)


def nights_of(study: Study, pks: Sequence[int], subject: Subject | None = None) -> Nights:
    recordings = Recording.objects.filter(study=study, pk__in=pks).select_related("subject")
    return Nights(study, tuple(recordings.order_by("pk")), subject)


@transaction.atomic
def _erase(
    study: Study, pks: Sequence[int], subject: Subject | None, user: User | None, reason: str
) -> Reach:
    refuse_other_store()
    # Queues first, as acts on a queue do, which add rows that refer to the study.
    list(IntakeQueue.objects.select_for_update().filter(study=study).order_by("pk"))
    # Locked: no night, import or release of the study begins in the meantime.
    Study.objects.select_for_update().get(pk=study.pk)
    list(Recording.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    nights = nights_of(study, pks, subject)
    refuse_busy(nights)
    reach = reach_of(nights)
    mark_releases(study, nights.names, user)
    for touched in reach.rating_studies:
        RatingStudyEvent.objects.create(
            rating_study=touched, kind=RatingStudyEvent.Kind.ERASED, user=user
        )
    for queued in queued_nights(nights):
        remove_night(night=queued)
    _delete_rows(nights, reach)
    change_drafts(study, nights.names)
    about = f"subject {subject.pk}" if subject else f"recording {', '.join(map(str, pks))}"
    subjects = {recording.subject_id for recording in nights.recordings}
    without_nights = Subject.objects.filter(recordings=None)
    without_nights.filter(pk__in=subjects | ({subject.pk} if subject else set())).delete()
    remove_files(reach.files)
    record(
        Act.ERASED,
        user=user,
        study=study,
        about=about,
        why=reason,
        details=_details(pks, reach),
    )
    transaction.on_commit(send_rewriting)
    transaction.on_commit(forget_all)
    return reach


def _details(pks: Sequence[int], reach: Reach) -> dict[str, object]:
    """Return what the audit trail keeps: ids and counts, and no name."""
    return {
        "recordings": list(pks),
        "counts": reach.counts,
        "releases": [release.version for release in reach.releases],
        "rating_studies": [touched.pk for touched in reach.rating_studies],
    }


def _delete_rows(nights: Nights, reach: Reach) -> None:
    Export.objects.filter(pk__in=[export.pk for export in reach.exports]).delete()
    for made in reach.imports:
        made.delete()
    for made in reach.pruned_imports:
        _prune(made, nights)
    scorings = Scoring.objects.filter(recording__in=nights.pks)
    scorers = list(scorings.values_list("scorer_id", flat=True).distinct())
    scorings.update(suggestion=None)
    for step in NIGHT_STEPS:
        step.rows(nights.pks).delete()
    # The label of an imported scorer is what somebody typed beside a file.
    Scorer.objects.filter(pk__in=scorers, kind=Scorer.Kind.IMPORT, scorings=None).delete()


def _prune(made: FileImport, nights: Nights) -> None:
    """Keep the record of an import without what it says of these nights."""
    if made.preview is not None:
        files = [file for file in made.preview["files"] if not is_of(file, nights)]
        made.preview = {**made.preview, "files": files}
    made.results = [r for r in made.results if r.get("night") not in nights.names]
    made.save(update_fields=["preview", "results"])


def send_rewriting() -> None:
    """Let a worker write releases again; without a broker the hourly sweep does."""
    try:
        write_releases_again.apply_async(retry=False)
    except (OperationalError, RedisError):
        log.warning("the broker does not answer: releases are written again within the hour")
