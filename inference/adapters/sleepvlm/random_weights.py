"""Checkpoints of the released architecture with random weights, for tests and benchmarks.

The tiny checkpoint has a few megabytes and is made in seconds, so that tests can run the real code
on any CPU. The other has the released size, which determines speed and memory. The replies have no
meaning.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForImageTextToText,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
)

from inference.adapters.sleepvlm.processor import WindowProcessor, chat_text
from inference.prompts import Prompt

SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
_HEADS = 4
_HEAD_DIM = 16
_HIDDEN = _HEADS * _HEAD_DIM
_VISION_HIDDEN = 32
_PIECE_CHARS = 12


def make_tiny_checkpoint(folder: Path, *, seed: int, text: str, vocabulary: int = 600) -> Path:
    """Write a complete checkpoint to ``folder``.

    Parameters
    ----------
    seed : int
        The same seed gives the same weights.
    text : str
        Text from which the small tokenizer learns its tokens.
    vocabulary : int
        Size of the vocabulary, special tokens included.
    """
    tokenizer = tiny_tokenizer(text, vocabulary)
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(_tiny_config(tokenizer))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Qwen2VLImageProcessorPil().save_pretrained(folder)
    return folder


def tiny_tokenizer(text: str, vocabulary: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer of the released kind, learnt from a text."""
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return learnt_tokenizer(text.splitlines(keepends=True), cut, vocabulary)


def learnt_tokenizer(
    texts: Iterable[str], cut: pre_tokenizers.PreTokenizer, vocabulary: int
) -> PreTrainedTokenizerFast:
    """Learn byte pairs from texts split by ``cut``; no token crosses a split.

    Parameters
    ----------
    vocabulary : int
        Maximum number of tokens, including special tokens and single bytes.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )


def special_ids(tokenizer: PreTrainedTokenizerFast) -> dict[str, int]:
    """Return the ids of the special tokens of images and turns."""
    known = tokenizer.get_vocab()
    return {token: known[token] for token in SPECIAL_TOKENS}


def _tiny_config(tokenizer: PreTrainedTokenizerFast) -> Qwen2_5_VLConfig:
    ids = special_ids(tokenizer)
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "initializer_range": 0.2,
            "hidden_size": _HIDDEN,
            "intermediate_size": 2 * _HIDDEN,
            "num_hidden_layers": 2,
            "num_attention_heads": _HEADS,
            "num_key_value_heads": 2,
            # Sections of time, height and width: half a head in all, as in the large model.
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1_000_000.0,
                "mrope_section": [2, 3, 3],
            },
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
        },
        vision_config={
            "depth": 2,
            "initializer_range": 0.2,
            "hidden_size": _VISION_HIDDEN,
            "intermediate_size": 2 * _VISION_HIDDEN,
            "num_heads": 2,
            "out_hidden_size": _HIDDEN,
            "fullatt_block_indexes": [1],
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )


def set_reply(folder: Path, *, prompt: Prompt, reply: str) -> None:
    """Set the weights in ``folder`` so that every answer to ``prompt`` is ``reply``.

    The layers are set to zero, so that each token determines the next. With a fixed reply in the
    published form, tests can score a whole night with a real checkpoint.
    """
    processor = WindowProcessor(folder)
    pieces = [reply[i : i + _PIECE_CHARS] for i in range(0, len(reply), _PIECE_CHARS)]
    if len(set(pieces)) < len(pieces):
        raise ValueError("a piece of the reply occurs twice, so the reply would never end")
    processor.tokenizer.add_tokens([AddedToken(piece, normalized=False) for piece in pieces])
    processor.tokenizer.save_pretrained(folder)
    vocabulary = processor.tokenizer.get_vocab()
    prompt_ids = processor.tokenizer.encode(chat_text(prompt), add_special_tokens=False)
    chain = [prompt_ids[-1], *(vocabulary[piece] for piece in pieces), processor.turn_end_id]
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, local_files_only=True)
    model.resize_token_embeddings(len(vocabulary), mean_resizing=False)
    _silence_layers(model)
    _chain_tokens(model, chain)
    model.save_pretrained(folder)


def _silence_layers(model: Any) -> None:
    for name, weights in model.model.language_model.named_parameters():
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            torch.nn.init.zeros_(weights)


def _chain_tokens(model: Any, chain: list[int]) -> None:
    """Make each token of the chain the most probable after its predecessor."""
    embeddings = model.get_input_embeddings().weight.detach()
    head = torch.zeros_like(embeddings)
    for token, following in pairwise(chain):
        head[following] = torch.nn.functional.normalize(embeddings[token], dim=0)
    model.lm_head.weight = torch.nn.Parameter(head)


PARAMETERS = 3_754_622_976
"""Number of parameters of Qwen2.5-VL-3B."""


def make_released_size(
    folder: Path, *, text: str, device: torch.device, dtype: torch.dtype, layers: int = 36
) -> Any:
    """Create the model in memory, and write a small tokenizer for it to ``folder``.

    Parameters
    ----------
    text : str
        Text from which the tokenizer learns its tokens.
    layers : int
        Layers of the language model; fewer for a trial with little memory.
    """
    tokenizer = tiny_tokenizer(text, 600)
    tokenizer.save_pretrained(folder)
    Qwen2VLImageProcessorPil().save_pretrained(folder)
    with device:
        model = AutoModelForImageTextToText.from_config(
            _released_config(special_ids(tokenizer), layers), dtype=dtype
        )
    return model.eval()


def _released_config(ids: dict[str, int], layers: int) -> Qwen2_5_VLConfig:
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": 151_936,
            "hidden_size": 2048,
            "intermediate_size": 11_008,
            "num_hidden_layers": layers,
            "num_attention_heads": 16,
            "num_key_value_heads": 2,
            "rms_norm_eps": 1e-6,
            "max_position_embeddings": 128_000,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1_000_000.0,
                "mrope_section": [16, 24, 24],
            },
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
            "tie_word_embeddings": True,
        },
        vision_config={
            "depth": 32,
            "hidden_size": 1280,
            "intermediate_size": 3420,
            "num_heads": 16,
            "out_hidden_size": 2048,
            "fullatt_block_indexes": [7, 15, 23, 31],
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=True,
    )
