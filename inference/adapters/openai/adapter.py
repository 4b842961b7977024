"""Replies from a model server: concurrent requests, replies yielded as they arrive."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

import numpy as np
from pydantic import JsonValue

from inference.adapters.images import EpochImage, NightImages
from inference.adapters.openai.chat import ChatClient, NoReplyError
from inference.adapters.openai.guided import NONE, Guidance, guidance_for
from inference.adapters.openai.servers import Rota, servers_from_environment
from inference.adapters.protocol import JsonObject, NightToScore, RawReply, is_edge, window_epochs
from inference.bundles import BundleError, BundleSpec
from inference.bundles.reading import ServerSpec
from inference.prompts import Prompt
from psg.render import RENDERER_VERSION, png_bytes


def load(spec: BundleSpec, environment: Mapping[str, str] = os.environ) -> OpenAiAdapter:
    """Read the server addresses, and test once whether the servers can guide replies."""
    if spec.server is None:
        raise BundleError("The bundle has no [server]", where=spec.name)
    rota = Rota(servers_from_environment(spec.server.addresses_in, environment))
    return OpenAiAdapter(spec, spec.server, rota)


class OpenAiAdapter:
    """Draws the images of a night and sends them to model servers."""

    renderer_version = RENDERER_VERSION

    def __init__(self, spec: BundleSpec, server: ServerSpec, rota: Rota) -> None:
        self._spec = spec
        self._server = server
        self._rota = rota
        self._images = NightImages(spec.channels)
        self._guided: str = NONE
        self._guidance: Guidance = {}
        if server.guided:
            client = ChatClient(rota, timeout_s=server.timeout_s)
            self._guided, self._guidance = guidance_for(spec, client, server.model)
        self.about = {"model": server.model, "servers": len(rota), "guided": self._guided}

    def replies(self, night: NightToScore, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        client = ChatClient(self._rota, timeout_s=self._server.timeout_s)
        ahead = iter(epochs)
        with _threads(self._server.concurrency, client) as pool:
            pending: set[Future[RawReply]] = set()

            def send(count: int) -> None:
                # Images are drawn in this thread, which owns the canvas, and sent from the others.
                for epoch in islice(ahead, count):
                    blank, body = self._request(night, epoch)
                    pending.add(pool.submit(_reply, client, blank, body))

            send(self._server.concurrency)
            while pending:
                done, _ = wait(pending, return_when=FIRST_COMPLETED)
                pending -= done
                send(len(done))
                yield from _finished(done)

    def _request(self, night: NightToScore, epoch: int) -> tuple[RawReply, JsonObject]:
        """Return a reply without text, and the request whose answer completes it."""
        count = night.signals.epoch_count
        window = [self._images.get(night, index) for index in window_epochs(epoch, count)]
        blank = RawReply(
            epoch=epoch,
            text="",
            pixel_sha256=tuple(image.sha256 for image in window),
            edge=is_edge(epoch, count),
        )
        request = window_request(
            self._spec.prompt_for(self._images.derivations(night)),
            [_png(image) for image in window],
            model=self._server.model,
            max_new_tokens=self._spec.decoding.max_new_tokens,
        )
        return blank, {**request, **self._guidance}


def _reply(client: ChatClient, blank: RawReply, body: JsonObject) -> RawReply:
    try:
        completion = client.complete(body)
    except NoReplyError as failed:
        return replace(blank, text=failed.text, error=str(failed))
    return replace(blank, text=completion.text, duration_s=completion.duration_s)


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


def _png(image: EpochImage) -> bytes:
    """Encode the drawn, opaque pixels, whose hash is stored."""
    height, width, _ = image.rgb.shape
    rgba = np.full((height, width, 4), 255, dtype=np.uint8)
    rgba[..., :3] = image.rgb
    return png_bytes(rgba)


def window_request(
    prompt: Prompt, pngs: Sequence[bytes], *, model: str, max_new_tokens: int
) -> JsonObject:
    """Return the body of a chat request for an epoch, with greedy decoding.

    ``pngs`` are the images of a window, in their order.
    """
    shown: list[JsonValue] = []
    for label, png in zip(prompt.labels, pngs, strict=True):
        shown += [{"type": "text", "text": label}, _image(png)]
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": prompt.system}]},
            {"role": "user", "content": shown},
        ],
        "max_tokens": max_new_tokens,
        "temperature": 0,
    }


def _image(png: bytes) -> JsonValue:
    url = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
    return {"type": "image_url", "image_url": {"url": url}}
