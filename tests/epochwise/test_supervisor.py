"""Workers started by `manage.py up`, and how a program that ends is started again."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from epochwise import supervisor
from epochwise.embedded.process import spawn
from epochwise.supervisor import LONGEST_PAUSE_S, Supervisor, Watched
from tests.helpers.running_site import wait_for


@dataclass
class Shell:
    """A program in the shell, whose output is its log."""

    script: str
    log: Path
    name: str = "shell"
    process: subprocess.Popen[bytes] | None = None
    launches: int = 0

    def launch(self) -> None:
        self.launches += 1
        self.process = spawn(["sh", "-c", self.script], log=self.log, death_signal=9)


def shape(arguments: list[str]) -> tuple[str, str]:
    return tuple(arguments[arguments.index(option) + 1] for option in ("--queues", "--concurrency"))


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
    assert [shape(service.arguments) for service in started] == expected
    names = [service.arguments[service.arguments.index("--hostname") + 1] for service in started]
    assert len(set(names)) == len(names), "workers of one name would hide each other"
    assert not any("--beat" in service.arguments for service in started), "beat is a service"


def test_what_a_killed_program_leaves_is_killed_before_it_is_started_again(tmp_path):
    shell = Shell("sleep 300 & echo $!; wait", tmp_path / "log")
    shell.launch()
    wait_for(lambda: shell.log.exists() and shell.log.read_text())
    child = psutil.Process(int(shell.log.read_text()))
    said: list[str] = []
    watched = Watched(shell)
    shell.process.kill()
    wait_for(lambda: watched.tend(said.append) or said)
    psutil.wait_procs([child], timeout=20)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert shell.launches == 1, "it is started after the pause"
    wait_for(lambda: watched.tend(said.append) or shell.launches == 2)
    shell.process.kill()
    shell.process.wait()


def test_a_program_that_cannot_live_is_tried_for_ever_and_each_death_is_said_once(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.0)
    shell = Shell("echo why it ends; exit 3", tmp_path / "log")
    said: list[str] = []
    watched = Watched(shell, pause_s=0.0)
    shell.launch()
    wait_for(lambda: watched.tend(said.append) or shell.launches == 8, every_s=0.01)
    shell.process.wait()
    assert len(said) == 7
    assert "exit status 3" in said[0]
    assert "why it ends" in said[0]


def test_pauses_between_starts_grow_to_a_limit(tmp_path):
    class Impossible(Shell):
        def launch(self) -> None:
            raise OSError(28, "No space left on device")

    watched = Watched(Impossible("", tmp_path / "log"), launch_at=0.0)
    said: list[str] = []
    pauses = []
    for _ in range(8):
        watched.launch_at = 0.0
        watched.tend(said.append)
        pauses.append(round(watched.launch_at - time.monotonic()))
    assert pauses == [1, 2, 4, 8, 16, 30, 30, LONGEST_PAUSE_S]
    assert "No space left" in said[0]


def test_a_program_that_cannot_be_started_at_first_is_tried_again_like_any_other(tmp_path):
    class LaterPossible(Shell):
        def launch(self) -> None:
            if not said:
                raise OSError(28, "No space left on device")
            super().launch()

    said: list[str] = []
    site, program = Supervisor(say=said.append), LaterPossible("exit 0", tmp_path / "log")
    site.watch(program)
    assert "No space left" in said[0]
    wait_for(lambda: site.tend() or program.launches)
    program.process.wait()


def test_a_terminal_that_is_gone_does_not_stop_the_supervisor():
    def closed(text: str) -> None:
        raise BrokenPipeError

    Supervisor(say=closed).say("anything")
