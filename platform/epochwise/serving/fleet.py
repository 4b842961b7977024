"""The servers of a model on this machine: one for each card, watched and made known to workers."""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from epochwise.embedded.process import bury, has_ended, last_lines, spawn, stop_all
from epochwise.serving.model import Serving
from epochwise.serving.programs import HOST, Launch, ServerProgram
from epochwise.supervisor import Say, Supervisor
from inference.adapters.served import AlreadyServedError, Registration, ServedModel, ServedServer
from psg.errors import RefusedError

LOOK_EVERY_S = 0.5
STOP_WITHIN_S = 20.0
SAID_AGAIN_AFTER_S = 60.0
CHECK_EVERY_S = 10.0
HUNG_AFTER_CHECKS = 6
"""A server that lives and does not answer so many checks in a row is ended, and started again."""
_ANSWER_WITHIN_S = 2.0
_LINES = 15
_SHOWN_CHARS = 200


class ServingError(RefusedError):
    """A model cannot be served as requested."""

    code = "serving"
    status = 409


class ModelServer:
    """A server process, which the supervisor starts again when it ends."""

    def __init__(self, command: Sequence[str], launch: Launch, env: dict[str, str], log: Path):
        self.launch_of = launch
        self.name = f"model server {log.stem.rpartition('-')[2]}"
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.is_ready = False
        self.unanswered = 0
        """Checks in a row without an answer, after the server had answered."""
        self._check_at = 0.0
        self._command = command
        self._env = env
        self._launches = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.launch_of.port}/v1"

    @property
    def state(self) -> str:
        """Why the server does not answer, for the pages of runs; empty if it does."""
        if self.is_ready:
            return ""
        if self.process is None or has_ended(self.process):
            status = None if self.process is None else self.process.returncode
            if status is None:
                return "it ended and is started again"
            # A server writes at last why it ended by itself, such as a flag that it refuses.
            why = f": {last_lines(self.log, 1)[:_SHOWN_CHARS]}" if status > 0 else ""
            return f"it ended ({_in_words(status)}{why}) and is started again"
        if self.unanswered:
            return "it does not answer, and is started again if that continues"
        return "it is loading the model" + (" after it had ended" if self._launches > 1 else "")

    def launch(self) -> None:
        self.is_ready = False
        self.unanswered = 0
        self._check_at = 0.0
        self._launches += 1
        self.process = spawn(
            self._command, log=self.log, death_signal=signal.SIGTERM, env=self._env
        )

    def look(self) -> None:
        """Note whether the server answers. While it loads, that is often asked, then rarely."""
        if self.process is None or has_ended(self.process):
            self.is_ready = False
        elif time.monotonic() >= self._check_at:
            self._check()

    def _check(self) -> None:
        had_answered = self.is_ready or self.unanswered > 0
        self.is_ready = _is_healthy(self.launch_of.port)
        self.unanswered = self.unanswered + 1 if had_answered and not self.is_ready else 0
        if had_answered or self.is_ready:
            self._check_at = time.monotonic() + CHECK_EVERY_S

    @property
    def is_hung(self) -> bool:
        return self.unanswered >= HUNG_AFTER_CHECKS

    def kill(self) -> None:
        """End the server and the processes that it started, whatever state they are in."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.unanswered = 0


def _in_words(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=_ANSWER_WITHIN_S)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass(frozen=True)
class Place:
    """Where servers listen, write their logs and are registered."""

    first_port: int
    logs: Path
    registrations: Path


class Fleet:
    """All servers of a model.

    Raises
    ------
    ServingError
        When the program is not installed, a port is in use, or the model is served already.
    """

    def __init__(
        self,
        *,
        program: ServerProgram,
        serving: Serving,
        cards: Sequence[str],
        place: Place,
        env: dict[str, str],
        say: Say,
    ) -> None:
        if (command := program.find()) is None:
            raise ServingError(f"{program.name} is not installed", advice=program.install)
        ports = [place.first_port + index for index in range(max(len(cards), 1))]
        _refuse_used(ports)
        self._program = program
        self._serving = serving
        self._key = secrets.token_urlsafe(32) if program.takes_key else ""
        self.supervisor = Supervisor(say=say)
        self._registration = _register(place.registrations, serving.variable)
        self._written: ServedModel | None = None
        name = serving.variable.lower().replace("_", "-")
        self.servers: list[ModelServer] = []
        for index, port in enumerate(ports):
            launch = Launch(port, self._key, cards[index] if cards else "")
            self.servers.append(
                ModelServer(
                    [*command, *program.arguments(serving, launch)],
                    launch,
                    {**env, **program.environment(launch)},
                    place.logs / f"{name}-{index + 1}.log",
                )
            )

    def start(self) -> None:
        """Start the servers and wait until all answer.

        A server that ends at its first start would end again: a flag is wrong, or memory is short.

        Raises
        ------
        ServingError
            With the last lines of its log.
        """
        for server in self.servers:
            server.launch()
        speak_at = time.monotonic() + SAID_AGAIN_AFTER_S
        while not all(server.is_ready for server in self.servers):
            for server in self.servers:
                server.look()
                _refuse_ended(server)
            if time.monotonic() > speak_at:
                self.supervisor.say("the model is still being loaded")
                speak_at += SAID_AGAIN_AFTER_S
            time.sleep(LOOK_EVERY_S)
        for server in self.servers:
            self.supervisor.watch(server)
        self._register_states()

    def tend(self) -> None:
        """Start again what has ended, and tell workers which servers answer."""
        self.supervisor.tend()
        for server in self.servers:
            was_ready = server.is_ready
            server.look()
            if server.is_ready and not was_ready:
                self.supervisor.say(f"{server.name} answers")
            if server.is_hung:
                self.supervisor.say(
                    f"{server.name} lives, but did not answer {server.unanswered} checks in a row: "
                    "it is ended and started again"
                )
                server.kill()
        self._register_states()

    def stop(self) -> None:
        """Stop workers first, then the servers that they use."""
        self.supervisor.stop()
        self._registration.withdraw()
        stop_all(
            [server.process for server in self.servers if server.process],
            stop_signal=signal.SIGTERM,
            within_s=STOP_WITHIN_S,
        )

    def _register_states(self) -> None:
        model = ServedModel(
            variable=self._serving.variable,
            model=self._program.served_name(self._serving),
            key=self._key,
            requests=self._serving.requests,
            servers=tuple(ServedServer(server.url, server.state) for server in self.servers),
        )
        if model != self._written:
            self._registration.write(model)
            self._written = model


def _register(folder: Path, variable: str) -> Registration:
    try:
        return Registration(folder, variable)
    except AlreadyServedError as error:
        raise ServingError(
            f"Another process on this machine serves a model under {variable}",
            advice="Stop it first, or give the bundle another name under addresses_in.",
        ) from error


def _refuse_used(ports: Sequence[int]) -> None:
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError) as error:
                raise ServingError(
                    f"Port {port} cannot be used ({getattr(error, 'strerror', None) or error})",
                    advice="Stop the program that uses it, or choose other ports with --port.",
                ) from error


def _refuse_ended(server: ModelServer) -> None:
    if server.process is not None and has_ended(server.process):
        status = bury(server.process)
        raise ServingError(
            f"{server.name} ended before it answered ({_in_words(status)}). Last lines of "
            f"{server.log}:\n{last_lines(server.log, _LINES)}",
            advice="If it refuses a flag or has too little memory, change [serving] of the bundle.",
        )
