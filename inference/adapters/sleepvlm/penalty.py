"""The repetition penalty, as transformers and vLLM apply it: to tokens of prompt and reply."""

from __future__ import annotations

from collections.abc import Sequence

import torch


class RepetitionPenalty:
    """Lowers the scores of tokens that a row contains already.

    Parameters
    ----------
    penalty : float
        Divides scores above 0, and multiplies those below.
    prompt_ids : sequence of int
        Tokens of the prompt, the same for all rows.
    like : (rows, size)
        Logits of the first token, for their shape and device.
    """

    def __init__(self, penalty: float, prompt_ids: Sequence[int], *, like: torch.Tensor) -> None:
        self._penalty = penalty
        self._seen = torch.zeros_like(like, dtype=torch.bool)
        self._seen[:, torch.tensor(prompt_ids, device=like.device)] = True

    def lower(self, logits: torch.Tensor) -> torch.Tensor:
        """Return the logits, (rows, size), with those of seen tokens lowered."""
        lowered = torch.where(logits < 0, logits * self._penalty, logits / self._penalty)
        return torch.where(self._seen, lowered, logits)

    def take(self, tokens: Sequence[int]) -> None:
        """Note the last token of each row."""
        rows = torch.arange(len(tokens), device=self._seen.device)
        self._seen[rows, torch.tensor(tokens, device=self._seen.device)] = True

    def keep(self, rows: Sequence[int]) -> None:
        """Continue with some of the rows, in this order."""
        self._seen = self._seen[list(rows)]
