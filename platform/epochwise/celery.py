"""The Celery application and the worker's heartbeat."""

import os
import signal
import threading
import time
from importlib.util import find_spec
from typing import Any

from celery import Celery
from celery.signals import (
    before_task_publish,
    celeryd_after_setup,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_ready,
    worker_shutdown,
)

from epochwise.logs import request_id
from psg.threads import limit_threads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "epochwise.settings")

app = Celery("epochwise")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["epochwise", "jobs", "studies", "recordings", "annotations", "inference"])


@celeryd_after_setup.connect
def limit_worker_memory(instance: Any, **_: Any) -> None:
    """Limit what each process of a worker allocates, unless it loads models."""
    from django.conf import settings

    from jobs.reader import limit_memory

    if "gpu" not in instance.app.amqp.queues.consume_from or find_spec("torch") is None:
        limit_memory(settings.WORKER_LIMIT_BYTES)


@worker_init.connect  # a worker may do the work itself (--pool solo)
@worker_process_init.connect
def share_cores(**_: Any) -> None:
    limit_threads()


@worker_init.connect
def load_before_fork(**_: Any) -> None:
    from epochwise.preload import load_work

    load_work()


@worker_ready.connect
def announce_worker(sender: Any, **_: Any) -> None:
    from inference.adapters import installed_adapters
    from jobs.workers import start_heartbeat

    start_heartbeat(
        name=sender.hostname,
        queues=[queue.name for queue in sender.task_consumer.queues],
        abilities=installed_adapters,
    )


@worker_shutdown.connect
def withdraw_worker(sender: Any, **_: Any) -> None:
    from jobs.workers import stop_heartbeat

    stop_heartbeat()


@setup_logging.connect
def log_as_configured(**_: Any) -> None:
    """Workers write the same lines as the site; without a receiver Celery adds handlers."""


@task_prerun.connect
def name_task_in_log(task_id: str, **_: Any) -> None:
    request_id.set(task_id)


@task_postrun.connect
def forget_task_in_log(**_: Any) -> None:
    request_id.set("-")


@before_task_publish.connect
def stamp_message(headers: dict[str, Any], **_: Any) -> None:
    """Write the time on each message, from which health tells how long the oldest has waited."""
    from jobs.beats import SENT_AT

    headers[SENT_AT] = time.time()


@task_postrun.connect
def note_end_of_task(task: Any, **_: Any) -> None:
    from jobs.queues import note_finished

    queue = (task.request.delivery_info or {}).get("routing_key")
    if queue:  # a task called directly, as tests do, has none
        note_finished(queue=queue, task=task.name)


@worker_process_init.connect
def end_with_worker(**_: Any) -> None:
    """Let a process of the pool end with its worker, also in the middle of a task."""
    from epochwise.embedded.process import die_with

    die_with(os.getppid(), signal.SIGKILL)


OWNER = "EPOCHWISE_OWNER"
"""Variable with the process that supervises this worker, if one does."""
LEFT_BEHIND_S = 10.0


@worker_init.connect
def end_with_owner(**_: Any) -> None:
    """End soon after the supervisor was killed, and do not wait for the end of a long task."""
    if owner := os.environ.get(OWNER):
        threading.Thread(target=_end_with, args=(int(owner),), daemon=True).start()


def _end_with(owner: int) -> None:
    while os.getppid() == owner:
        time.sleep(1)
    time.sleep(LEFT_BEHIND_S)
    os.kill(os.getpid(), signal.SIGKILL)
