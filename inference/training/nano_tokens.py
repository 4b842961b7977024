"""The small tokenizer of SleepVLM-nano: a phrase, a name or a number is one token.

Replies are short and their words few, so what a large model spells in a hundred tokens is said
in forty, and each token that is learnt carries a decision.
"""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Regex, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from inference.adapters.sleepvlm.random_weights import learnt_tokenizer

_NAMES = r"[FCOE][1-4][-\u2011][AM][12]|(?:W|N[123]|R|MBM)\.[1-9]|\b(?:N[123]|W|R)\b"
_NUMBERS = r"\d{1,3}"
_SENTENCE_END = r"[a-z]\. "


def nano_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Learn pieces from texts; no piece goes over a name, a number or the end of a sentence.

    Parameters
    ----------
    vocabulary : int
        Most tokens, special ones and single bytes included.
    """
    cut = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(f"{_NAMES}|{_NUMBERS}"), "isolated"),
            pre_tokenizers.Split(Regex(_SENTENCE_END), "merged_with_previous"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return learnt_tokenizer(texts, cut, vocabulary)
