"""Starting and changing runs from outside: the service, then the messages after commit."""

from collections.abc import Callable

from django.db import transaction

from inference.models import ModelBundle, PreScoreRun
from inference.services.runs import cancel_run, resume_run, retry_failed, start_run
from inference.tasks import send_run
from recordings.models import Recording
from studies.models import User

CHANGES: dict[str, Callable[..., PreScoreRun]] = {
    "cancel": cancel_run,
    "resume": resume_run,
    "retry": retry_failed,
}


@transaction.atomic
def begin_run(
    *, recording: Recording, bundle: ModelBundle, requested_by: User | None = None
) -> PreScoreRun:
    """Start a run and send its chunks; raises RunRefusedError."""
    run = start_run(recording=recording, bundle=bundle, requested_by=requested_by)
    transaction.on_commit(lambda: send_run(run))
    return run


@transaction.atomic
def change_run(*, run: PreScoreRun, what: str) -> PreScoreRun:
    """Cancel, resume or retry a run, and send what waits; raises RunRefusedError."""
    changed = CHANGES[what](run=run)
    transaction.on_commit(lambda: send_run(changed))
    return changed
