"""A model of the released size with random weights: for speed and memory, which they decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForImageTextToText, Qwen2_5_VLConfig, Qwen2VLImageProcessorPil

from inference.adapters.sleepvlm.tiny import special_ids, tiny_tokenizer

PARAMETERS = 3_754_622_976
"""Of Qwen2.5-VL-3B."""


def make_released_size(
    folder: Path, *, text: str, device: torch.device, dtype: torch.dtype, layers: int = 36
) -> Any:
    """Build the model in memory, and write a small tokenizer for it to ``folder``.

    Parameters
    ----------
    text : str
        Text the tokenizer learns its pieces from.
    layers : int
        Of the language half; fewer to try it out where memory is short.
    """
    tokenizer = tiny_tokenizer(text, 600)
    tokenizer.save_pretrained(folder)
    Qwen2VLImageProcessorPil().save_pretrained(folder)
    with device:
        model = AutoModelForImageTextToText.from_config(
            _config(special_ids(tokenizer), layers), dtype=dtype
        )
    return model.eval()


def _config(ids: dict[str, int], layers: int) -> Qwen2_5_VLConfig:
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
