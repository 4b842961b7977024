"""Beat: a service that sends the sweeps at their intervals.

It measures time by the monotonic clock and stores nothing, so neither a changed clock nor a full
disk stops it. Of several beats only one sends; another takes over within seconds if it ends.

It sends tasks by their names, so it loads neither them nor Django's apps: a fifth of the memory.
"""

import logging
import time
import uuid
from typing import Any

from celery import Celery
from celery.beat import Scheduler
from celery.loaders.app import AppLoader
from celery.signals import beat_init
from django.conf import settings
from django.utils.log import configure_logging
from redis import RedisError

from jobs.beats import forget_beat, note_beat

TURN_S = 5.0


class NothingLoaded(AppLoader):
    """Loads no tasks, and so none of Django's apps."""

    def import_default_modules(self) -> list[Any]:
        return []


app = Celery("epochwise", loader=NothingLoaded, fixups=[], set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
log = logging.getLogger(__name__)


@beat_init.connect
def log_as_the_site_does(**_: Any) -> None:
    """Django does it where its apps are loaded."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


class SteadyScheduler(Scheduler):
    """Sends every entry each time its interval has passed, the first time at once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.owner = uuid.uuid4().hex
        self.due: dict[str, float] = {}
        super().__init__(*arguments, **options)

    def tick(self, *_: Any, **__: Any) -> float:
        """Send what is due, and return the seconds until the next turn."""
        try:
            if note_beat(self.owner):
                self._send_due()
        except RedisError as error:
            log.warning("beat waits for Redis: %s", error)
        return TURN_S

    def _send_due(self) -> None:
        for entry in self.schedule.values():
            now = time.monotonic()
            if now >= self.due.get(entry.name, now):
                self.due[entry.name] = now + entry.schedule.run_every.total_seconds()
                self.apply_entry(entry, producer=self.producer)

    def close(self) -> None:
        try:
            forget_beat(self.owner)
        except RedisError:
            log.warning("another beat takes over after some seconds")
        super().close()
