"""Write replies with a Qwen2.5-VL checkpoint: three images a window, in batches.

Device, number format and batch size are chosen by the available hardware or by environment
variables of the worker. They are not part of the bundle: the same bundle runs on a laptop and on a
graphics card.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import Qwen2_5_VLForConditionalGeneration

from inference.adapters.bound_grammar import bound_grammar
from inference.adapters.grounding import BoundForm, BoundText
from inference.adapters.images import NightImages
from inference.adapters.judge import Judge
from inference.adapters.protocol import (
    AdapterAwayError,
    JsonObject,
    NightToScore,
    RawReply,
    is_edge,
    window_epochs,
)
from inference.adapters.sleepvlm.grammar import EpochGrammar, ReplyGrammar
from inference.adapters.sleepvlm.processor import EncodedImage, WindowProcessor, encode_images
from inference.adapters.sleepvlm.sampling import Draws
from inference.adapters.sleepvlm.writer import Writer, Written
from inference.bundles import BundleError, BundleSpec
from inference.prompts import stage_condition
from inference.prompts.stage_first import GIVEN, stage_question
from psg.render import RENDERER_VERSION

DEVICE = "PRESCORE_DEVICE"
DTYPE = "PRESCORE_DTYPE"
BATCH_SIZE = "PRESCORE_BATCH_SIZE"
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_BATCH_SIZES = {"cpu": 8, "cuda": 32}
_MOST = 256


def chosen_device(name: str = "") -> torch.device:
    """Return the named device, else a CUDA device if available, else the CPU."""
    name = name or os.environ.get(DEVICE, "")
    if not name:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise BundleError(
            f"There is no device “{name[:40]}” here", where=DEVICE, advice="Use cpu or cuda."
        ) from error
    return device


def chosen_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 on a card, as published; float32 on a CPU, where replies are exact."""
    name = os.environ.get(DTYPE, "")
    if not name:
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if name not in _DTYPES:
        raise BundleError(
            f"“{name[:40]}” is no number format", where=DTYPE, advice="Use " + ", ".join(_DTYPES)
        )
    return _DTYPES[name]


def chosen_batch_size(device: torch.device, of_bundle: int) -> int:
    """Windows per batch: as set for the worker, else in the bundle, else by device."""
    named = os.environ.get(BATCH_SIZE, "")
    if named and not (named.isdecimal() and 1 <= int(named) <= _MOST):
        raise BundleError(f"“{named[:40]}” is not 1 to {_MOST}", where=BATCH_SIZE)
    return int(named or 0) or of_bundle or _BATCH_SIZES.get(device.type, _BATCH_SIZES["cpu"])


@dataclass(frozen=True)
class ShownImage:
    """An encoded image, and the hash of the drawn image."""

    encoded: EncodedImage
    sha256: str


class EncodedNight:
    """Cache of the encoded images that were used last; a night needs little memory.

    Parameters
    ----------
    room : int
        Images to keep. Neighbouring chunks share their edges, which are then not encoded again.
    """

    def __init__(
        self, images: NightImages, processor: WindowProcessor, model: Any, *, room: int
    ) -> None:
        self._images = images
        self._processor = processor
        self._model = model
        self._room = room
        self._kept: OrderedDict[tuple[str, int], ShownImage] = OrderedDict()

    def get(self, night: NightToScore, epochs: Iterable[int]) -> dict[int, ShownImage]:
        """The images of some epochs; those that are missing are encoded together."""
        wanted = dict.fromkeys(epochs)
        self._encode(night, [epoch for epoch in wanted if (night.key, epoch) not in self._kept])
        for epoch in wanted:
            self._kept.move_to_end((night.key, epoch))
        images = {epoch: self._kept[night.key, epoch] for epoch in wanted}
        while len(self._kept) > self._room:
            self._kept.popitem(last=False)
        return images

    def _encode(self, night: NightToScore, epochs: list[int]) -> None:
        drawn = [self._images.get(night, epoch) for epoch in epochs]
        patches = [self._processor.patches(image.rgb) for image in drawn]
        for epoch, image, encoded in zip(
            epochs, drawn, encode_images(self._model, patches), strict=True
        ):
            self._kept[night.key, epoch] = ShownImage(encoded, image.sha256)


_IMAGES_KEPT = 128
logger = logging.getLogger(__name__)


def load(spec: BundleSpec) -> SleepVlmAdapter:
    """Load the checkpoint of a bundle on the chosen device."""
    if spec.checkpoint is None:
        raise BundleError("The bundle has no checkpoint", where=spec.name)
    device = chosen_device()
    try:
        model = Qwen2_5_VLForConditionalGeneration.from_pretrained(
            spec.checkpoint,
            dtype=chosen_dtype(device),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
        )
        processor = WindowProcessor(spec.checkpoint)
        model.to(device)  # type: ignore[arg-type]
    # ImportError: the weights are quantised by a method whose library is not installed.
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        first_line = str(error).strip().splitlines()[0][:200] if str(error).strip() else ""
        raise BundleError(
            f"The checkpoint cannot be loaded: {first_line}",
            where=spec.name,
            advice="Check that the Qwen2.5-VL checkpoint is complete and fits in the memory.",
        ) from error
    batch_size = chosen_batch_size(device, spec.decoding.batch_size)
    return SleepVlmAdapter(spec, model.eval(), processor, batch_size=batch_size)


class SleepVlmAdapter:
    """A loaded model, and the encoded images of the current night."""

    renderer_version = RENDERER_VERSION

    def __init__(
        self, spec: BundleSpec, model: Any, processor: WindowProcessor, *, batch_size: int
    ) -> None:
        self._spec = spec
        self.model = model
        self.processor = processor
        self._writer = Writer(
            model,
            processor,
            max_new_tokens=spec.decoding.max_new_tokens,
            end_id=processor.turn_end_id,
            repetition_penalty=spec.decoding.repetition_penalty,
            question=stage_question(spec.prompt, spec.edition)
            if spec.decoding.stage_first
            else None,
        )
        self._images = NightImages(spec.channels)
        self._encoded = EncodedNight(self._images, processor, model, room=_IMAGES_KEPT)
        self._judge = Judge(spec.edition)
        self._grammar = (
            ReplyGrammar(spec.prompt, spec.edition.rule_ids, self._writer.vocabulary)
            if spec.decoding.constrained
            else None
        )
        self._about: JsonObject = {
            "device": str(model.device),
            "dtype": str(model.dtype).split(".")[-1],
            "constrained": spec.decoding.constrained,
            "probabilities": GIVEN
            if spec.decoding.stage_first
            else stage_condition(spec.prompt.keys),
        }
        self.batch_size = batch_size
        """Replies written at once; reduced when the memory was too small."""
        self._first_batch_size = batch_size

    @property
    def about(self) -> JsonObject:
        if self.batch_size == self._first_batch_size:
            return self._about
        shrunk = f"{self._first_batch_size} reduced to {self.batch_size}: the memory was too small"
        return {**self._about, "replies at once": shrunk}

    def replies(self, night: NightToScore, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        left = list(epochs)
        while left:
            some = left[: max(self.batch_size // self._best_of(night), 1)]
            group = self._reply_or_shrink(night, some)
            if group:
                yield group
                left = left[len(some) :]

    @property
    def binding_problem(self) -> str:
        return ""

    def bound_texts(
        self, night: NightToScore, forms: Mapping[int, BoundForm]
    ) -> dict[int, BoundText]:
        """Write replies under forms; there are at most as many as were written freely at once."""
        prompt = self._spec.prompt_for(self._images.derivations(night))
        vocabulary = self._writer.vocabulary
        grammars = {
            epoch: EpochGrammar(bound_grammar(prompt, form), vocabulary)
            for epoch, form in forms.items()
        }
        problems = {
            epoch: BoundText(problem=f"This epoch has no grammar: {grammar.fault}")
            for epoch, grammar in grammars.items()
            if grammar.fault
        }
        usable = [epoch for epoch in forms if epoch not in problems]
        texts: dict[int, BoundText] = {}
        for start in range(0, len(usable), self.batch_size):
            some = usable[start : start + self.batch_size]
            written = self._writer.write(
                prompt,
                self._windows(night, some),
                own_grammars=[grammars[epoch] for epoch in some],
            )
            for epoch, reply in zip(some, written, strict=True):
                texts[epoch] = BoundText(self.processor.text_of(reply.ids))
        return problems | texts

    def _windows(self, night: NightToScore, epochs: Sequence[int]) -> list[list[EncodedImage]]:
        shown = [window_epochs(epoch, night.signals.epoch_count) for epoch in epochs]
        images = self._encoded.get(night, sorted({index for window in shown for index in window}))
        return [[images[index].encoded for index in window] for window in shown]

    def _reply_or_shrink(self, night: NightToScore, epochs: Sequence[int]) -> list[RawReply]:
        """Return the replies of a batch; empty if memory was too small, with `batch_size` halved.

        Raises
        ------
        AdapterAwayError
            When the memory is too small for a single window: another program may have it.
        """
        try:
            return self._reply_group(night, epochs)
        except torch.OutOfMemoryError as error:
            reason = str(error).partition("\n")[0][:200]
        # Outside of the except block, so that the memory held by the exception is free.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if len(epochs) == 1:
            device = self._about["device"]
            raise AdapterAwayError(
                f"the memory of {device} is too small for a single window: {reason}. End other "
                "programs that use it, or use a smaller model"
            )
        self.batch_size = len(epochs) * self._best_of(night) // 2
        logger.warning("out of memory: going on with %s replies a batch", self.batch_size)
        return []

    def _best_of(self, night: NightToScore) -> int:
        return night.best_of or self._spec.decoding.best_of

    def _reply_group(self, night: NightToScore, epochs: Sequence[int]) -> list[RawReply]:
        started = time.perf_counter()
        epoch_count = night.signals.epoch_count
        shown = [window_epochs(epoch, epoch_count) for epoch in epochs]
        images = self._encoded.get(night, sorted({index for window in shown for index in window}))
        prompt = self._spec.prompt_for(self._images.derivations(night))
        hashes = [tuple(images[index].sha256 for index in window) for window in shown]
        written = self._writer.write(
            prompt,
            [[images[index].encoded for index in window] for window in shown],
            self._grammar,
            self._draws(hashes, self._best_of(night)),
        )
        kept = self._best(night, epochs, written)
        share_s = (time.perf_counter() - started) / len(epochs)
        return [
            RawReply(
                epoch=epoch,
                text=self.processor.text_of(reply.ids),
                probabilities=reply.probabilities,
                pixel_sha256=sha256,
                edge=is_edge(epoch, epoch_count),
                duration_s=share_s,
                best_of=self._best_of(night),
            )
            for epoch, sha256, reply in zip(epochs, hashes, kept, strict=True)
        ]

    def _draws(self, hashes: Sequence[tuple[str, ...]], best_of: int) -> Draws | None:
        """Return the replies to draw; the images of a window are its seed, wherever it is read."""
        if best_of == 1:
            return None
        digests = [hashlib.sha256(" ".join(its).encode()).digest() for its in hashes]
        seeds = [int.from_bytes(digest[:6]) for digest in digests]
        return Draws(seeds, best_of - 1, self._spec.decoding.temperature)

    def _best(
        self, night: NightToScore, epochs: Sequence[int], written: Sequence[Written]
    ) -> list[Written]:
        """Return the reply to keep for each epoch."""
        count = len(written) // len(epochs)
        if count == 1:
            return list(written)
        kept = []
        for place, epoch in enumerate(epochs):
            its = written[place * count : (place + 1) * count]
            texts = [self.processor.text_of(reply.ids) for reply in its]
            kept.append(its[self._judge.best(night, epoch, texts)])
        return kept
