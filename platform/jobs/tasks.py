"""The tasks of every kind of work under a lease."""

import logging

from celery import shared_task

from jobs.kinds import kind_named, kinds

log = logging.getLogger(__name__)


@shared_task(name="jobs.tasks.work")
def work(kind: str, pk: int) -> None:
    """Do the work of one row."""
    kind_named(kind).run(pk)


@shared_task(name="jobs.tasks.sweep")
def sweep() -> None:
    """Every few seconds, by beat: put back what dead workers held, and send what was lost."""
    for kind in kinds():
        try:
            kind.sweep()
        except Exception:
            log.exception("the sweep of %s failed; the others go on", kind.name)
