"""Read the five stages at the place where replies name theirs, for a whole batch at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from inference.adapters.sleepvlm.attention import WindowCache
from inference.adapters.sleepvlm.beginning import Beginning
from inference.adapters.sleepvlm.decoder import Decoder
from inference.adapters.sleepvlm.grammar import Vocabulary
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.adapters.sleepvlm.stages import (
    StagePlace,
    contexts,
    stage_place,
    stage_probabilities,
)
from psg.stages import STAGES, Stage

ROOM = 32
"""Tokens of room that a cache needs behind its replies."""
Shares = dict[str, float]


class StageScale:
    """Weighs the stages with the model that wrote the replies."""

    def __init__(
        self, decoder: Decoder, processor: WindowProcessor, vocabulary: Vocabulary
    ) -> None:
        self._decoder = decoder
        self._encode = processor.tokenizer.encode
        self._vocabulary = vocabulary

    def weigh(
        self, beginning: Beginning, cache: WindowCache, replies: Sequence[Sequence[int] | None]
    ) -> list[Shares | None]:
        """Probabilities of the stages, one a row of the cache.

        Parameters
        ----------
        replies : sequence of token ids
            What each row wrote; None for rows that still write. Those have no probabilities, nor
            have replies without a stage, or with one in other tokens than the tokenizer's: the
            shares would not be those of what was written.
        """
        places = [self._place(reply) if reply else None for reply in replies]
        found: list[Shares | None] = [None] * len(replies)
        # Rows whose stage begins within a token in the same way spell the stages alike.
        for lead in {place.lead for place in places if place}:
            alike = [place if place and place.lead == lead else None for place in places]
            for row, shares in self._weigh_alike(beginning, cache, replies, alike, lead).items():
                found[row] = shares
        return found

    def _place(self, reply: Sequence[int]) -> StagePlace | None:
        return stage_place([self._vocabulary.tokens.decode_bytes([token]) for token in reply])

    def _weigh_alike(
        self,
        beginning: Beginning,
        cache: WindowCache,
        replies: Sequence[Sequence[int] | None],
        places: Sequence[StagePlace | None],
        lead: str,
    ) -> dict[int, Shares]:
        spelled = {stage: self._encode(lead + stage, add_special_tokens=False) for stage in STAGES}
        if max(map(len, spelled.values())) > ROOM:
            return {}
        places = [
            place if place and _says_one_of(spelled, reply or (), place) else None
            for reply, place in zip(replies, places, strict=True)
        ]
        rows = [
            # The last token of the question stands before a reply that begins with its stage.
            ([int(beginning.own_ids[-1]), *(reply or [])][place.token], place.token)
            if place
            else (0, 0)
            for reply, place in zip(replies, places, strict=True)
        ]
        read = {
            context: self._read_behind(beginning, cache, rows, context)
            for context in contexts(spelled)
        }
        return {
            row: stage_probabilities(
                spelled, {context: logits[row] for context, logits in read.items()}
            )
            for row, place in enumerate(places)
            if place
        }

    def _read_behind(
        self,
        beginning: Beginning,
        cache: WindowCache,
        rows: Sequence[tuple[int, int]],
        context: tuple[int, ...],
    ) -> torch.Tensor:
        """Logits at the stage and behind each token of ``context``, (rows, 1 + n, vocabulary).

        ``rows`` gives the token before the stage and the index of the stage. That token is read
        again with the context behind it, in the spare room of the cache, and looks at its own
        reply up to there.
        """
        tokens = self._decoder.tensor([[before, *context] for before, _ in rows])
        starts = self._decoder.tensor([index for _, index in rows])[:, None]
        steps = torch.arange(tokens.shape[1], device=tokens.device)
        positions = (beginning.next_position - 1 + starts + steps).expand(3, -1, -1)
        visible = _visible(
            cache.prefix_length, cache.length, beginning.own - 1 + starts, tokens.shape[1]
        )
        states = self._decoder.read(self._decoder.embed(tokens), positions, cache, visible)
        return self._decoder.logits(states)


def _says_one_of(
    spelled: Mapping[Stage, Sequence[int]], reply: Sequence[int], place: StagePlace
) -> bool:
    said = reply[place.token :]
    return any(list(said[: len(tokens)]) == list(tokens) for tokens in spelled.values())


def _visible(prefix: int, own: int, seen: torch.Tensor, new: int) -> torch.Tensor:
    """What each new token sees: (rows, 1, new, prefix + own + new).

    The prefix, the first ``seen`` (rows, 1) of a row's own tokens, and the new ones up to itself.
    """
    slots = torch.arange(prefix + own + new, device=seen.device)
    before = (slots < prefix + seen)[:, None, None, :]
    newest = prefix + own + torch.arange(new, device=seen.device)[:, None]
    return before | ((slots >= prefix + own) & (slots <= newest))
