"""Probabilities of the five stages: where the model wrote the stage, or before it wrote a word.

Each stage is spelled in tokens, and the model reads these tokens after the text that it had written
before the stage. At each token the probability is shared among the tokens that lead to a stage. In
the published order the stage comes last, so the probabilities are conditional on rationale and
rules of the reply. ``StageFirst`` reads them behind the beginning of a reply without a rationale.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch

from inference.adapters.sleepvlm.decoder import Beginning, Decoder, WindowCache
from inference.adapters.sleepvlm.grammar import Vocabulary
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.parsing.reply import STAGE_KEY
from inference.prompts.stage_first import StageQuestion
from psg.stages import STAGES, Stage

AnswerT = TypeVar("AnswerT", bound=str)
_BEFORE_STAGE = re.compile(STAGE_KEY.encode() + rb'"\s*:\s*"')


@dataclass(frozen=True)
class StagePlace:
    """Position of the stage in the tokens of a reply.

    Parameters
    ----------
    token : int
        Index of the token that contains the first letter of the stage.
    lead : str
        Text of that token before the stage, for example a quotation mark.
    """

    token: int
    lead: str


def stage_place(pieces: Sequence[bytes]) -> StagePlace | None:
    """Return the position of the stage in a reply, given as bytes of its tokens, or None."""
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


def contexts(spelled: Mapping[AnswerT, Sequence[int]]) -> list[tuple[int, ...]]:
    """Return the shortest list of contexts that gives the logits of all tokens of all answers.

    ``N2`` in two tokens needs the context ``N``. A stage in a single token needs the empty context,
    which is the beginning of every other context.
    """
    candidates = {tuple(tokens[:-1]) for tokens in spelled.values()}
    return sorted(
        tokens
        for tokens in candidates
        if not any(tokens != other and other[: len(tokens)] == tokens for other in candidates)
    )


def stage_probabilities(
    spelled: Mapping[Stage, Sequence[int]], read: Mapping[tuple[int, ...], torch.Tensor]
) -> dict[str, float]:
    """Compute the probabilities of the stages, token by token.

    Parameters
    ----------
    spelled : mapping of Stage to tokens
        No sequence may be the beginning of another.
    read : mapping of context to (1 + its length, vocabulary)
        Logits before the first and after each token of a context.

    Returns
    -------
    dict of str to float
        Stage to probability; the sum is 1.
    """
    return {str(stage): round(_share(spelled, stage, read), 6) for stage in STAGES}


def _share(
    spelled: Mapping[AnswerT, Sequence[int]],
    answer: AnswerT,
    read: Mapping[tuple[int, ...], torch.Tensor],
) -> float:
    tokens = list(spelled[answer])
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
"""Spare tokens that a cache needs after its replies."""
Shares = dict[str, float]


class StageScale:
    """Computes stage probabilities with the model that wrote the replies."""

    def __init__(
        self, decoder: Decoder, processor: WindowProcessor, vocabulary: Vocabulary
    ) -> None:
        self._decoder = decoder
        self._encode = processor.tokenizer.encode
        self._vocabulary = vocabulary

    def weigh(
        self, beginning: Beginning, cache: WindowCache, replies: Sequence[Sequence[int] | None]
    ) -> list[Shares | None]:
        """Return the probabilities of the stages for each row of the cache.

        Parameters
        ----------
        replies : sequence of token ids
            Reply of each row; None for unfinished rows, which get no probabilities. Replies
            without a stage get none either, nor replies that spell the stage in other tokens than
            the tokenizer, because the probabilities would not fit the written tokens.
        """
        places = [self._place(reply) if reply else None for reply in replies]
        by_row: list[Shares | None] = [None] * len(replies)
        # Rows with the same text before the stage spell the stages in the same tokens.
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
            # If a reply begins with its stage, the token before it is the last token of the prompt.
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
        """Return logits at the stage and after each context token, (rows, 1 + n, vocabulary).

        ``rows`` contains the token before the stage and the index of the stage. That token is read
        again, followed by the context, in the spare part of the cache. It attends to its own reply
        up to the stage.
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
    """Return the tokens that each new token attends to, (rows, 1, new, prefix + own + new).

    These are the prefix, the first ``seen`` (rows, 1) tokens of the row, and the new tokens up to
    the token itself.
    """
    slots = torch.arange(prefix + own + new, device=seen.device)
    before = (slots < prefix + seen)[:, None, None, :]
    newest = prefix + own + torch.arange(new, device=seen.device)[:, None]
    return before | ((slots >= prefix + own) & (slots <= newest))


class StageFirst:
    """Asks for the stage before any word, behind the images that a cache holds already.

    Parameters
    ----------
    question : StageQuestion
        Its answers may have beginnings in common, but none may be the beginning of another.
    """

    def __init__(
        self, decoder: Decoder, processor: WindowProcessor, question: StageQuestion
    ) -> None:
        self._decoder = decoder
        self._question = question
        spelled = {
            answer: processor.tokenizer.encode(question.opening + answer, add_special_tokens=False)
            for answer in question.answers
        }
        # Tokens may reach from the opening into an answer: only what all have in common is forced.
        columns = zip(*spelled.values(), strict=False)
        shared = next(n for n, tokens in enumerate(columns) if len(set(tokens)) > 1)
        self._opening = next(iter(spelled.values()))[:shared]
        self._spelled = {answer: tokens[shared:] for answer, tokens in spelled.items()}
        self.room = max(map(len, spelled.values()))
        """Spare tokens that a cache needs."""

    def weigh(self, beginning: Beginning, cache: WindowCache, rows: int) -> list[Shares]:
        """Return the probabilities of the stages for each window, of which nothing is written."""
        read = {
            context: self._read(beginning, cache, rows, context)
            for context in contexts(self._spelled)
        }
        return [
            self._question.by_stage(
                {
                    answer: _share(
                        self._spelled, answer, {c: logits[row] for c, logits in read.items()}
                    )
                    for answer in self._spelled
                }
            )
            for row in range(rows)
        ]

    def _read(
        self, beginning: Beginning, cache: WindowCache, rows: int, context: tuple[int, ...]
    ) -> torch.Tensor:
        """Return logits behind the opening and each context token, (rows, 1 + n, vocabulary)."""
        tokens = self._decoder.tensor([[*self._opening, *context]] * rows)
        steps = torch.arange(tokens.shape[1], device=tokens.device)
        positions = (beginning.next_position + steps).expand(3, rows, -1)
        seen = torch.full((rows, 1), beginning.own, device=tokens.device)
        visible = _visible(cache.prefix_length, cache.length, seen, tokens.shape[1])
        states = self._decoder.read(self._decoder.embed(tokens), positions, cache, visible)
        return self._decoder.logits(states[:, len(self._opening) - 1 :])
