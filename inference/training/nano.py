"""SleepVLM-nano: a Qwen2.5-VL of a few million fresh parameters, with a tokenizer of its own.

    python -m inference.training.nano --out nano --seed 1

writes ``nano/checkpoint``, short prompts, and the configurations of both phases beside them. The
shape of everything is that of the large model, so the same script trains it and the same adapter
runs it; an image makes 32 tokens, and numbers are single tokens."""

from __future__ import annotations

import argparse
import math
import random
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, pre_tokenizers
from torch import Tensor
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
)

from inference.adapters.sleepvlm.processor import chat_text
from inference.adapters.sleepvlm.random_weights import learnt_tokenizer, special_ids
from inference.prompts import PUBLISHED_KEYS, Prompt
from inference.training.data.nights import TRAIN
from inference.training.data.simulated import simulated_night
from inference.training.errors import TrainingError
from inference.training.samples import reply_text, wpt_reply
from psg.rules.editions import get_edition
from psg.simulate import Cohort, cohort_seeds

PROMPTS = {
    "wpt": "Measure every second.\n",
    "fine": "Stage the target epoch and say why.\n",
    "coarse": "Stage the target epoch.\n",
}
_PATCH = 28
"""Pixels; four of them make a token, so an image of 448 x 224 makes 32."""
_TEXT_HOURS = 0.5
_VOCABULARY = 1024
_OFTEN = 100


@dataclass(frozen=True)
class NanoShape:
    """Sizes of both halves. The defaults make about 6.6 million parameters."""

    hidden: int = 256
    layers: int = 4
    heads: int = 4
    key_value_heads: int = 2
    vision_hidden: int = 192
    vision_layers: int = 4
    vision_heads: int = 4


SMALLEST = NanoShape(
    hidden=96, layers=2, heads=4, key_value_heads=2, vision_hidden=64, vision_layers=2
)
"""For tests: learns in seconds, and little."""
_CONFIG = """\
# {title}
model = "{model}"
run = "{run}"
seed = {seed}
save_every = 250
{vision}
[data]
source = "simulated"
train = 24
validation = 4
hours = 8
cache = "nights"

[prompts]
{prompts}

[lora]
rank = 0          # all weights

[training]
steps = {steps}
batch_size = 16
{neighbours}learning_rate = 1e-3
{own}"""


def make_nano(
    out: Path, *, seed: int, shape: NanoShape | None = None, hours: float = _TEXT_HOURS
) -> Path:
    """Write a fresh checkpoint, prompts and configurations; gives the checkpoint's folder.

    Parameters
    ----------
    seed : int
        Of the weights.
    hours : float
        Length of the simulated night whose replies the tokenizer learns its pieces from.
    """
    if (out / "checkpoint").exists():
        raise TrainingError(
            "There is a checkpoint already", where=str(out), advice="Choose another folder."
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in PROMPTS.items():
        (out / f"prompt.{name}.md").write_text(text, "utf-8")
    tokenizer = nano_tokenizer(_texts(hours), _VOCABULARY)
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(_config(tokenizer, shape or NanoShape()))
    put_numbers_in_order(model, tokenizer, seed=seed)
    checkpoint = out / "checkpoint"
    model.save_pretrained(checkpoint)
    tokenizer.save_pretrained(checkpoint)
    # Black is nothing: the published mean and deviation would make the ground a large constant.
    Qwen2VLImageProcessorPil(
        patch_size=_PATCH, temporal_patch_size=1, image_mean=[0.0] * 3, image_std=[0.25] * 3
    ).save_pretrained(checkpoint)
    _write_configs(out, seed)
    return checkpoint


def _texts(hours: float) -> list[str]:
    """What the model will read and write, often enough that each phrase becomes one token."""
    night = simulated_night(cohort_seeds(Cohort.TRAINING, 1)[0], part=TRAIN, hours=hours)
    fine = Prompt(PROMPTS["fine"])
    coarse = Prompt(PROMPTS["coarse"], keys=PUBLISHED_KEYS[1:])
    prompts = [chat_text(Prompt(text)) for text in PROMPTS.values()] * _OFTEN
    texts = []
    rng = random.Random(1)
    for label in night.labels:
        texts += [reply_text(label, fine), reply_text(label, coarse)]
        seconds = sorted(rng.sample(range(30), 4))
        epoch_uv = night.signals.read_uv(label.epoch, 1)
        texts.append(wpt_reply(epoch_uv, night.signals.derivations, seconds, decimals=0))
        texts.append(f"Seconds {', '.join(map(str, seconds))}: ")
    texts += [f"{n}, {n} " for n in range(200) for _ in range(_OFTEN)]
    texts += [rule for rule in get_edition().rule_ids for _ in range(_OFTEN)]
    return prompts + texts


def _config(tokenizer: PreTrainedTokenizerFast, shape: NanoShape) -> Qwen2_5_VLConfig:
    ids = special_ids(tokenizer)
    half_head = shape.hidden // shape.heads // 2
    few = half_head // 8
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "initializer_range": _spread(shape.hidden),
            "hidden_size": shape.hidden,
            "intermediate_size": 3 * shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "num_key_value_heads": shape.key_value_heads,
            "max_position_embeddings": 4096,
            # Sections of time, height and width: half a head in all, as in the large model, whose
            # width gets the slowest turns. Over the eight columns of an image those come to
            # nothing, and where in the epoch a wave is could not be learnt.
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1000.0,
                "mrope_section": [few, few, half_head - 2 * few],
            },
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
        },
        vision_config={
            "depth": shape.vision_layers,
            "initializer_range": _spread(shape.vision_hidden),
            "hidden_size": shape.vision_hidden,
            "intermediate_size": 3 * shape.vision_hidden,
            "num_heads": shape.vision_heads,
            "out_hidden_size": shape.hidden,
            "patch_size": _PATCH,
            "temporal_patch_size": 1,
            # The image is small: every layer looks at all of it.
            "fullatt_block_indexes": list(range(shape.vision_layers)),
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )


def _spread(width: int) -> float:
    """Deviation of fresh weights at which a layer of this width hands on as much as it takes in.

    The usual 0.02 is meant for widths of thousands: here, what one image has over another would
    hardly reach the answer, and a run would spend its first hundred steps on making it.
    """
    return float(width**-0.5)


def _write_configs(out: Path, seed: int) -> None:
    (out / "wpt.toml").write_text(
        _CONFIG.format(
            title="Phase 1: python -m inference.training.train wpt --config wpt.toml",
            model="checkpoint",
            run="runs/wpt",
            seed=seed,
            vision="",
            prompts='wpt = "prompt.wpt.md"',
            steps=1000,
            neighbours="",
            own="\n[wpt]\nseconds = 1\ndecimals = 0\n",
        ),
        "utf-8",
    )
    (out / "sft.toml").write_text(
        _CONFIG.format(
            title="Phase 2, after\n"
            "# python -m inference.training.merge --run runs/wpt --out after-wpt\n"
            "# python -m inference.training.train sft --config sft.toml",
            model="after-wpt",
            run="runs/sft",
            seed=seed,
            vision='vision = "full"   # so small a tower continues to learn\n',
            prompts='fine = "prompt.fine.md"\ncoarse = "prompt.coarse.md"',
            steps=2400,
            neighbours="neighbours = 4\n",
            own="\n[sft]\ncoarse_share = 0.2\n",
        ),
        "utf-8",
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="inference.training.nano", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(argv)
    try:
        checkpoint = make_nano(arguments.out, seed=arguments.seed)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"fresh: {checkpoint}")
    return 0


if __name__ == "__main__":
    sys.exit(main())


_NAMES = r"[FCOE][1-4][-\u2011][AM][12]|(?:W|N[123]|R|MBM)\.[1-9]|\b(?:N[123]|W|R)\b"
_NUMBER_PIECES = r"\d{1,3}"
_SENTENCE_END = r"[a-z]\. "


def nano_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Learn pieces from texts; no piece goes over a name, a number or the end of a sentence.

    Replies are short and their words few: what a large model spells in a hundred tokens takes
    forty here, and each token that is learnt carries a decision.

    Parameters
    ----------
    vocabulary : int
        Most tokens, special ones and single bytes included.
    """
    cut = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(f"{_NAMES}|{_NUMBER_PIECES}"), "isolated"),
            pre_tokenizers.Split(Regex(_SENTENCE_END), "merged_with_previous"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return learnt_tokenizer(texts, cut, vocabulary)


_PERIODS = [8 * 1.6**step for step in range(10)]
"""From where neighbours still differ to where the whole range, 0 to 199, is one slope."""
_ORDERED = 0.9
"""Share of a row that its neighbours nearly have too; the rest sets it apart."""
_NUMBER = re.compile(r"\d{1,3}")


def put_numbers_in_order(model: Any, tokenizer: PreTrainedTokenizerFast, *, seed: int) -> None:
    """Redraw the rows of number tokens, in embedding and scores, no larger than they were.

    Replies are full of numbers: seconds, decibels, microvolts. With independent rows each of two
    hundred tokens is learnt by itself, from the few replies it occurs in. Rows that change slowly
    from one number to the next make what is learnt of 17 hold for 16 and 18 too.

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
        ordered = spread * _number_waves(list(numbers)) @ _directions(rows.shape[1], generator)
        with torch.no_grad():
            rows[ids] = _ORDERED * ordered + math.sqrt(1 - _ORDERED**2) * rows[ids]


def _number_waves(numbers: list[int]) -> Tensor:
    """Cosine and sine of each number for each period, (numbers, 2 periods), of unit length."""
    turns = torch.tensor(numbers)[:, None] * (2 * math.pi / torch.tensor(_PERIODS))
    return torch.cat([turns.cos(), turns.sin()], dim=1) / math.sqrt(len(_PERIODS))


def _directions(width: int, generator: torch.Generator) -> Tensor:
    return torch.randn(2 * len(_PERIODS), width, generator=generator)
