"""What live workers announce."""

from jobs import workers
from jobs.workers import live_workers, start_heartbeat, stop_heartbeat
from tests.helpers.running_site import wait_for


def test_a_worker_announces_at_each_beat_what_it_can_do_by_then(monkeypatch):
    monkeypatch.setattr(workers, "BEAT_EVERY_S", 0.02)
    able: list[str] = []

    def announced() -> list[list[str]]:
        return [beat.abilities for beat in live_workers("gpu") if beat.name == "changing"]

    start_heartbeat(name="changing", queues=["gpu"], abilities=lambda: list(able))
    try:
        wait_for(lambda: announced() == [[]])
        able.append("openai")
        wait_for(lambda: announced() == [["openai"]])
    finally:
        stop_heartbeat()
    assert announced() == []
