"""Beat: a service that sends the sweeps at their intervals.

It measures time by the monotonic clock and stores nothing, so neither a changed clock nor a full
disk stops it. Of several beats only one sends; another takes over within seconds if it ends.
"""

import logging
import time
import uuid
from typing import Any

from celery.beat import Scheduler
from redis import RedisError

from jobs.queues import forget_beat, note_beat

TURN_S = 5.0
log = logging.getLogger(__name__)


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
