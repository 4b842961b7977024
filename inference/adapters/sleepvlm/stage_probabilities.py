"""How likely each stage was where the model wrote a stage.

At the place of the stage the five stages are weighed against each other: each is spelled out in
tokens and read by the model behind what it had written by then, and at each token only those that
lead to a stage share. In the published order the stage comes last, so these probabilities are
conditional on the rationale and the rules of that reply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from inference.adapters.sleepvlm.decoder import Beginning, Decoder, WindowCache
from inference.adapters.sleepvlm.grammar import Vocabulary
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.parsing.reply import STAGE_KEY
from psg.stages import STAGES, Stage

_BEFORE_STAGE = re.compile(STAGE_KEY.encode() + rb'"\s*:\s*"')


@dataclass(frozen=True)
class StagePlace:
    """Where a stage begins in the tokens of a reply.

    Parameters
    ----------
    token : int
        Index of the token that holds the first letter of the stage.
    lead : str
        What that token holds before it, such as a quotation mark.
    """

    token: int
    lead: str


def stage_place(pieces: Sequence[bytes]) -> StagePlace | None:
    """Find the stage in a reply, given as the bytes of its tokens; None where there is none."""
    ends = [match.end() for match in _BEFORE_STAGE.finditer(b"".join(pieces))]
    if not ends:
        return None
    start = 0
    for token, piece in enumerate(pieces):
        if start + len(piece) > ends[-1]:
            lead = piece[: ends[-1] - start]
            return StagePlace(token, lead.decode()) if lead.isascii() else None
        start += len(piece)
    return None  # cut off before the stage


def contexts(spelled: Mapping[Stage, Sequence[int]]) -> list[tuple[int, ...]]:
    """The fewest token sequences behind which every token of every stage can be read.

    ``N2`` of two tokens is read behind its ``N``; a stage of one token behind nothing, which any
    longer sequence gives as well.
    """
    all_of_them = {tuple(tokens[:-1]) for tokens in spelled.values()}
    return sorted(
        tokens
        for tokens in all_of_them
        if not any(tokens != other and other[: len(tokens)] == tokens for other in all_of_them)
    )


def stage_probabilities(
    spelled: Mapping[Stage, Sequence[int]], read: Mapping[tuple[int, ...], torch.Tensor]
) -> dict[str, float]:
    """Weigh the stages against each other, token by token, as the grammar lets them be written.

    Parameters
    ----------
    spelled : mapping of Stage to tokens
        None of them the beginning of another.
    read : mapping of context to (1 + its length, vocabulary)
        Logits before the first and behind each token of a context.

    Returns
    -------
    dict of str to float
        They add up to 1.
    """
    return {str(stage): round(_share(spelled, stage, read), 6) for stage in STAGES}


def _share(
    spelled: Mapping[Stage, Sequence[int]],
    stage: Stage,
    read: Mapping[tuple[int, ...], torch.Tensor],
) -> float:
    tokens = list(spelled[stage])
    logits = next(
        its for context, its in read.items() if list(context[: len(tokens) - 1]) == tokens[:-1]
    )
    share = 1.0
    for place, token in enumerate(tokens):
        rivals = sorted(
            {other[place] for other in spelled.values() if list(other[:place]) == tokens[:place]}
        )
        shares = torch.softmax(logits[place, rivals].float(), dim=-1)
        share *= float(shares[rivals.index(token)])
    return share


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
        by_row: list[Shares | None] = [None] * len(replies)
        # Rows whose stage begins within a token in the same way spell the stages alike.
        for lead in {place.lead for place in places if place}:
            alike = [place if place and place.lead == lead else None for place in places]
            for row, shares in self._weigh_alike(beginning, cache, replies, alike, lead).items():
                by_row[row] = shares
        return by_row

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
            place if place and _is_a_stage(spelled, reply or (), place) else None
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


def _is_a_stage(
    spelled: Mapping[Stage, Sequence[int]], reply: Sequence[int], place: StagePlace
) -> bool:
    written = reply[place.token :]
    return any(list(written[: len(tokens)]) == list(tokens) for tokens in spelled.values())


def _visible(prefix: int, own: int, seen: torch.Tensor, new: int) -> torch.Tensor:
    """What each new token sees: (rows, 1, new, prefix + own + new).

    The prefix, the first ``seen`` (rows, 1) of a row's own tokens, and the new ones up to itself.
    """
    slots = torch.arange(prefix + own + new, device=seen.device)
    before = (slots < prefix + seen)[:, None, None, :]
    newest = prefix + own + torch.arange(new, device=seen.device)[:, None]
    return before | ((slots >= prefix + own) & (slots <= newest))
