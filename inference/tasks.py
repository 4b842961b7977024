"""The task of workers that can run a model: they check bundles and score chunks of runs."""

import time
from collections.abc import Sequence

from celery import shared_task

from inference.adapters import installed_adapters
from inference.registry.trials import check_next
from inference.runs.work import score_next_chunk

WORK_S = 5.0  # a worker that also reads uploads is free for them this often


@shared_task(name="inference.tasks.score_next")
def score_next() -> None:
    """Do what is first in line, for some seconds; another message goes on from there.

    A message names no chunk: which is next is decided when a worker is free, so that a run can
    be paused or put first at any time. One message a chunk is more than enough, which also
    makes up for those that reach a worker that cannot do the work.
    """
    until = time.monotonic() + WORK_S
    adapters = installed_adapters()
    while _do_next(adapters) and time.monotonic() < until:
        pass


def _do_next(adapters: Sequence[str]) -> bool:
    """Checks first: somebody looks at the page and waits for them."""
    return check_next(adapters=adapters) or score_next_chunk(adapters=adapters)
