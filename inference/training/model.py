"""The model to be trained: input tensors, frozen and adapted weights, loss of a reply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy, linear
from transformers import Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VisionPatchEmbed

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.bundles.checkpoint import check_checkpoint
from inference.prompts import Prompt
from inference.training.errors import TrainingError
from inference.training.samples import Sample
from inference.training.settings import LoraSettings, Vision

IGNORED = -100


@dataclass(frozen=True)
class EncodedPrompt:
    """A prompt with its images, encoded once for all samples that share it.

    ``ids`` are (tokens,). ``positions`` are (3, tokens): time, height and width.
    """

    ids: torch.Tensor
    positions: torch.Tensor


@dataclass(frozen=True)
class Batch:
    """Windows side by side, padded on the right.

    Parameters
    ----------
    ids, labels : (rows, tokens)
        Labels are ``IGNORED`` everywhere but on the reply and the end of its turn.
    positions : (3, rows, tokens)
    is_image : bool (rows, tokens)
    images : list of (night, epoch)
        Distinct images, in the order in which they are first shown.
    shown : list of int
        For each place of an image in the batch, row by row, its index in ``images``.
    """

    ids: torch.Tensor
    labels: torch.Tensor
    positions: torch.Tensor
    is_image: torch.Tensor
    images: list[tuple[int, int]]
    shown: list[int]

    @property
    def reply_tokens(self) -> int:
        return int((self.labels != IGNORED).sum())


class Encoder:
    """Encodes samples for a model.

    Parameters
    ----------
    model : Qwen2_5_VLForConditionalGeneration
        Used for positions only.
    """

    def __init__(self, processor: WindowProcessor, model: Any, *, max_tokens: int) -> None:
        self._processor = processor
        self._model = model
        self._max_tokens = max_tokens
        self._prompts: dict[tuple[Prompt, int], EncodedPrompt] = {}
        self._grid: torch.Tensor | None = None

    def batch(self, samples: Sequence[Sample], grid: torch.Tensor) -> Batch:
        """Encode samples whose images have this grid, (1, 3)."""
        rows = [self._row(sample, grid) for sample in samples]
        width = max(len(ids) for ids, _, _ in rows)
        ids = torch.zeros((len(rows), width), dtype=torch.long)
        labels = torch.full((len(rows), width), IGNORED)
        positions = torch.zeros((3, len(rows), width), dtype=torch.long)
        for row, (its, prompt_length, places) in enumerate(rows):
            ids[row, : len(its)] = its
            labels[row, prompt_length : len(its)] = its[prompt_length:]
            positions[:, row, : len(its)] = places
        images: dict[tuple[int, int], int] = {}
        shown = [
            images.setdefault((sample.night, epoch), len(images))
            for sample in samples
            for epoch in sample.images
        ]
        is_image = ids == self._processor.image_pad_id
        return Batch(ids, labels, positions, is_image, list(images), shown)

    def _row(self, sample: Sample, grid: torch.Tensor) -> tuple[torch.Tensor, int, torch.Tensor]:
        """Return ids (tokens,), the number of them in the prompt, and positions (3, tokens)."""
        prompt = self._encoded(sample.prompt, len(sample.images), grid)
        reply = self._processor.tokenizer.encode(sample.reply, add_special_tokens=False)
        reply.append(self._processor.turn_end_id)
        if len(prompt.ids) + len(reply) > self._max_tokens:
            raise TrainingError(
                f"A sample has {len(prompt.ids) + len(reply)} tokens, the model takes"
                f" {self._max_tokens}",
                where=f"epoch {sample.images[-1]}",
                advice="Shorten the prompt, or set fewer seconds under [wpt].",
            )
        ids = torch.cat([prompt.ids, torch.tensor(reply)])
        next_position = int(prompt.positions.max()) + 1
        behind = torch.arange(next_position, next_position + len(reply)).expand(3, -1)
        return ids, len(prompt.ids), torch.cat([prompt.positions, behind], dim=1)

    def _encoded(self, prompt: Prompt, count: int, grid: torch.Tensor) -> EncodedPrompt:
        key = (prompt, count)
        if key not in self._prompts:
            grids = [grid] * count
            ids = torch.tensor([self._processor.window_ids(prompt, grids)])
            positions, _ = self._model.model.get_rope_index(
                ids,
                mm_token_type_ids=(ids == self._processor.image_pad_id).int(),
                image_grid_thw=torch.cat(grids),
            )
            if (
                len(self._prompts) > 4096
            ):  # pre-training makes a new prompt for each draw of seconds
                self._prompts.clear()
            self._prompts[key] = EncodedPrompt(ids[0], positions[:, 0])
        return self._prompts[key]


# Complete paths, since gate_proj, up_proj and down_proj occur in the vision tower too.
LANGUAGE_TARGETS = (
    r"model\.language_model\.layers\.\d+\."
    r"(self_attn\.(q|k|v|o)_proj|mlp\.(gate|up|down)_proj)"
)
VISION_TARGETS = r"model\.visual\.blocks\.\d+\.(attn\.(qkv|proj)|mlp\.(gate|up|down)_proj)"
_VISION = re.compile(r"(^|\.)visual\.")


def load_base(checkpoint: Path, dtype: torch.dtype) -> Any:
    """Load a complete Qwen2.5-VL checkpoint."""
    check_checkpoint(checkpoint)
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        checkpoint,
        dtype=dtype,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        attn_implementation="sdpa",
    )
    model.model.visual.patch_embed.__class__ = _PatchProduct
    return model


class _PatchProduct(Qwen2_5_VisionPatchEmbed):
    """The convolution as a matrix product, which is equal as its stride equals its kernel."""

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        weight = self.proj.weight
        return linear(hidden_states.to(weight.dtype), weight.flatten(1))


def prepare(model: Any, *, lora: LoraSettings, vision: Vision) -> Any:
    """Freeze and adapt; only trained parameters of the returned model require gradients."""
    if lora.rank:
        targets = LANGUAGE_TARGETS
        if vision is Vision.LORA:
            targets = f"{LANGUAGE_TARGETS}|{VISION_TARGETS}"
        model = get_peft_model(
            model,
            LoraConfig(
                r=lora.rank,
                lora_alpha=lora.alpha,
                lora_dropout=lora.dropout,
                target_modules=targets,
                task_type="CAUSAL_LM",
            ),
        )
    for name, parameter in model.named_parameters():
        if _VISION.search(name):
            is_adapter = "lora_" in name
            parameter.requires_grad = is_adapter or vision is Vision.FULL
    return model


def core_of(model: Any) -> Any:
    """Return the Qwen2.5-VL model inside, adapted or not."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def trained_parameters(model: Any) -> dict[str, torch.nn.Parameter]:
    """Return the trained parameters by name, in the order of the model."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


class ReplyLoss(torch.nn.Module):
    """Summed cross entropy of the replies of a batch, in nats.

    Logits are computed at reply tokens only, since most of a window is prompt and images.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        ids: torch.Tensor,
        labels: torch.Tensor,
        positions: torch.Tensor,
        is_image: torch.Tensor,
        shown: Sequence[int],
        embeddings: torch.Tensor | None = None,
        pixels: torch.Tensor | None = None,
        grids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the sum over the reply tokens; the tensors are those of `Batch`.

        Parameters
        ----------
        embeddings : (images, tokens, hidden), optional
            Of the distinct images; if left out, computed from ``pixels`` and ``grids``.
        """
        core = core_of(self.model)
        if embeddings is None:
            embeddings = torch.stack(core.model.get_image_features(pixels, grids).pooler_output)
        embedded = core.get_input_embeddings()(ids)
        seen = embeddings[list(shown)].flatten(0, 1).to(embedded.dtype)
        embedded = embedded.masked_scatter(is_image[..., None], seen)
        states = core.model.language_model(
            inputs_embeds=embedded,
            position_ids=positions,
            # Padding is on the right, so causal attention hides it from every reply token.
            attention_mask=torch.ones_like(ids),
            use_cache=False,
        ).last_hidden_state
        wanted = labels[:, 1:] != IGNORED
        scores = core.lm_head(states[:, :-1][wanted]).float()
        return cross_entropy(scores, labels[:, 1:][wanted], reduction="sum")


def max_tokens_of(model: Any) -> int:
    """Return the longest sequence of the language half, in tokens."""
    limit = getattr(model.config.text_config, "max_position_embeddings", 0)
    if not limit:
        raise TrainingError("The checkpoint does not declare how long a text it takes")
    return int(limit)
