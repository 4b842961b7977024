"""The model to be trained: what is frozen, what is adapted, and the loss of a reply."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy, linear
from transformers import Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VisionPatchEmbed

from inference.adapters.sleepvlm.processor import ImagePatches, WindowProcessor
from inference.bundles.checkpoint import check_checkpoint
from inference.training.encoding import IGNORED, Batch
from inference.training.errors import TrainingError
from inference.training.images import TrainingImages
from inference.training.settings import LoraSettings, Vision

# Whole paths: the leaf names gate_proj, up_proj and down_proj occur in the vision tower too.
LANGUAGE_TARGETS = (
    r"model\.language_model\.layers\.\d+\."
    r"(self_attn\.(q|k|v|o)_proj|mlp\.(gate|up|down)_proj)"
)
VISION_TARGETS = r"model\.visual\.blocks\.\d+\.(attn\.(qkv|proj)|mlp\.(gate|up|down)_proj)"
_VISION = re.compile(r"(^|\.)visual\.")


def load_base(checkpoint: Path, dtype: torch.dtype) -> Any:
    """Load a whole Qwen2.5-VL checkpoint."""
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
    """The convolution, whose steps are as wide as its window, as the matrix product that it is."""

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        weight = self.proj.weight
        return linear(hidden_states.to(weight.dtype), weight.flatten(1))


def prepare(model: Any, *, lora: LoraSettings, vision: Vision) -> Any:
    """Freeze and adapt; gives the model to call, whose trained parameters alone want gradients."""
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
    """The Qwen2.5-VL model inside, adapted or not."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def trained_parameters(model: Any) -> dict[str, torch.nn.Parameter]:
    """By name, in order."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


class ReplyLoss(torch.nn.Module):
    """Summed cross entropy of the replies of a batch, given embeddings of its images or pixels.

    Scores are computed at places of the reply only: most of a window is prompt and images.
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
        """The sum over reply tokens.

        Parameters
        ----------
        embeddings : (images, tokens, hidden), optional
            Of the distinct images; left out, they are made from ``pixels`` and ``grids``.
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
            # Padding is on the right, where no reply looks: plain causal attention does.
            attention_mask=torch.ones_like(ids),
            use_cache=False,
        ).last_hidden_state
        wanted = labels[:, 1:] != IGNORED
        scores = core.lm_head(states[:, :-1][wanted]).float()
        return cross_entropy(scores, labels[:, 1:][wanted], reduction="sum")


class ImageInputs:
    """Images of a batch as the loss takes them.

    With a frozen tower the embedding of an image never changes: it is made once and kept, on the
    CPU, for all the windows and epochs that show it.
    """

    def __init__(
        self,
        images: TrainingImages,
        processor: WindowProcessor,
        core: Any,
        *,
        keep_embeddings: bool,
    ) -> None:
        self._images = images
        self._processor = processor
        self._core = core
        self._keep = keep_embeddings
        self._embeddings: OrderedDict[tuple[int, int], torch.Tensor] = OrderedDict()
        self._grid: torch.Tensor | None = None

    def grid(self, night: int, epoch: int) -> torch.Tensor:
        """Grid of every image, (1, 3): they are all of one size."""
        if self._grid is None:
            self._grid = self._patches(night, epoch).grid
        return self._grid

    def of(self, batch: Batch, device: torch.device) -> dict[str, torch.Tensor]:
        if self._keep:
            return {"embeddings": self._kept(batch.images, device)}
        return self._pixels(batch.images, device)

    def _kept(self, images: Sequence[tuple[int, int]], device: torch.device) -> torch.Tensor:
        missing = [key for key in images if key not in self._embeddings]
        if missing:
            made = self._pixels(missing, device)
            with torch.no_grad():
                found = self._core.model.get_image_features(made["pixels"], made["grids"])
            for key, one in zip(missing, found.pooler_output, strict=True):
                self._embeddings[key] = one.detach().cpu().clone()
        return torch.stack([self._embeddings[key] for key in images]).to(device)

    def _pixels(
        self, images: Sequence[tuple[int, int]], device: torch.device
    ) -> dict[str, torch.Tensor]:
        patches = [self._patches(*key) for key in images]
        return {
            "pixels": torch.cat([one.pixels for one in patches]).to(device),
            "grids": torch.cat([one.grid for one in patches]).to(device),
        }

    def _patches(self, night: int, epoch: int) -> ImagePatches:
        return self._processor.patches(self._images.get(night, epoch))


def max_tokens_of(model: Any) -> int:
    """Longest sequence the language half was made for."""
    limit = getattr(model.config.text_config, "max_position_embeddings", 0)
    if not limit:
        raise TrainingError("The checkpoint does not say how long a text it takes")
    return int(limit)
