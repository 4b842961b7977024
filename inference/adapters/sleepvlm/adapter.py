"""Write replies with a Qwen2.5-VL checkpoint: three images a window, greedy, in batches."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers import Qwen2_5_VLForConditionalGeneration

from inference.adapters.images import NightImages
from inference.adapters.protocol import Night, RawReply
from inference.adapters.sleepvlm.device import chosen_batch_size, chosen_device, chosen_dtype
from inference.adapters.sleepvlm.grammar import ReplyGrammar
from inference.adapters.sleepvlm.kept import EncodedNight
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.adapters.sleepvlm.writer import Writer
from inference.adapters.windows import is_edge, window_epochs
from inference.bundles import BundleError, BundleSpec
from inference.prompts import stage_condition
from psg.render import RENDERER_VERSION

_IMAGES_KEPT = 128
logger = logging.getLogger(__name__)


def load(spec: BundleSpec) -> SleepVlmAdapter:
    """Load a bundle's checkpoint on the best device at hand, or on the one that is set."""
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
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        first_line = str(error).strip().splitlines()[0][:200] if str(error).strip() else ""
        raise BundleError(
            f"The checkpoint cannot be loaded: {first_line}",
            where=spec.name,
            advice="Check that it is a whole Qwen2.5-VL checkpoint, and that the device has room.",
        ) from error
    batch_size = chosen_batch_size(device, spec.decoding.batch_size)
    return SleepVlmAdapter(spec, model.eval(), processor, batch_size=batch_size)


class SleepVlmAdapter:
    """A model in memory and the images of the night at hand."""

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
        )
        self._images = NightImages(spec.channels)
        self._encoded = EncodedNight(self._images, processor, model, room=_IMAGES_KEPT)
        self._grammar = (
            ReplyGrammar(spec.prompt, spec.edition.rule_ids, self._writer.vocabulary)
            if spec.decoding.constrained
            else None
        )
        self.about = {
            "device": str(model.device),
            "dtype": str(model.dtype).split(".")[-1],
            "constrained": spec.decoding.constrained,
            "probabilities": stage_condition(spec.prompt.keys),
        }
        self.batch_size = batch_size
        """Windows written at once; smaller after the memory did not do for it."""

    def replies(self, night: Night, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        left = list(epochs)
        while left:
            some = left[: self.batch_size]
            group = self._reply_or_shrink(night, some)
            if group:
                yield group
                left = left[len(some) :]

    def _reply_or_shrink(self, night: Night, epochs: Sequence[int]) -> list[RawReply]:
        """Answer for a batch, or for nothing where it took too much memory, with a smaller batch.

        Raises
        ------
        torch.OutOfMemoryError
            When one window alone is too much.
        """
        try:
            return self._reply_group(night, epochs)
        except torch.OutOfMemoryError:
            if len(epochs) == 1:
                raise
        # Only here, behind the exception, is what it held free.
        self.batch_size = len(epochs) // 2
        logger.warning("out of memory: going on with %s windows a batch", self.batch_size)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return []

    def _reply_group(self, night: Night, epochs: Sequence[int]) -> list[RawReply]:
        started = time.perf_counter()
        epoch_count = night.signals.epoch_count
        shown = [window_epochs(epoch, epoch_count) for epoch in epochs]
        images = self._encoded.get(night, sorted({index for window in shown for index in window}))
        prompt = self._spec.prompt_for(self._images.derivations(night))
        written = self._writer.write(
            prompt,
            [[images[index].encoded for index in window] for window in shown],
            self._grammar,
        )
        share_s = (time.perf_counter() - started) / len(epochs)
        return [
            RawReply(
                epoch=epoch,
                text=self.processor.text_of(reply.ids),
                probabilities=reply.probabilities,
                pixel_sha256=tuple(images[index].sha256 for index in window),
                edge=is_edge(epoch, epoch_count),
                duration_s=share_s,
            )
            for epoch, window, reply in zip(epochs, shown, written, strict=True)
        ]
