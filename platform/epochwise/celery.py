"""The Celery application and the worker's heartbeat."""

import gc
import os
from importlib.util import find_spec
from typing import Any

from celery import Celery
from celery.signals import (
    celeryd_after_setup,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_init,
    worker_ready,
    worker_shutdown,
)

from epochwise.logs import request_id

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


@worker_init.connect
def load_work(**_: Any) -> None:
    """Load what workers do before they are forked, so that they share its memory."""
    from jobs.kinds import kinds

    kinds()
    # A collection writes into every object, and each process would get a copy of its own.
    gc.collect()
    gc.freeze()


@worker_ready.connect
def announce_worker(sender: Any, **_: Any) -> None:
    from inference.adapters import installed_adapters
    from jobs.workers import start_heartbeat

    start_heartbeat(
        name=sender.hostname,
        queues=[queue.name for queue in sender.task_consumer.queues],
        abilities=installed_adapters(),
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
