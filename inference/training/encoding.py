"""From samples to tensors: token ids, places of images, positions, labels of the reply alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.prompts import Prompt
from inference.training.errors import TrainingError
from inference.training.samples import Sample

IGNORED = -100


@dataclass(frozen=True)
class Asked:
    """A prompt with its images, encoded once for all samples that share it.

    ``positions`` are (3, tokens): those of an image spread in height and width.
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
    """Encodes samples for one model.

    Parameters
    ----------
    model : Qwen2_5_VLForConditionalGeneration
        Asked for positions only.
    """

    def __init__(self, processor: WindowProcessor, model: Any, *, max_tokens: int) -> None:
        self._processor = processor
        self._model = model
        self._max_tokens = max_tokens
        self._asked: dict[tuple[Prompt, int], Asked] = {}
        self._grid: torch.Tensor | None = None

    def batch(self, samples: Sequence[Sample], grid: torch.Tensor) -> Batch:
        """Encode samples whose images have this grid, (1, 3)."""
        rows = [self._row(sample, grid) for sample in samples]
        width = max(len(ids) for ids, _, _ in rows)
        ids = torch.zeros((len(rows), width), dtype=torch.long)
        labels = torch.full((len(rows), width), IGNORED)
        positions = torch.zeros((3, len(rows), width), dtype=torch.long)
        for row, (its, asked, places) in enumerate(rows):
            ids[row, : len(its)] = its
            labels[row, asked : len(its)] = its[asked:]
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
        """Ids, how many of them are asked, and positions, (3, tokens)."""
        asked = self._ask(sample.prompt, len(sample.images), grid)
        reply = self._processor.tokenizer.encode(sample.reply, add_special_tokens=False)
        reply.append(self._processor.turn_end_id)
        if len(asked.ids) + len(reply) > self._max_tokens:
            raise TrainingError(
                f"A sample has {len(asked.ids) + len(reply)} tokens, the model takes"
                f" {self._max_tokens}",
                where=f"epoch {sample.images[-1]}",
                advice="Shorten the prompt, or ask for fewer seconds in pre-training.",
            )
        ids = torch.cat([asked.ids, torch.tensor(reply)])
        next_position = int(asked.positions.max()) + 1
        behind = torch.arange(next_position, next_position + len(reply)).expand(3, -1)
        return ids, len(asked.ids), torch.cat([asked.positions, behind], dim=1)

    def _ask(self, prompt: Prompt, count: int, grid: torch.Tensor) -> Asked:
        key = (prompt, count)
        if key not in self._asked:
            grids = [grid] * count
            ids = torch.tensor([self._processor.window_ids(prompt, grids)])
            positions, _ = self._model.model.get_rope_index(
                ids,
                mm_token_type_ids=(ids == self._processor.image_pad_id).int(),
                image_grid_thw=torch.cat(grids),
            )
            if len(self._asked) > 4096:  # pre-training asks for other seconds each time
                self._asked.clear()
            self._asked[key] = Asked(ids[0], positions[:, 0])
        return self._asked[key]
