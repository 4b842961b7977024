"""Run the whole site on this machine: database, Redis, web, workers."""

import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from epochwise.demo.guard import why_no_demo
from epochwise.embedded import EmbeddedError, Servers, owning_services
from epochwise.embedded.reserve import tend_reserve
from epochwise.embedded.servers import embedded_in_use
from epochwise.site_address import remember
from epochwise.supervisor import (
    Supervisor,
    beat,
    models_can_be_loaded,
    web,
    workers,
)

READY_WITHIN_S = 60
PORT_FREE_WITHIN_S = 15


class Command(BaseCommand):
    help = (
        "Run the site on 127.0.0.1: embedded database and Redis (unless DATABASE_URL and "
        "REDIS_URL are set), migrations, static files, web, and workers. Ctrl-C stops all."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="create the demo study")
        parser.add_argument(
            "--sleepvlm",
            action="store_true",
            help="pre-score a recording of the demo with SleepVLM-nano",
        )
        parser.add_argument("--port", type=int, default=8000, metavar="N")

    def handle(self, *, demo: bool, sleepvlm: bool, port: int, **_: Any) -> None:
        if sleepvlm and not (demo and models_can_be_loaded()):
            raise CommandError("--sleepvlm is for --demo and needs torch: make run SLEEPVLM=1")
        if demo and (why := why_no_demo()):
            raise CommandError(why)
        stop_on_signals()
        try:
            wait_for_port(port)
            with ExitStack() as stack:
                self._run(stack, demo=demo, sleepvlm=sleepvlm, port=port)
        except Stopped:
            self.stdout.write("stopped")
        except (EmbeddedError, OSError) as error:
            raise CommandError(str(error)) from error

    def _run(self, stack: ExitStack, *, demo: bool, sleepvlm: bool, port: int) -> None:
        supervisor = Supervisor(say=self._say)
        stack.callback(ignore_signals)
        servers = self._servers(stack)
        stack.callback(supervisor.stop)
        stack.callback(ignore_signals)
        if servers:
            supervisor.watch(servers.postgres)
            supervisor.watch(servers.redis)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        self._start(supervisor, demo=demo, port=port)
        wait_for_site(port, meanwhile=supervisor.tend)
        if demo:
            self._seed_demo(sleepvlm=sleepvlm)
        supervisor.say(f"\n  Epochwise is at http://127.0.0.1:{port}/  Ctrl-C stops it.\n")
        while True:
            time.sleep(0.5)
            supervisor.tend()
            if servers:
                tend_reserve()

    def _servers(self, stack: ExitStack) -> Servers | None:
        if not embedded_in_use():
            return None
        self.stdout.write("starting database and Redis")
        return stack.enter_context(owning_services())

    def _start(self, supervisor: Supervisor, *, demo: bool, port: int) -> None:
        remember(settings.VAR, f"http://127.0.0.1:{port}")
        env = {"EPOCHWISE_DEMO": "1" if demo else ""}
        var = settings.VAR
        for service in [*workers(var=var, env=env), beat(var=var, env=env)]:
            supervisor.watch(service)
        supervisor.watch(web(port=port, var=var, env=env))

    def _seed_demo(self, *, sleepvlm: bool) -> None:
        from epochwise.demo.seed import seed_demo

        seed_demo(tell=self.stdout.write, sleepvlm=sleepvlm)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


class Stopped(BaseException):
    """The site received a signal to stop."""


def stop_on_signals() -> None:
    """Stop on Ctrl-C and SIGTERM, also in the background, where a shell lets Ctrl-C be ignored.

    SIGHUP stops the site too, unless `nohup` started it.
    """
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _stop)


def ignore_signals() -> None:
    """Let nothing interrupt the orderly end, which takes less than 30 s."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _stop(*_: object) -> None:
    raise Stopped


def wait_for_port(port: int) -> None:
    """Wait for a port that a stopping site may still use.

    Raises
    ------
    CommandError
        When another program uses the port.
    """
    deadline = time.monotonic() + PORT_FREE_WITHIN_S
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"port {port} is in use ({os.strerror(error.errno or 0)}): "
                        "stop the program that uses it, or choose another port with --port"
                    ) from error
        time.sleep(0.2)


def wait_for_site(port: int, *, meanwhile: Callable[[], None]) -> None:
    """Wait for the first answer; `meanwhile` restarts processes that end before it."""
    log = Path(settings.VAR) / "log" / "web.log"
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            meanwhile()
            time.sleep(0.2)
    raise CommandError(f"the site did not answer within {READY_WITHIN_S} s, see {log}")
