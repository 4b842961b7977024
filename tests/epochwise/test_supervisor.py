"""Workers started by `manage.py up`."""

from pathlib import Path

import pytest

from epochwise import supervisor


def shape(command: list[str]) -> tuple[str, str]:
    return tuple(command[command.index(option) + 1] for option in ("--queues", "--concurrency"))


@pytest.mark.parametrize(
    ("with_torch", "expected"),
    [
        (False, [("default,gpu", "2"), ("ingest", "2")]),
        (True, [("default", "2"), ("ingest", "2"), ("gpu", "1")]),
    ],
)
def test_a_model_is_loaded_once_and_every_queue_is_served(monkeypatch, with_torch, expected):
    monkeypatch.setattr(supervisor, "models_can_be_loaded", lambda: with_torch)
    started = supervisor.workers(var=Path("var"), env={})
    assert [shape(service.command) for service in started] == expected
    names = [service.command[service.command.index("--hostname") + 1] for service in started]
    assert len(set(names)) == len(names), "workers of one name would hide each other"
    assert sum("--beat" in service.command for service in started) == 1
