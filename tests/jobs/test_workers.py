"""What live workers announce."""

from jobs import workers
from jobs.workers import (
    NAMES,
    WorkerBeat,
    announce,
    connect,
    live_workers,
    start_heartbeat,
    stop_heartbeat,
    withdraw,
)
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


def test_a_worker_that_ended_without_a_word_is_not_alive_and_its_name_goes_after_a_day(monkeypatch):
    client = connect()
    monkeypatch.setattr(workers, "BEAT_LASTS_S", 1)
    announce(client, WorkerBeat(name="ended", queues=["gpu"], pid=1))
    wait_for(lambda: "ended" not in {beat.name for beat in live_workers()})
    client.zadd(NAMES, {"ended": 1.0})
    monkeypatch.undo()
    announce(client, WorkerBeat(name="alive", queues=["gpu"], pid=2))
    assert "ended" not in client.zrange(NAMES, 0, -1)
    assert "alive" in {beat.name for beat in live_workers("gpu")}
    withdraw(client, "alive")
    assert "alive" not in {beat.name for beat in live_workers()}


def test_looking_for_workers_does_not_search_the_keys_of_others():
    client = connect()
    calls = client.info("commandstats").get("cmdstat_scan", {"calls": 0})["calls"]
    live_workers()
    assert client.info("commandstats").get("cmdstat_scan", {"calls": 0})["calls"] == calls
