"""Beat sends tasks by their names, from a process that loads none of them."""

import json

from epochwise import beat
from jobs.beats import SENT_AT, forget_beat
from jobs.workers import DEFAULT_QUEUE, connect


def test_every_sweep_is_sent_to_its_queue_with_the_time_and_an_end(empty_queues, settings):
    scheduler = beat.SteadyScheduler(app=beat.app)
    try:
        scheduler.tick()
        messages = [json.loads(text) for text in connect().lrange(DEFAULT_QUEUE, 0, -1)]
    finally:
        forget_beat(scheduler.owner)
        connect().delete(DEFAULT_QUEUE)
    sent = {message["headers"]["task"]: message["headers"] for message in messages}
    assert sent.keys() == settings.CELERY_BEAT_SCHEDULE.keys()
    assert all(headers[SENT_AT] and headers["expires"] for headers in sent.values())


def test_it_loads_no_task():
    assert beat.app.loader.import_default_modules() == []
    assert not beat.app.fixups, "Celery's own would load Django's apps"
