"""How likely each stage was where the model wrote one.

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
    found = [match.end() for match in _BEFORE_STAGE.finditer(b"".join(pieces))]
    if not found:
        return None
    start = 0
    for token, piece in enumerate(pieces):
        if start + len(piece) > found[-1]:
            lead = piece[: found[-1] - start]
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
        one
        for one in all_of_them
        if not any(one != other and other[: len(one)] == one for other in all_of_them)
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
        found for one, found in read.items() if list(one[: len(tokens) - 1]) == tokens[:-1]
    )
    share = 1.0
    for place, token in enumerate(tokens):
        rivals = sorted(
            {other[place] for other in spelled.values() if list(other[:place]) == tokens[:place]}
        )
        shares = torch.softmax(logits[place, rivals].float(), dim=-1)
        share *= float(shares[rivals.index(token)])
    return share
