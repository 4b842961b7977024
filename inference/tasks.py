"""Task of workers that can run a model: check bundles and score chunks of runs."""

import time
from collections.abc import Sequence

from celery import shared_task

from inference.adapters import installed_adapters
from inference.registry import folders
from inference.registry.trials import check_next
from inference.runs.work import score_next_chunk

WORK_S = 5.0  # after this time the worker is free for other tasks, such as uploads


@shared_task(name="inference.tasks.score_next")
def score_next() -> None:
    """Do the first waiting work, for some seconds; further messages continue it.

    A message names no chunk. The next chunk is chosen when a worker is free, so that runs can be
    paused or reordered at any time. There is a message per chunk, more than are needed; that
    compensates for messages to workers that cannot do the work.
    """
    until = time.monotonic() + WORK_S
    adapters = installed_adapters()
    while _do_next(adapters) and time.monotonic() < until:
        pass


def _do_next(adapters: Sequence[str]) -> bool:
    """Do the next check or chunk. Checks are first, because a user waits for them."""
    return check_next(adapters=adapters) or score_next_chunk(adapters=adapters)


@shared_task(name="inference.tasks.note_folders")
def note_folders() -> None:
    """Say which folders of models this worker sees."""
    folders.note_folders()
