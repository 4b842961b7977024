"""Fresh weights in which numbers lie in their order.

Replies are full of numbers: seconds, decibels, microvolts. With independent rows each of two
hundred tokens is learnt by itself, from the few replies it occurs in. Rows that change slowly from
one number to the next make what is learnt of 17 hold for 16 and 18 too, in the embedding and in
the scores.
"""

from __future__ import annotations

import math
import re
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

_PERIODS = [8 * 1.6**step for step in range(10)]
"""From where neighbours still differ to where the whole range, 0 to 199, is one slope."""
_ORDERED = 0.9
"""Share of a row that its neighbours nearly have too; the rest tells it from them."""
_NUMBER = re.compile(r"\d{1,3}")


def put_numbers_in_order(model: Any, tokenizer: PreTrainedTokenizerFast, *, seed: int) -> None:
    """Redraw the rows of number tokens, in embedding and scores, no larger than they were.

    Parameters
    ----------
    model : Qwen2_5_VLForConditionalGeneration
        Just drawn; its embedding and its scores are not tied.
    """
    numbers = {int(text): i for text, i in tokenizer.get_vocab().items() if _NUMBER.fullmatch(text)}
    ids = list(numbers.values())
    generator = torch.Generator().manual_seed(seed)
    for rows in (model.get_input_embeddings().weight, model.get_output_embeddings().weight):
        spread = float(rows.detach().std())
        ordered = spread * _waves(list(numbers)) @ _directions(rows.shape[1], generator)
        with torch.no_grad():
            rows[ids] = _ORDERED * ordered + math.sqrt(1 - _ORDERED**2) * rows[ids]


def _waves(numbers: list[int]) -> Tensor:
    """Cosine and sine of each number for each period, (numbers, 2 periods), of unit length."""
    turns = torch.tensor(numbers)[:, None] * (2 * math.pi / torch.tensor(_PERIODS))
    return torch.cat([turns.cos(), turns.sin()], dim=1) / math.sqrt(len(_PERIODS))


def _directions(width: int, generator: torch.Generator) -> Tensor:
    return torch.randn(2 * len(_PERIODS), width, generator=generator)
