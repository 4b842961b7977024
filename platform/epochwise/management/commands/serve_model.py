"""Serve the model of a bundle on this machine, for the workers of this site."""

import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from epochwise.serving.fleet import LOOK_EVERY_S, Fleet, Place
from epochwise.serving.model import Serving, serving_of
from epochwise.serving.programs import PROGRAMS, server_environment, visible_cards
from epochwise.serving.worker import gpu_worker, why_runs_may_stop
from epochwise.stopping import Stopped, ignore_signals, stop_on_signals
from inference.models import ModelBundle
from inference.registry.bundles import find_bundle, load_spec, register_bundle
from psg.errors import RefusedError

DEFAULT_PORT = 8100


class Command(BaseCommand):
    help = (
        "Start a model server for each graphics card of this machine, with the settings of the "
        "bundle (adapter “openai”), wait until it answers, and make it known to the workers of "
        "this site. The servers listen on 127.0.0.1 under a key of their own. A server that ends "
        "or no longer answers is started again. Ctrl-C stops all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", metavar="BUNDLE", help="name, or folder to register")
        parser.add_argument(
            "--worker", action="store_true", help="start a worker for the queue gpu too"
        )
        parser.add_argument(
            "--program",
            choices=sorted(PROGRAMS),
            default="vllm",
            help="server program; “transformers” also runs without a card (default: vllm)",
        )
        parser.add_argument(
            "--cards", metavar="0,1", help="graphics cards, a server for each (default: all)"
        )
        parser.add_argument(
            "--port",
            type=int,
            default=DEFAULT_PORT,
            metavar="N",
            help=f"port of the first server; the others have the next (default: {DEFAULT_PORT})",
        )

    def handle(
        self,
        *,
        bundle: str,
        worker: bool,
        program: str,
        cards: str | None,
        port: int,
        **_: Any,
    ) -> None:
        try:
            listed = visible_cards() if cards is None else _cards(cards)
            serving = serving_of(load_spec(_registered(bundle)))
            stop_on_signals()
            fleet = Fleet(
                program=PROGRAMS[program],
                serving=serving,
                cards=listed,
                place=Place(port, settings.VAR / "log", settings.VAR / "model-servers"),
                env=server_environment(),
                say=self._say,
            )
            self._serve(fleet, serving, with_worker=worker)
        except (RefusedError, OSError) as error:
            raise CommandError(str(error)) from error

    def _serve(self, fleet: Fleet, serving: Serving, *, with_worker: bool) -> None:
        with suppress(Stopped), ExitStack() as stack:
            stack.callback(fleet.stop)
            stack.callback(ignore_signals)
            self._say(f"{len(fleet.servers)} server(s) of {serving.model} load the model")
            fleet.start()
            if with_worker:
                fleet.supervisor.watch(gpu_worker(var=settings.VAR, variable=serving.variable))
            urls = " ".join(server.url for server in fleet.servers)
            self._say(f"{serving.model} is served at {urls}. Ctrl-C stops it.")
            if why := why_runs_may_stop():
                self._say(why)
            while True:
                fleet.tend()
                time.sleep(LOOK_EVERY_S)
        self._say("stopped")

    def _say(self, text: str) -> None:
        with suppress(OSError, ValueError):  # the terminal may be gone
            self.stdout.write(text)
            self.stdout.flush()


def _registered(bundle: str) -> ModelBundle:
    """Return the bundle of this name, or register the folder."""
    folder = Path(bundle)
    if not folder.is_dir():
        return find_bundle(bundle)
    return register_bundle(folder=folder)[0]


def _cards(text: str) -> list[str]:
    cards = [card.strip() for card in text.split(",")]
    if not all(card.isdecimal() for card in cards) or len(set(cards)) < len(cards):
        raise CommandError("--cards: write numbers of cards, such as 0,1")
    return cards
