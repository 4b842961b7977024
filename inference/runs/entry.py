"""Start and change runs and checks, and send messages to the workers after commit."""

from collections.abc import Callable, Iterable

from django.db import transaction

from inference.models import BundleCheck, ModelBundle, PreScoreRun
from inference.registry.trials import ask_for_check
from inference.runs.lifecycle import (
    StudyStart,
    cancel_run,
    pause_run,
    resume_run,
    retry_failed,
    set_priority,
    start_each,
    start_run,
    start_study,
)
from inference.runs.work import CHUNKS
from jobs.kinds import send_after_commit
from recordings.models import Recording
from studies.archive import lock_unarchived
from studies.models import Study, User

CHANGES: dict[str, Callable[..., PreScoreRun]] = {
    "pause": pause_run,
    "cancel": cancel_run,
    "resume": resume_run,
    "retry": retry_failed,
}
NORMAL = PreScoreRun.Priority.NORMAL


@transaction.atomic
def begin_run(
    *,
    recording: Recording,
    bundle: ModelBundle,
    requested_by: User | None = None,
    priority: int = NORMAL,
    best_of: int = 0,
) -> PreScoreRun:
    """Start a run and notify the workers; raises RunRefusedError or ArchivedError."""
    lock_unarchived(recording.study_id)
    run = start_run(
        recording=recording,
        bundle=bundle,
        requested_by=requested_by,
        priority=priority,
        best_of=best_of,
    )
    transaction.on_commit(CHUNKS.send_unsent)
    return run


@transaction.atomic
def begin_study(
    *,
    study: Study,
    bundle: ModelBundle,
    requested_by: User | None = None,
    priority: int = NORMAL,
    best_of: int = 0,
) -> StudyStart:
    """Start runs on all recordings of a study and notify the workers.

    Raises RunRefusedError or ArchivedError.
    """
    lock_unarchived(study.pk)
    start = start_study(
        study=study,
        bundle=bundle,
        requested_by=requested_by,
        priority=priority,
        best_of=best_of,
    )
    transaction.on_commit(CHUNKS.send_unsent)
    return start


@transaction.atomic
def begin_each(
    *,
    study: Study,
    recordings: Iterable[Recording],
    bundle: ModelBundle,
    requested_by: User | None = None,
) -> StudyStart:
    """Start runs on recordings of a study where they can be started, and notify the workers.

    Raises ArchivedError.
    """
    lock_unarchived(study.pk)
    start = start_each(recordings=recordings, bundle=bundle, requested_by=requested_by)
    transaction.on_commit(CHUNKS.send_unsent)
    return start


@transaction.atomic
def change_run(*, run: PreScoreRun, what: str) -> PreScoreRun:
    """Pause, cancel, resume or retry a run and notify the workers; raises RunRefusedError."""
    changed = CHANGES[what](run=run)
    transaction.on_commit(CHUNKS.send_unsent)
    return changed


@transaction.atomic
def begin_check(*, bundle: ModelBundle, requested_by: User | None = None) -> BundleCheck:
    """Request a check of a bundle by a worker."""
    check = ask_for_check(bundle=bundle, requested_by=requested_by)
    send_after_commit(check)
    return check


def move_run(*, run: PreScoreRun, priority: int) -> PreScoreRun:
    """Change the priority of a run; raises RunRefusedError."""
    return set_priority(run=run, priority=priority)
