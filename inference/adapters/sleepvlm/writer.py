"""Write the replies of many windows at once, greedily, without computing anything twice.

The prompt that all windows share is read once a night, each image is encoded once, and the windows
of a batch are written side by side. They are equally long, since every image has the same size:
nothing is padded, and one position serves all rows. Positions are given to the model explicitly;
left to itself it would keep their offset from the last call as state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from inference.adapters.sleepvlm.attention import WindowCache
from inference.adapters.sleepvlm.beginning import Beginning, Beginnings
from inference.adapters.sleepvlm.decoder import Decoder
from inference.adapters.sleepvlm.grammar import ReplyGrammar, ReplyReader, Vocabulary
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.adapters.sleepvlm.vision import EncodedImage
from inference.adapters.sleepvlm.weighing import ROOM, StageScale
from inference.prompts import Prompt

_READ_AT_ONCE = 8
"""Windows read in one go: more gains nothing and takes memory."""


@dataclass(frozen=True)
class Written:
    """Token ids of a reply, without the end of the turn, and the stages' probabilities."""

    ids: list[int]
    probabilities: dict[str, float] | None


@dataclass
class _Row:
    """A reply in the making, and its place among the windows asked for."""

    place: int
    reader: ReplyReader | None
    ids: list[int] = field(default_factory=list)
    finished: bool = False

    def take(self, token: int, *, end_id: int | None, most: int) -> None:
        if token == end_id:
            self.finished = True
            return
        self.ids.append(token)
        closed = self.reader is not None and self.reader.is_finished
        self.finished = closed or len(self.ids) == most


class Writer:
    """Writes replies with one model.

    Parameters
    ----------
    model : Qwen2_5_VLForConditionalGeneration
        On its device, in eval mode. Its attention is replaced while it writes.
    max_new_tokens : int
        Longest reply.
    end_id : int, optional
        Token that ends a reply; left out, every reply has ``max_new_tokens``.
    """

    def __init__(
        self, model: Any, processor: WindowProcessor, *, max_new_tokens: int, end_id: int | None
    ) -> None:
        self._decoder = Decoder(model)
        self._beginnings = Beginnings(self._decoder, processor)
        self._max_new_tokens = max_new_tokens
        self._end_id = end_id
        self.vocabulary = Vocabulary(
            processor.tokenizer, size=self._decoder.vocabulary_size, end_id=processor.turn_end_id
        )
        self._scale = StageScale(self._decoder, processor, self.vocabulary)

    @torch.inference_mode()
    def write(
        self,
        prompt: Prompt,
        windows: Sequence[Sequence[EncodedImage]],
        grammar: ReplyGrammar | None = None,
    ) -> list[Written]:
        """Write one reply a window; all windows have images of the same sizes."""
        self._decoder.take_over()
        beginning = self._beginnings.of(prompt, [image.grid for image in windows[0]])
        cache = WindowCache(
            rows=len(windows),
            capacity=beginning.own + self._max_new_tokens + ROOM,
            prefix=beginning.cache,
        )
        logits = self._read(beginning, windows, cache)
        rows = [_Row(place, grammar.reader() if grammar else None) for place in range(len(windows))]
        done: dict[int, Written] = {}
        while True:
            self._choose(rows, logits)
            going = [slot for slot, row in enumerate(rows) if not row.finished]
            # Finished rows go along until half of the batch is finished.
            if 2 * len(going) <= len(rows):
                done |= self._written(beginning, rows, cache)
                if not going:
                    return [done[place] for place in range(len(windows))]
                cache.keep(going)
                rows = [rows[slot] for slot in going]
            logits = self._go_on(beginning, rows, cache)

    def _read(
        self,
        beginning: Beginning,
        windows: Sequence[Sequence[EncodedImage]],
        cache: WindowCache,
    ) -> torch.Tensor:
        """Read what is each window's own; gives the logits of the first token, (rows, size)."""
        shape = (beginning.own, cache.prefix_length + beginning.own)
        visible = torch.ones(shape, dtype=torch.bool, device=self._decoder.device)
        visible = visible.tril(cache.prefix_length)
        last = []
        for start in range(0, len(windows), _READ_AT_ONCE):
            some = windows[start : start + _READ_AT_ONCE]
            cache.part = slice(start, start + len(some))
            embedded = self._decoder.embed(beginning.own_ids[None]).repeat(len(some), 1, 1)
            for row, window in zip(embedded, some, strict=True):
                row[beginning.is_image] = torch.cat([image.embedding for image in window])
            positions = beginning.own_positions.expand(3, len(some), -1)
            last.append(self._decoder.read(embedded, positions, cache, visible)[:, -1])
        cache.part = slice(0, len(windows))
        cache.length = beginning.own
        return self._decoder.logits(torch.cat(last))

    def _choose(self, rows: Sequence[_Row], logits: torch.Tensor) -> None:
        for slot, (row, best) in enumerate(zip(rows, logits.argmax(dim=-1).tolist(), strict=True)):
            if not row.finished:
                token = row.reader.choose(best, logits[slot]) if row.reader else best
                row.take(token, end_id=self._end_id, most=self._max_new_tokens)

    def _go_on(
        self, beginning: Beginning, rows: Sequence[_Row], cache: WindowCache
    ) -> torch.Tensor:
        """Read the last token of each row; gives the logits of the next, (rows, size)."""
        index = cache.length - beginning.own
        tokens = [[row.ids[-1] if row.ids else 0] for row in rows]
        shape = (3, len(rows), 1)
        positions = torch.full(shape, beginning.next_position + index, device=self._decoder.device)
        embedded = self._decoder.embed(self._decoder.tensor(tokens))
        states = self._decoder.read(embedded, positions, cache)
        cache.length += 1
        return self._decoder.logits(states[:, -1])

    def _written(
        self, beginning: Beginning, rows: Sequence[_Row], cache: WindowCache
    ) -> dict[int, Written]:
        shares = self._scale.weigh(
            beginning, cache, [row.ids if row.finished else None for row in rows]
        )
        return {
            row.place: Written(row.ids, found)
            for row, found in zip(rows, shares, strict=True)
            if row.finished
        }
