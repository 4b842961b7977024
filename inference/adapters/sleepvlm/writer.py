"""Write the replies of many windows together, computing nothing twice.

The shared prompt is read once per night, each image is encoded once, and the windows of a batch are
written in parallel. Several replies to a window share what was read of it. All windows have the
same length, since all images have the same size; so no padding is needed, and all rows have the
same position. Positions are passed to the model explicitly; otherwise it would keep their offset
from the last call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from transformers import GenerationConfig
from transformers.modeling_outputs import BaseModelOutputWithPooling

from inference.adapters.sleepvlm.decoder import Beginning, Beginnings, Decoder, WindowCache
from inference.adapters.sleepvlm.grammar import (
    EpochGrammar,
    ReplyGrammar,
    ReplyReader,
    Vocabulary,
)
from inference.adapters.sleepvlm.penalty import RepetitionPenalty
from inference.adapters.sleepvlm.processor import EncodedImage, ImagePatches, WindowProcessor
from inference.adapters.sleepvlm.sampling import Draws, TokenNoise
from inference.adapters.sleepvlm.stage_probabilities import ROOM, StageFirst, StageScale
from inference.prompts import Prompt
from inference.prompts.stage_first import StageQuestion

_READ_AT_ONCE = 8
"""Windows read together; a larger number is not faster and needs more memory."""


@dataclass(frozen=True)
class Written:
    """Token ids of a reply, without the end token, and the stage probabilities."""

    ids: list[int]
    probabilities: dict[str, float] | None


@dataclass
class _Row:
    """An unfinished reply, and its position among the replies of the call."""

    place: int
    reader: ReplyReader | None
    noise: TokenNoise | None = None
    ids: list[int] = field(default_factory=list)
    finished: bool = False

    def take(self, token: int, *, end_id: int | None, most: int) -> None:
        if token == end_id:
            self.finished = True
            return
        self.ids.append(token)
        closed = self.reader is not None and self.reader.is_finished
        self.finished = closed or len(self.ids) == most


def _last(row: _Row) -> int:
    """Return the last token of a reply; any token if it ended at once."""
    return row.ids[-1] if row.ids else 0


class Writer:
    """Writes replies with a model.

    Parameters
    ----------
    model : Qwen2_5_VLForConditionalGeneration
        On its device, in eval mode. Its attention is replaced.
    max_new_tokens : int
        Maximum length of a reply.
    end_id : int, optional
        Token that ends a reply; if None, every reply has ``max_new_tokens``.
    repetition_penalty : float
        As in ``RepetitionPenalty``.
    question : StageQuestion, optional
        Asked before each reply; its answer replaces the probabilities of the written stage.
    """

    def __init__(
        self,
        model: Any,
        processor: WindowProcessor,
        *,
        max_new_tokens: int,
        end_id: int | None,
        repetition_penalty: float = 1.0,
        question: StageQuestion | None = None,
    ) -> None:
        self._processor = processor
        self._repetition_penalty = repetition_penalty
        self._decoder = Decoder(model)
        self._beginnings = Beginnings(self._decoder, processor)
        self._max_new_tokens = max_new_tokens
        self._end_id = end_id
        self.vocabulary = Vocabulary(
            processor.tokenizer, size=self._decoder.vocabulary_size, end_id=processor.turn_end_id
        )
        self._scale = StageScale(self._decoder, processor, self.vocabulary)
        self._first = StageFirst(self._decoder, processor, question) if question else None

    @torch.inference_mode()
    def write(
        self,
        prompt: Prompt,
        windows: Sequence[Sequence[EncodedImage]],
        grammar: ReplyGrammar | None = None,
        draws: Draws | None = None,
        *,
        own_grammars: Sequence[EpochGrammar] = (),
    ) -> list[Written]:
        """Write the most probable reply to each window; all must have images of the same sizes.

        With ``draws`` it is followed by the drawn replies to that window. With ``own_grammars``
        each window has one of its own, and nothing is drawn.
        """
        self._decoder.take_over()
        beginning = self._beginnings.of(prompt, [image.grid for image in windows[0]])
        noises = draws.noises(self._decoder.device) if draws else [None] * len(windows)
        cache = WindowCache(
            rows=len(noises),
            capacity=beginning.own + self._max_new_tokens + self._spare,
            prefix=beginning.cache,
        )
        logits = self._read(beginning, windows, cache)
        first = self._first.weigh(beginning, cache, len(windows)) if self._first else None
        if draws:
            of_window = [row // (1 + draws.count) for row in range(len(noises))]
            cache.keep(of_window)
            logits = logits[of_window]
        penalty = self._penalty(prompt, windows[0], logits)
        shared = [grammar] * len(noises)
        grammars: Sequence[EpochGrammar | ReplyGrammar | None] = own_grammars or shared
        rows = [
            _Row(place, its.reader() if its else None, noise)
            for place, (its, noise) in enumerate(zip(grammars, noises, strict=True))
        ]
        done: dict[int, Written] = {}
        while True:
            self._choose(rows, penalty.lower(logits) if penalty else logits)
            if penalty:
                penalty.take([_last(row) for row in rows])
            going = [slot for slot, row in enumerate(rows) if not row.finished]
            # Finished rows stay in the batch until half of the batch is finished.
            if 2 * len(going) <= len(rows):
                done |= self._written(beginning, rows, cache)
                if not going:
                    return self._with_first([done[place] for place in range(len(noises))], first)
                cache.keep(going)
                rows = [rows[slot] for slot in going]
                if penalty:
                    penalty.keep(going)
            logits = self._next_logits(beginning, rows, cache)

    @property
    def _spare(self) -> int:
        """Tokens that a cache needs beside its replies."""
        return max(ROOM, self._first.room if self._first else 0)

    def _with_first(
        self, written: list[Written], first: Sequence[dict[str, float]] | None
    ) -> list[Written]:
        """Give the replies to each window the probabilities that were read before them."""
        if first is None:
            return written
        each = len(written) // len(first)
        return [replace(its, probabilities=first[n // each]) for n, its in enumerate(written)]

    def _penalty(
        self, prompt: Prompt, window: Sequence[EncodedImage], logits: torch.Tensor
    ) -> RepetitionPenalty | None:
        """Return the penalty of these rows; None if it changes nothing."""
        if self._repetition_penalty == 1:
            return None
        ids = self._processor.window_ids(prompt, [image.grid for image in window])
        return RepetitionPenalty(self._repetition_penalty, ids, like=logits)

    def _read(
        self,
        beginning: Beginning,
        windows: Sequence[Sequence[EncodedImage]],
        cache: WindowCache,
    ) -> torch.Tensor:
        """Read the images of each window; return the logits of the first token, (rows, size)."""
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
        if any(row.noise for row in rows):
            each = zip(rows, logits, strict=True)
            logits = torch.stack(
                [row.noise.add(its) if row.noise else its.float() for row, its in each]
            )
        for slot, (row, best) in enumerate(zip(rows, logits.argmax(dim=-1).tolist(), strict=True)):
            if not row.finished:
                token = row.reader.choose(best, logits[slot]) if row.reader else best
                row.take(token, end_id=self._end_id, most=self._max_new_tokens)

    def _next_logits(
        self, beginning: Beginning, rows: Sequence[_Row], cache: WindowCache
    ) -> torch.Tensor:
        """Read the last token of each row; return the logits of the next, (rows, size)."""
        index = cache.length - beginning.own
        tokens = [[_last(row)] for row in rows]
        shape = (3, len(rows), 1)
        positions = torch.full(shape, beginning.next_position + index, device=self._decoder.device)
        embedded = self._decoder.embed(self._decoder.tensor(tokens))
        states = self._decoder.read(embedded, positions, cache)
        cache.length += 1
        return self._decoder.logits(states[:, -1])

    def _written(
        self, beginning: Beginning, rows: Sequence[_Row], cache: WindowCache
    ) -> dict[int, Written]:
        shares: Sequence[dict[str, float] | None] = [None] * len(rows)
        if self._first is None:
            finished = [row.ids if row.finished else None for row in rows]
            shares = self._scale.weigh(beginning, cache, finished)
        return {
            row.place: Written(row.ids, probabilities)
            for row, probabilities in zip(rows, shares, strict=True)
            if row.finished
        }


class PlainWriter:
    """Writes window by window with ``generate`` of the library; arguments as for ``Writer``.

    It is the baseline for speed and results of ``Writer``, in tests and benchmarks/prescore.py.
    """

    def __init__(
        self,
        model: Any,
        processor: WindowProcessor,
        *,
        max_new_tokens: int,
        end_id: int | None,
        repetition_penalty: float = 1.0,
    ) -> None:
        self._model = model
        self._processor = processor
        # A checkpoint may set penalties and sampling of its own.
        self._config = GenerationConfig(
            do_sample=False,
            repetition_penalty=repetition_penalty,
            max_new_tokens=max_new_tokens,
            eos_token_id=[] if end_id is None else [end_id],
            pad_token_id=processor.turn_end_id,
        )

    def write(self, prompt: Prompt, window: Sequence[ImagePatches]) -> list[int]:
        """Encode three images, read the prompt, and return the token ids of a reply."""
        return self._generate(
            prompt,
            [image.grid for image in window],
            pixel_values=torch.cat([image.pixels for image in window]).to(self._model.device),
        )

    def write_encoded(self, prompt: Prompt, window: Sequence[EncodedImage]) -> list[int]:
        """Write a reply for images that are already encoded."""
        each: Any = [image.embedding for image in window]  # a list, as the model returns them
        encoded = BaseModelOutputWithPooling(pooler_output=each)
        return self._generate(
            prompt, [image.grid for image in window], mm_encoder_outputs={"image": encoded}
        )

    def _generate(self, prompt: Prompt, grids: Sequence[torch.Tensor], **images: Any) -> list[int]:
        ids = torch.tensor([self._processor.window_ids(prompt, grids)], device=self._model.device)
        self._model.set_attn_implementation("sdpa")
        with torch.inference_mode():
            written = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                mm_token_type_ids=(ids == self._processor.image_pad_id).int(),
                image_grid_thw=torch.cat(list(grids)).to(self._model.device),
                generation_config=self._config,
                **images,
            )
        new: list[int] = written[0, ids.shape[1] :].tolist()
        return [token for token in new if token not in self._config.eos_token_id]
