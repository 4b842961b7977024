"""Grammar of a reply, so that each written token keeps the published form.

The most probable token is written if the grammar allows it, else the most probable of the allowed
tokens. So a reply that has the form without grammar is not changed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer
from numpy.typing import NDArray
from pydantic import JsonValue

from inference.bundles import BundleError
from inference.parsing.reply import RATIONALE_KEY, RULES_KEY, STAGE_KEY
from inference.prompts import Prompt
from psg.stages import STAGES

# Limited, because a model may otherwise write line ends until its tokens are used up.
_BLANKS = r"[ \n\r\t]{0,40}"


class Vocabulary:
    """The tokens of a model as bytes, for the grammar."""

    def __init__(self, tokenizer: Any, *, size: int, end_id: int) -> None:
        self.tokens: LLTokenizer = from_tokenizer(tokenizer, n_vocab=size, eos_token=end_id)
        self.end_id = end_id


class ReplyGrammar:
    """Grammar of the replies to a prompt: keys in order, known rules, and a stage."""

    def __init__(self, prompt: Prompt, rule_ids: Sequence[str], vocabulary: Vocabulary) -> None:
        self._text = _grammar(prompt, rule_ids)
        self._vocabulary = vocabulary
        if fault := fault_of(self._text, vocabulary):
            raise BundleError(
                f"The reply has no grammar: {fault}",
                advice="Set constrained = false under [decoding] in bundle.toml.",
            )

    def reader(self) -> ReplyReader:
        """Return a reader at the beginning of a reply."""
        return ReplyReader(LLMatcher(self._vocabulary.tokens, self._text, log_level=0))


class EpochGrammar:
    """Grammar of a single reply; a reply on which it fails ends there."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._text = text
        self._vocabulary = vocabulary
        self.fault = fault_of(text, vocabulary)

    def reader(self) -> ReplyReader:
        """Return a reader at the beginning of the reply."""
        matcher = LLMatcher(self._vocabulary.tokens, self._text, log_level=0)
        return ReplyReader(matcher, may_fail=True)


def fault_of(text: str, vocabulary: Vocabulary) -> str:
    """Return why a grammar cannot be used; empty if it can."""
    fault = LLMatcher.validate_grammar(text, vocabulary.tokens)
    return fault.splitlines()[0][:200] if fault else ""


class ReplyReader:
    """Follows a reply token by token."""

    def __init__(self, matcher: LLMatcher, *, may_fail: bool = False) -> None:
        self._matcher = matcher
        self._may_fail = may_fail
        self._has_failed = False

    @property
    def is_finished(self) -> bool:
        """Return whether no further token is allowed."""
        return self._has_failed or self._matcher.is_stopped()

    def choose(self, best: int, logits: torch.Tensor) -> int:
        """Return the most probable token, or if it is not allowed, the most probable allowed token.

        Parameters
        ----------
        best : int
            The most probable token.
        logits : (vocabulary,)
            Logits of all tokens.
        """
        if self._matcher.try_consume_tokens([best]) == 1:
            return best
        allowed = torch.from_numpy(self._allowed(len(logits))).to(logits.device)
        chosen = int(logits.masked_fill(~allowed, float("-inf")).argmax())
        if not self._matcher.consume_token(chosen):
            if not self._may_fail:
                raise RuntimeError(f"the grammar failed: {self._matcher.get_error()[:200]}")
            self._has_failed = True
        return chosen

    def _allowed(self, size: int) -> NDArray[np.bool_]:
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        return np.unpackbits(bits, count=size, bitorder="little").astype(np.bool_)


def _grammar(prompt: Prompt, rule_ids: Sequence[str]) -> str:
    """Return a Lark grammar. The code fence is optional, as in the parser of replies."""
    reply = "fenced | object" if prompt.fence else "object"
    return "\n".join(
        [
            f"start: {reply}",
            'fenced: "```json\\n" object /\\n?/ "```" /\\n?/',
            f"object: %json {json.dumps(_schema(prompt.keys, rule_ids))}",
        ]
    )


def _schema(keys: Sequence[str], rule_ids: Sequence[str]) -> JsonValue:
    text: JsonValue = {"type": "string"}
    known: dict[str, JsonValue] = {
        RATIONALE_KEY: text,
        RULES_KEY: {"type": "array", "items": {"enum": list(rule_ids)}},
        STAGE_KEY: {"enum": list(STAGES)},
    }
    return {
        "type": "object",
        "properties": {key: known.get(key, text) for key in keys},
        "required": list(keys),
        "additionalProperties": False,
        "x-guidance": {
            "whitespace_pattern": _BLANKS,
            "json_allow_general_unicode_escapes": True,
        },
    }
