"""The worker that uses the servers of this machine."""

import time

import pytest
import redis

from epochwise.serving import worker
from epochwise.serving.worker import gpu_worker, why_runs_may_stop
from inference.adapters import installed_adapters


def test_it_loads_no_model_itself_and_uses_the_servers_of_its_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("MODEL_SERVERS_B", "http://elsewhere:8000/v1")
    service = gpu_worker(var=tmp_path, variable="MODEL_SERVERS_B")
    assert service.env["MODEL_SERVERS_B"] == service.env["MODEL_SERVERS_B_KEY"] == ""
    assert "openai" in installed_adapters()
    for name, value in service.env.items():
        monkeypatch.setenv(name, value)
    assert installed_adapters() == []
    monkeypatch.setenv("PRESCORE_ADAPTERS", "rules, openai")
    assert installed_adapters() == ["rules"]


@pytest.mark.parametrize(
    ("seconds_ago", "says"),
    [(None, "No site runs"), (3600, "No site runs"), (5, "")],
)
def test_servers_without_a_site_say_what_is_missing(monkeypatch, seconds_ago, says):
    tick = None if seconds_ago is None else time.time() - seconds_ago
    monkeypatch.setattr(worker, "last_beat", lambda: tick)
    assert why_runs_may_stop().startswith(says)
    assert bool(why_runs_may_stop()) == bool(says)


def test_a_redis_that_does_not_answer_is_named(monkeypatch):
    def fail():
        raise redis.ConnectionError

    monkeypatch.setattr(worker, "last_beat", fail)
    assert "Redis does not answer" in why_runs_may_stop()
