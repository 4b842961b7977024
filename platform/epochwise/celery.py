"""The Celery application and the worker's heartbeat."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready, worker_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "epochwise.settings")

app = Celery("epochwise")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["jobs", "studies", "recordings", "annotations", "inference"])


@worker_init.connect
def load_work(**_: Any) -> None:
    """Load what workers do before they are forked, so that they share its memory."""
    from jobs.kinds import kinds

    kinds()


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
