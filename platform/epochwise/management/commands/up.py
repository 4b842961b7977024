"""Run the whole site on this machine: database, Redis, web, workers."""

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection

from epochwise.demo.guard import why_no_demo
from epochwise.embedded import EmbeddedError, Servers, owning_services
from epochwise.embedded.forked import fork
from epochwise.embedded.process import has_ended, stop_all
from epochwise.embedded.reserve import tend_reserve
from epochwise.embedded.servers import embedded_in_use
from epochwise.preload import load_site
from epochwise.site_address import remember, site_url
from epochwise.stopping import Stopped, ignore_signals, stop_on_signals
from epochwise.supervisor import (
    STOP_WITHIN_S,
    Supervisor,
    beat,
    models_can_be_loaded,
    web,
    workers,
)
from jobs.room import there_is_room

STARTS_WITHIN_S = 15
SAID_AGAIN_AFTER_S = 30
TRIED_AGAIN_AFTER_S = 10
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
        settings.DEMO = demo  # for all processes, which are forked from this one
        stop_on_signals()
        try:
            wait_for_port(port)
            with ExitStack() as stack:
                self._run(stack, demo=demo, sleepvlm=sleepvlm, port=port)
        except Stopped:
            self._say("stopped")
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
        is_prepared = self._prepare(supervisor, port=port)
        load_site()
        self._start(supervisor, demo=demo, port=port)

        def tend() -> None:
            time.sleep(0.5)
            supervisor.tend()
            if servers:
                tend_reserve()

        while not is_prepared:
            for _ in range(2 * TRIED_AGAIN_AFTER_S):
                tend()
            is_prepared = self._prepare(supervisor, port=port)
        self._wait_until_ready(supervisor, port=port, meanwhile=tend)
        if demo:
            self._seed_demo(stack, sleepvlm=sleepvlm, meanwhile=tend)
        supervisor.say(f"\n  Epochwise is at http://127.0.0.1:{port}/  Ctrl-C stops it.\n")
        while True:
            tend()

    def _prepare(self, supervisor: Supervisor, *, port: int) -> bool:
        """Migrate, collect static files and note the address; return False if that must wait."""
        try:
            remember(settings.VAR, f"http://127.0.0.1:{port}")
            settings.SITE_URL = site_url(settings.VAR)
            call_command("migrate", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
        except (OperationalError, OSError) as error:
            connection.close()
            again = f"it is tried again every {TRIED_AGAIN_AFTER_S} s"
            supervisor.say(f"the site cannot be prepared: {error}; {again}")
            return False
        return True

    def _wait_until_ready(
        self, supervisor: Supervisor, *, port: int, meanwhile: Callable[[], None]
    ) -> None:
        """Say now and then what the site still lacks, until it lacks nothing."""
        speak_at = time.monotonic() + STARTS_WITHIN_S
        while problems := problems_of_site(port):
            if time.monotonic() > speak_at:
                supervisor.say("not ready yet: " + " ".join(problems))
                speak_at = time.monotonic() + SAID_AGAIN_AFTER_S
            meanwhile()

    def _servers(self, stack: ExitStack) -> Servers | None:
        if not embedded_in_use():
            return None
        self._say("starting database and Redis")
        while True:
            tend_reserve()  # on a full disk they need it already
            try:
                return stack.enter_context(owning_services())
            except (EmbeddedError, OSError) as error:
                if there_is_room():
                    raise
                again = f"the disk is full, and it is tried again every {TRIED_AGAIN_AFTER_S} s"
                self._say(f"{error}\n{again}")
                time.sleep(TRIED_AGAIN_AFTER_S)

    def _start(self, supervisor: Supervisor, *, demo: bool, port: int) -> None:
        env = {"EPOCHWISE_DEMO": "1" if demo else ""}
        var = settings.VAR
        for service in [*workers(var=var, env=env), beat(var=var, env=env)]:
            supervisor.watch(service)
        supervisor.watch(web(port=port, var=var, env=env))

    def _seed_demo(
        self, stack: ExitStack, *, sleepvlm: bool, meanwhile: Callable[[], None]
    ) -> None:
        """Create the demo in a child, so that this process stays as small as it is."""
        from epochwise.demo.seed import seed_demo

        seeding = fork(
            partial(seed_demo, tell=self._say, sleepvlm=sleepvlm),
            name="demo",
            death_signal=signal.SIGTERM,
        )
        stack.callback(stop_all, [seeding], stop_signal=signal.SIGTERM, within_s=STOP_WITHIN_S)
        while not has_ended(seeding):
            meanwhile()
        if seeding.wait():
            raise CommandError("the demo could not be created")

    def _say(self, text: str) -> None:
        """Say it to a terminal that may be gone, or a file on a disk that may be full."""
        with suppress(OSError, ValueError):
            self.stdout.write(text)
            self.stdout.flush()


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


def problems_of_site(port: int) -> list[str]:
    """Return what is wrong with the site in sentences; nothing if it is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return []
    except urllib.error.HTTPError as error:
        try:
            return [str(problem) for problem in json.loads(error.read())["problems"]]
        except (OSError, ValueError, KeyError):
            return [f"The web server answers with status {error.code}."]
    except OSError:
        return ["The web server does not answer."]
