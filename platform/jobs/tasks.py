"""The Celery tasks of all kinds of background work."""

import logging

from celery import shared_task

from jobs.kinds import kind_named, kinds

log = logging.getLogger(__name__)


@shared_task(name="jobs.tasks.work")
def work(kind: str, pk: int) -> None:
    """Do the work of a row."""
    kind_named(kind).run(pk)


@shared_task(name="jobs.tasks.sweep")
def sweep() -> None:
    """Give back rows of dead workers, and send lost messages; runs every few seconds."""
    for kind in kinds():
        try:
            kind.sweep()
        except Exception:
            log.exception("the sweep of %s failed; the others go on", kind.name)
