"""A model server of the tests: real HTTP on loopback, with every fault a real one can have."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from inference.bundles import BundleSpec, read_bundle
from tests.helpers.prescoring import TINY_PROMPT, TINY_REPLY

KEY = "sk-only-for-tests"


class ModelServer:
    """Answers chat requests with `reply`, unless `behave` does something else.

    ``guided`` is what the server can: "pattern", "grammar" (patterns too), "schema", or "" for one
    that takes any wish and ignores it. Fields in ``refuses`` are refused, as
    `transformers serve` does.
    """

    def __init__(self) -> None:
        self.reply = TINY_REPLY
        self.guided = ""
        self.refuses: set[str] = set()
        self.behave: Callable[[Exchange], None] = Exchange.complete
        self.bodies: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        self.released = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Exchange,), {"of": self}))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def windows(self) -> list[dict[str, Any]]:
        """The requests about epochs: those with images."""
        return [body for body in self.bodies if is_window(body)]

    def stop(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()


def is_window(body: dict[str, Any]) -> bool:
    return len(body["messages"]) > 1


class Exchange(BaseHTTPRequestHandler):
    """One request and how it is answered."""

    of: ModelServer
    body: dict[str, Any]

    def do_POST(self) -> None:
        assert self.path == "/v1/chat/completions"
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.of.bodies.append(self.body)
        self.of.keys.add(self.headers["Authorization"])
        if refused := self.of.refuses & set(self.body):
            self.send(422, json.dumps({"detail": f"Unexpected fields in the request: {refused}"}))
        elif is_window(self.body):
            self.of.behave(self)
        else:
            self.complete(self._probed())

    def _probed(self) -> str:
        """What is written for a probe: the word asked for, where this server can be guided."""
        wish = self.body.get("structured_outputs", {})
        if self.of.guided in ("pattern", "grammar") and "regex" in wish:
            return str(wish["regex"])
        if self.of.guided == "grammar" and "grammar" in wish:
            return "p" + re.search(r'rest: "(\w+)"', wish["grammar"])[1]
        if self.of.guided == "schema" and "response_format" in self.body:
            return json.dumps(self.body["response_format"]["json_schema"]["schema"]["enum"][0])
        return "Good morning to you."

    def complete(self, text: str | None = None) -> None:
        output = {"role": "assistant", "content": self.of.reply if text is None else text}
        choice = {"index": 0, "message": output, "finish_reason": "stop"}
        self.send(200, json.dumps({"model": "tiny", "choices": [choice]}))

    def send(self, status: int, text: str, **headers: str) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in {"Content_Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def break_off(self) -> None:
        """Promise more than is sent."""
        self.send(200, '{"model": "tiny", "choi', Content_Length="2000")

    def hang(self) -> None:
        """Say nothing until the test is over."""
        self.of.released.wait(20)

    def drip(self) -> None:
        """Send a byte now and then, so that no single wait is long."""
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        try:
            while not self.of.released.wait(0.05):
                self.wfile.write(b" ")
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def start_server() -> Iterator[Callable[[], ModelServer]]:
    started: list[ModelServer] = []

    def start() -> ModelServer:
        started.append(ModelServer())
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def server(start_server: Callable[[], ModelServer]) -> ModelServer:
    return start_server()


def write_server_bundle(folder: Path, **settings: object) -> Path:
    """Write a bundle for a server that knows the model as “tiny”."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    (folder / "prompt.md").write_text(TINY_PROMPT)
    (folder / "bundle.toml").write_text(
        'name = "served"\ntitle = "Served model"\nadapter = "openai"\nlicence = "CC0-1.0"\n'
        '[prompt]\nfile = "prompt.md"\n[server]\nmodel = "tiny"\n' + "\n".join(lines)
    )
    return folder


def served_spec(folder: Path, **settings: object) -> BundleSpec:
    return read_bundle(write_server_bundle(folder, **settings))


def obeys_pattern(body: dict[str, Any], reply: str) -> bool:
    return re.fullmatch(body["structured_outputs"]["regex"], reply) is not None
