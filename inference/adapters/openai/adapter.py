"""Replies from a model server: concurrent requests, replies yielded as they arrive."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice

from pydantic import JsonValue

from inference.adapters.bound_grammar import bound_grammar
from inference.adapters.grounding import BoundForm, BoundText
from inference.adapters.openai.chat import ChatClient, NoReplyError
from inference.adapters.openai.decoding import BY_SERVER, FIELD, PenalisedClient
from inference.adapters.openai.guided import NONE, Guidance, by_grammar, guidance_for, obeys_grammar
from inference.adapters.openai.images import SentImages, chosen_drawers
from inference.adapters.openai.servers import ModelServer, Rota, servers_for
from inference.adapters.openai.stage_first import UNKNOWN, ask_stage, gives_tokens
from inference.adapters.protocol import (
    AdapterAwayError,
    JsonObject,
    NightToScore,
    RawReply,
    is_edge,
    window_epochs,
)
from inference.adapters.served import served_model
from inference.bundles import BundleError, BundleSpec
from inference.bundles.reading import GroundingMode, ServerSpec
from inference.prompts import Prompt
from inference.prompts.stage_first import GIVEN, StageQuestion, stage_question
from psg.render import RENDERER_VERSION


def load(spec: BundleSpec, environment: Mapping[str, str] = os.environ) -> OpenAiAdapter:
    """Read the server addresses, and test once what the servers can do."""
    if spec.server is None:
        raise BundleError("The bundle has no [server]", where=spec.name)
    servers = servers_for(spec.server.addresses_in, environment)
    adapter = OpenAiAdapter(spec, spec.server, environment)
    adapter.use(servers)
    return adapter


class OpenAiAdapter:
    """Draws the images of a night and sends them to model servers."""

    renderer_version = RENDERER_VERSION

    def __init__(
        self, spec: BundleSpec, server: ServerSpec, environment: Mapping[str, str]
    ) -> None:
        self._spec = spec
        self._server = server
        self._environment = environment
        self._images = SentImages(spec.channels, drawers=chosen_drawers())
        self._rota = Rota([])
        self._options: JsonObject = {}
        self._about: JsonObject = {}
        self._takes_penalty = True
        self._question: StageQuestion | None = None
        self._can_bind = False
        self._model = server.model

    def use(self, servers: list[ModelServer]) -> None:
        """Test what these servers can do, and send all requests to them from now on."""
        rota = Rota(servers)
        client = self._client(rota, takes_penalty=True)
        served = served_model(self._server.addresses_in)
        model = served.model if served and rota.is_of(served.servers) else self._server.model
        guided: str = NONE
        guidance: Guidance = {}
        if self._server.guided:
            guided, guidance = guidance_for(self._spec, client, model)
        wants_binding = self._spec.decoding.grounding is GroundingMode.BIND
        self._can_bind = wants_binding and obeys_grammar(client, model)
        self._rota = rota
        self._model = model
        self._takes_penalty = client.is_accepted
        self._options = {"model": model, **guidance}
        self._about = {"model": self._server.model, "servers": len(rota), "guided": guided}
        if self._spec.decoding.stage_first:
            is_given = gives_tokens(client, model)
            question = stage_question(self._spec.prompt, self._spec.edition)
            self._question = question if is_given else None
            self._about = {**self._about, "probabilities": GIVEN if is_given else UNKNOWN}

    @property
    def about(self) -> JsonObject:
        return self._about if self._takes_penalty else {**self._about, FIELD: BY_SERVER}

    @property
    def binding_problem(self) -> str:
        return "" if self._can_bind else "The server writes no replies under a grammar."

    def bound_texts(
        self, night: NightToScore, forms: Mapping[int, BoundForm]
    ) -> dict[int, BoundText]:
        """Request a reply under a grammar of its own for each epoch."""
        prompt = self._spec.prompt_for(self._images.derivations(night))
        client = self._client(self._rota, takes_penalty=self._takes_penalty)
        bodies = {
            epoch: {
                **self._request(night, epoch)[1],
                **by_grammar(bound_grammar(prompt, form)),
                "model": self._model,
            }
            for epoch, form in forms.items()
        }
        for body in bodies.values():
            body.pop("response_format", None)
        with _threads(self._requests(), client) as pool:
            texts = list(pool.map(partial(_bound_text, client), bodies.values()))
        return dict(zip(bodies, texts, strict=True))

    def _client(self, rota: Rota, *, takes_penalty: bool) -> PenalisedClient:
        return PenalisedClient(
            rota,
            timeout_s=self._server.timeout_s,
            penalty=self._spec.decoding.repetition_penalty,
            is_accepted=takes_penalty,
        )

    def replies(self, night: NightToScore, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        self._look_for_other_servers()
        client = self._client(self._rota, takes_penalty=self._takes_penalty)
        count = self._requests()
        self._images.draw_ahead(night, epochs)
        ahead = iter(epochs)
        with _threads(count, client) as pool:
            pending: set[Future[RawReply]] = set()

            def send(count: int) -> None:
                for epoch in islice(ahead, count):
                    blank, body = self._request(night, epoch)
                    pending.add(pool.submit(_reply, client, blank, body, self._question))

            send(count)
            while pending:
                done, _ = wait(pending, return_when=FIRST_COMPLETED)
                pending -= done
                self._takes_penalty = client.is_accepted
                send(len(done))
                yield from _finished(done)

    def _look_for_other_servers(self) -> None:
        """Use the servers that run now: those of this machine may have been started again.

        Raises
        ------
        AdapterAwayError
            When none run; they may be started again.
        """
        try:
            servers = servers_for(self._server.addresses_in, self._environment)
        except BundleError as error:
            how = f"start one with manage.py serve_model, or set {self._server.addresses_in}"
            raise AdapterAwayError(f"no model server runs: {how}") from error
        if not self._rota.is_same(servers):
            self.use(servers)

    def _requests(self) -> int:
        """Return how many requests are open: as servers of this machine need, or the bundle."""
        served = served_model(self._server.addresses_in)
        if served and self._rota.is_of(served.servers):
            return served.requests * len(served.servers)
        return self._server.concurrency

    def _request(self, night: NightToScore, epoch: int) -> tuple[RawReply, JsonObject]:
        """Return a reply without text, and the request whose answer completes it."""
        count = night.signals.epoch_count
        shown = window_epochs(epoch, count)
        window = [self._images.get(night, index) for index in shown]
        blank = RawReply(
            epoch=epoch,
            text="",
            pixel_sha256=tuple(image.sha256 for image in window),
            edge=is_edge(epoch, count),
        )
        request = window_request(
            self._spec.prompt_for(self._images.derivations(night)),
            [image.url for image in window],
            max_new_tokens=self._spec.decoding.max_new_tokens,
        )
        return blank, {**request, **self._options}


def _reply(
    client: ChatClient, blank: RawReply, body: JsonObject, question: StageQuestion | None
) -> RawReply:
    if question:
        blank = replace(blank, probabilities=ask_stage(client, body, question))
    try:
        completion = client.complete(body)
    except NoReplyError as failed:
        return replace(blank, text=failed.text, error=str(failed))
    return replace(blank, text=completion.text, duration_s=completion.duration_s)


def _bound_text(client: ChatClient, body: JsonObject) -> BoundText:
    try:
        return BoundText(client.complete(body).text)
    except NoReplyError as failed:
        return BoundText(problem=f"The server gave no bound reply: {failed}")


def _finished(done: set[Future[RawReply]]) -> Iterator[list[RawReply]]:
    """Yield the replies that arrived, then raise the first error, if any."""
    good = [future.result() for future in done if future.exception() is None]
    if good:
        yield sorted(good, key=lambda reply: reply.epoch)
    for future in done:
        future.result()


@contextmanager
def _threads(count: int, client: ChatClient) -> Iterator[ThreadPoolExecutor]:
    """Threads that end with the block, so that no request follows after a run was stopped."""
    pool = ThreadPoolExecutor(count, thread_name_prefix="chat")
    try:
        yield pool
    finally:
        client.stopped.set()
        pool.shutdown(cancel_futures=True)


def window_request(prompt: Prompt, urls: Sequence[str], *, max_new_tokens: int) -> JsonObject:
    """Return the body of a chat request for an epoch, with greedy decoding, without the model.

    ``urls`` hold the images of a window, in their order.
    """
    shown: list[JsonValue] = []
    for label, url in zip(prompt.labels, urls, strict=True):
        shown += [{"type": "text", "text": label}, {"type": "image_url", "image_url": {"url": url}}]
    return {
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": prompt.system}]},
            {"role": "user", "content": shown},
        ],
        "max_tokens": max_new_tokens,
        "temperature": 0,
    }
