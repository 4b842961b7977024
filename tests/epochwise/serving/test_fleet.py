"""Servers of a model on this machine: started, watched, made known to workers, and stopped."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from epochwise import supervisor
from epochwise.serving import fleet as fleets
from epochwise.serving.fleet import Fleet, Place, ServingError
from epochwise.serving.model import Serving
from epochwise.serving.programs import ServerProgram
from inference.adapters import NightToScore, served
from inference.adapters.openai.adapter import load
from inference.adapters.served import served_model
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from tests.helpers.model_server import served_spec
from tests.helpers.prescoring import TINY_REPLY

WITHIN_S = 30


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(served, "_folders", [])
    monkeypatch.setattr(served, "_LOCKED_WITHIN_S", 0.2)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.2)
    served.look_in(tmp_path / "model-servers")
    return tmp_path


def free_port():
    """Return a port that is free, and the next too, most probably."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(folder, **changes):
    values = {
        "name": "test server",
        "install": "pip install it",
        "find": lambda: [sys.executable, "-m", "tests.helpers.served_process"],
        "arguments": lambda serving, launch: [str(folder), str(launch.port), serving.dtype],
        "environment": lambda launch: {
            "TEST_KEY": launch.key,
            "TEST_REPLY": TINY_REPLY,
            "CUDA_VISIBLE_DEVICES": launch.card,
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        "takes_key": True,
        "served_name": lambda serving: serving.model,
    }
    return ServerProgram(**{**values, **changes})


SERVING = Serving(
    checkpoint=Path("/models/tiny"),
    model="tiny",
    variable="MODEL_SERVERS",
    context=5120,
    pixels={},
    dtype="bfloat16",
    quantisation="",
    requests=3,
    memory_percent=90,
)


@pytest.fixture
def make(folder):
    started = []

    def fleet(*cards, port=0, **changes):
        place = Place(port or free_port(), folder / "log", folder / "model-servers")
        heard = []
        made = Fleet(
            program=program(folder, **changes),
            serving=SERVING,
            cards=cards,
            place=place,
            env=dict(os.environ),
            say=heard.append,
        )
        made.heard = heard
        started.append(made)
        return made

    yield fleet
    for made in started:
        made.stop()


def starts(folder):
    return [json.loads(line) for line in (folder / "starts").read_text().splitlines()]


def tend_until(fleet, holds):
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline
        fleet.tend()
        time.sleep(0.05)


def states():
    return [server.state for server in served_model("MODEL_SERVERS").servers]


def test_each_card_gets_a_server_and_workers_find_them_with_their_key(
    folder, make, tmp_path, noise_epochs
):
    fleet = make("0", "1")
    assert served_model("MODEL_SERVERS") is None
    fleet.start()
    assert [(each["card"], each["flags"]) for each in starts(folder)] in (
        [("0", ["bfloat16"]), ("1", ["bfloat16"])],
        [("1", ["bfloat16"]), ("0", ["bfloat16"])],
    )
    adapter = load(served_spec(tmp_path), {})
    night = NightToScore("three", ArrayNight(DERIVATIONS, noise_epochs[:3]))
    replies = [reply for group in adapter.replies(night, range(3)) for reply in group]
    assert {(reply.text, reply.error) for reply in replies} == {(TINY_REPLY, "")}
    assert adapter.about["servers"] == 2
    assert adapter._requests() == 6
    processes = [server.process for server in fleet.servers]
    fleet.stop()
    assert all(process.returncode is not None for process in processes)
    assert served_model("MODEL_SERVERS") is None


def test_a_server_that_dies_is_started_again_and_its_state_is_known_meanwhile(folder, make):
    fleet = make()
    fleet.start()
    assert states() == [""]
    fleet.servers[0].process.send_signal(signal.SIGKILL)
    tend_until(fleet, lambda: states() != [""])
    assert states()[0] in {
        "it ended (signal 9) and is started again",
        "it ended and is started again",
    }
    tend_until(fleet, lambda: states() == [""])
    assert len(starts(folder)) == 2
    assert any("was ended by signal 9" in line for line in fleet.heard)
    assert "model server 1 answers" in fleet.heard


def test_a_server_that_hangs_is_ended_and_started_again(folder, make, monkeypatch):
    monkeypatch.setattr(fleets, "CHECK_EVERY_S", 0.05)
    monkeypatch.setattr(fleets, "_ANSWER_WITHIN_S", 0.3)
    monkeypatch.setattr(fleets, "HUNG_AFTER_CHECKS", 3)
    fleet = make()
    fleet.start()
    hung = fleet.servers[0].process
    hung.send_signal(signal.SIGSTOP)
    tend_until(fleet, lambda: states() != [""])
    assert states() == ["it does not answer, and is started again if that continues"]
    tend_until(fleet, lambda: states() == [""])
    assert fleet.servers[0].process.pid != hung.pid
    assert len(starts(folder)) == 2
    assert any("did not answer 3 checks in a row" in line for line in fleet.heard)


def test_a_server_that_misses_a_check_and_answers_again_stays(folder, make, monkeypatch):
    monkeypatch.setattr(fleets, "CHECK_EVERY_S", 0.0)
    monkeypatch.setattr(fleets, "_ANSWER_WITHIN_S", 0.3)
    monkeypatch.setattr(fleets, "HUNG_AFTER_CHECKS", 10**6)
    fleet = make()
    fleet.start()
    server = fleet.servers[0]
    server.process.send_signal(signal.SIGSTOP)
    tend_until(fleet, lambda: server.unanswered > 0)
    server.process.send_signal(signal.SIGCONT)
    tend_until(fleet, lambda: states() == [""])
    assert server.unanswered == 0
    assert len(starts(folder)) == 1


def test_a_server_that_no_longer_starts_is_tried_after_pauses_that_grow(folder, make):
    (folder / "refuses").write_text("1")
    fleet = make()
    fleet.start()
    fleet.servers[0].process.send_signal(signal.SIGTERM)
    tend_until(fleet, lambda: len(starts(folder)) >= 3)
    why = "it ended (exit status 1: error: unrecognized arguments: --max-model-len)"
    tend_until(fleet, lambda: states()[0] == f"{why} and is started again")
    assert any("unrecognized arguments" in line for line in fleet.heard)


def test_a_server_that_refuses_its_flags_ends_the_command_with_what_it_wrote(folder, make):
    (folder / "refuses").write_text("0")
    fleet = make()
    with pytest.raises(ServingError, match=r"(?s)exit status 1.*unrecognized arguments.*serving"):
        fleet.start()
    assert served_model("MODEL_SERVERS") is None
    assert len(starts(folder)) == 1


def test_a_port_in_use_is_refused_before_anything_starts(folder, make):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServingError, match=f"Port {port} cannot be used"):
            make(port=port)
        with pytest.raises(ServingError, match=f"Port {port} cannot be used"):
            make("0", "1", port=port - 1)
    assert not (folder / "starts").exists()


@pytest.mark.parametrize("port", [-1, 65_536, 10**6])
def test_a_port_that_is_none_is_refused(make, port):
    with pytest.raises(ServingError, match="cannot be used"):
        make(port=port)


def test_a_program_that_is_not_installed_is_refused_with_how_to_install_it(make):
    with pytest.raises(ServingError, match=r"not installed.*pip install it"):
        make(find=lambda: None)


def test_a_model_cannot_be_served_twice_under_one_variable(make):
    make()
    with pytest.raises(ServingError, match="Another process"):
        make()
