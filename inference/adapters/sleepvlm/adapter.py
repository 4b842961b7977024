"""Write replies with a Qwen2.5-VL checkpoint: three images a window, greedy, in batches."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers import GenerationConfig, Qwen2_5_VLForConditionalGeneration

from inference.adapters.protocol import Night, RawReply
from inference.adapters.sleepvlm.images import EpochImage, NightImages
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.adapters.windows import is_edge, window_epochs
from inference.bundles import BundleError, BundleSpec
from psg.render import RENDERER_VERSION


def load(spec: BundleSpec) -> SleepVlmAdapter:
    """Load a bundle's checkpoint on the best device at hand."""
    if spec.checkpoint is None:
        raise BundleError("The bundle has no checkpoint", where=spec.name)
    device = best_device()
    try:
        model = Qwen2_5_VLForConditionalGeneration.from_pretrained(
            spec.checkpoint,
            dtype=dtype_for(device),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
        )
        processor = WindowProcessor(spec.checkpoint)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        first_line = str(error).strip().splitlines()[0][:200] if str(error).strip() else ""
        raise BundleError(
            f"The checkpoint cannot be loaded: {first_line}",
            where=spec.name,
            advice="Check that it is a whole Qwen2.5-VL checkpoint.",
        ) from error
    model.to(device)  # type: ignore[arg-type]
    return SleepVlmAdapter(spec, model.eval(), processor)


def best_device() -> torch.device:
    """A CUDA card where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def dtype_for(device: torch.device) -> torch.dtype:
    """bfloat16 on a card, as published; float32 on a CPU, where replies are exact."""
    return torch.bfloat16 if device.type == "cuda" else torch.float32


class SleepVlmAdapter:
    """A model in memory, its processor, and the images of the night at hand."""

    renderer_version = RENDERER_VERSION

    def __init__(self, spec: BundleSpec, model: Any, processor: WindowProcessor) -> None:
        self._spec = spec
        self._model = model
        self._processor = processor
        self._images = NightImages(spec.channels)
        self.about = {"device": str(model.device), "dtype": str(model.dtype).split(".")[-1]}
        self._config = GenerationConfig(
            do_sample=False,
            max_new_tokens=spec.decoding.max_new_tokens,
            eos_token_id=processor.turn_end_id,
            pad_token_id=processor.turn_end_id,
        )

    def replies(self, night: Night, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        size = self._spec.decoding.batch_size
        for start in range(0, len(epochs), size):
            yield self._reply_group(night, epochs[start : start + size])

    def _reply_group(self, night: Night, epochs: Sequence[int]) -> list[RawReply]:
        started = time.perf_counter()
        epoch_count = night.signals.epoch_count
        windows = [
            [self._images.get(night, index) for index in window_epochs(epoch, epoch_count)]
            for epoch in epochs
        ]
        texts = self._generate(night, windows)
        share_s = (time.perf_counter() - started) / len(epochs)
        return [
            RawReply(
                epoch=epoch,
                text=text,
                pixel_sha256=tuple(image.sha256 for image in window),
                edge=is_edge(epoch, epoch_count),
                duration_s=share_s,
            )
            for epoch, window, text in zip(epochs, windows, texts, strict=True)
        ]

    def _generate(self, night: Night, windows: Sequence[Sequence[EpochImage]]) -> list[str]:
        prompt = self._spec.prompt_for(self._images.derivations(night))
        patches = [[self._processor.patches(image.rgb) for image in window] for window in windows]
        inputs = self._processor.batch(prompt, patches)
        inputs = {name: tensor.to(self._model.device) for name, tensor in inputs.items()}
        with torch.inference_mode():
            written = self._model.generate(**inputs, generation_config=self._config)
        replies = written[:, inputs["input_ids"].shape[1] :].cpu()
        return [self._processor.text_of(row) for row in replies]
