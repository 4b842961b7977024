"""A checkpoint of the released architecture, a few megabytes, random from a seed.

Made in seconds, so that tests and benchmarks run the real path with a real folder on any CPU.
What it writes is noise; what happens to it on the way is not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
)

from inference.adapters.sleepvlm.processor import TURN_END, WindowProcessor
from inference.prompts import Prompt
from psg.render import HEIGHT_PX, WIDTH_PX

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


def make_tiny_checkpoint(folder: Path, *, seed: int, text: str, vocabulary: int = 600) -> Path:
    """Write a whole checkpoint to ``folder``.

    Parameters
    ----------
    seed : int
        The same seed gives the same weights.
    text : str
        Text the small tokenizer learns its pieces from.
    vocabulary : int
        Size of the vocabulary, special tokens included.
    """
    tokenizer = _tokenizer(text, vocabulary)
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(_config(tokenizer))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Qwen2VLImageProcessorPil().save_pretrained(folder)
    return folder


def _tokenizer(text: str, vocabulary: int) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(text.splitlines(keepends=True), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )


def _config(tokenizer: PreTrainedTokenizerFast) -> Qwen2_5_VLConfig:
    known = tokenizer.get_vocab()
    ids = {token: known[token] for token in SPECIAL_TOKENS}
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
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
        tie_word_embeddings=True,
    )


def teach_reply(folder: Path, *, prompt: Prompt, reply: str, steps: int = 120) -> None:
    """Fit the checkpoint in ``folder`` until it answers ``prompt`` with ``reply``.

    Whatever it is shown: with a fixed answer in the published form, tests run a whole night
    through real weights.
    """
    torch.manual_seed(0)
    processor = WindowProcessor(folder)
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, local_files_only=True)
    blank = processor.patches(np.zeros((HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8))
    inputs = processor.batch(prompt, [[blank, blank, blank]])
    answer = processor.tokenizer.encode(reply + TURN_END, add_special_tokens=False)
    _fit(model, inputs, torch.tensor([answer]), steps)
    model.save_pretrained(folder)


def _fit(model: Any, inputs: dict[str, torch.Tensor], answer: torch.Tensor, steps: int) -> None:
    asked = inputs["input_ids"].shape[1]
    ids = torch.cat([inputs["input_ids"], answer], dim=1)
    labels = ids.clone()
    labels[:, :asked] = -100
    whole = {
        **inputs,
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "mm_token_type_ids": torch.nn.functional.pad(
            inputs["mm_token_type_ids"], (0, answer.shape[1])
        ),
    }
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(steps):
        optimiser.zero_grad()
        # Another picture at every step, so that the answer does not hang on one.
        whole["pixel_values"] = torch.randn_like(inputs["pixel_values"])
        model(**whole, labels=labels).loss.backward()
        optimiser.step()
