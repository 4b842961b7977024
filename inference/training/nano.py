"""SleepVLM-nano: a Qwen2.5-VL of a few million random parameters, with its own tokenizer.

    python -m inference.training.nano --out nano --seed 1

writes ``nano/checkpoint``, short prompts, and the configurations of both phases. The architecture
is that of the large model, so the same script trains it and the same adapter runs it. An image
makes 32 tokens, or 128 with ``--columns 16``, and numbers are single tokens."""

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
from inference.training.event_questions import NightEvents, event_question
from inference.training.samples import reply_text, wpt_reply
from psg.rules.editions import get_edition
from psg.simulate import Cohort, cohort_seeds

PROMPTS = {
    "wpt": "Measure every second.\n",
    "fine": "Stage the target epoch and say why.\n",
    "coarse": "Stage the target epoch.\n",
}
_PATCH = 28
"""Pixels of a side: an image of 448 x 224 makes 8 rows of 16 patches."""
_MERGED = {8: 2, 16: 1}
"""Patches of a token, along each side, by the number of columns of tokens."""
_TEXT_HOURS = 0.5
_VOCABULARY = 1024
_OFTEN = 100


@dataclass(frozen=True)
class NanoShape:
    """Sizes of both halves. The defaults make about 6.6 million parameters.

    An image makes 32 tokens in 8 columns, or 128 tokens in 16 columns of 1.9 s each.
    """

    columns: int = 8
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
"""For tests: it trains in seconds, and learns little."""
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
    out: Path,
    *,
    seed: int,
    shape: NanoShape | None = None,
    events: float = 0.0,
    hours: float = _TEXT_HOURS,
) -> Path:
    """Write a new checkpoint, prompts and configurations; return the checkpoint's folder.

    Parameters
    ----------
    seed : int
        Of the weights.
    events : float
        Share of the samples of phase 1 that ask when events start.
    hours : float
        Length of the simulated night on whose replies the tokenizer is trained.
    """
    if (out / "checkpoint").exists():
        raise TrainingError(
            "There is a checkpoint already", where=str(out), advice="Choose another folder."
        )
    shape = shape or NanoShape()
    out.mkdir(parents=True, exist_ok=True)
    for name, text in PROMPTS.items():
        (out / f"prompt.{name}.md").write_text(text, "utf-8")
    tokenizer = nano_tokenizer(_texts(hours), _VOCABULARY)
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(_config(tokenizer, shape))
    put_numbers_in_order(model, tokenizer, seed=seed)
    checkpoint = out / "checkpoint"
    model.save_pretrained(checkpoint)
    tokenizer.save_pretrained(checkpoint)
    # Black pixels are 0: the published mean and deviation would make the background a large
    # constant.
    Qwen2VLImageProcessorPil(
        patch_size=_PATCH,
        merge_size=_MERGED[shape.columns],
        temporal_patch_size=1,
        image_mean=[0.0] * 3,
        image_std=[0.25] * 3,
    ).save_pretrained(checkpoint)
    _write_configs(out, seed=seed, events=events)
    return checkpoint


def _texts(hours: float) -> list[str]:
    """Return texts that the model reads and writes, repeated so that phrases become tokens."""
    night = simulated_night(cohort_seeds(Cohort.TRAINING, 1)[0], part=TRAIN, hours=hours)
    fine = Prompt(PROMPTS["fine"])
    coarse = Prompt(PROMPTS["coarse"], keys=PUBLISHED_KEYS[1:])
    prompts = [chat_text(Prompt(text)) for text in PROMPTS.values()] * _OFTEN
    texts = []
    rng = random.Random(1)
    events = NightEvents(night)
    for label in night.labels:
        texts += [reply_text(label, fine), reply_text(label, coarse)]
        seconds = sorted(rng.sample(range(30), 4))
        epoch_uv = night.signals.read_uv(label.epoch, 1)
        texts.append(wpt_reply(epoch_uv, night.signals.derivations, seconds, decimals=0))
        texts.append(f"Seconds {', '.join(map(str, seconds))}: ")
        texts += [
            text for _ in range(4) for text in event_question(events.seconds_of(label.epoch), rng)
        ]
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
            # Sections of time, height and width, half a head together. The large model gives the
            # lowest frequencies to width. Over the eight columns of this image they hardly
            # change, so the time of a wave in the epoch could not be learnt.
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
            "spatial_merge_size": _MERGED[shape.columns],
            "temporal_patch_size": 1,
            # The image is small: every layer attends to all of it.
            "fullatt_block_indexes": list(range(shape.vision_layers)),
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )


def _spread(width: int) -> float:
    """Return the standard deviation of initial weights at which a layer keeps the variance.

    The usual 0.02 is meant for widths of thousands. Here, differences between images would hardly
    reach the output, and a run would need its first hundred steps to amplify them.
    """
    return float(width**-0.5)


def _write_configs(out: Path, *, seed: int, events: float) -> None:
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
            own=f"\n[wpt]\nseconds = 1\ndecimals = 0\nevents = {events}\n",
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


_NAMES = r"[FCOE][1-4][-\u2011][AM][12]|(?:W|N[123]|R|MBM)\.[1-9]|\b(?:N[123]|W|R)\b"
_NUMBER_PIECES = r"\d{1,3}"
_SENTENCE_END = r"[a-z]\. "


def nano_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Train a tokenizer whose tokens do not cross names, numbers or ends of sentences.

    Replies are short and use few words: a reply of a hundred tokens of the large model takes
    forty here.

    Parameters
    ----------
    vocabulary : int
        Largest number of tokens, including special tokens and single bytes.
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
"""From periods at which neighbours differ to a period that spans the range 0 to 199."""
_ORDERED = 0.9
"""Amplitude of the part of a row that it shares with its neighbours."""
_NUMBER = re.compile(r"\d{1,3}")


def put_numbers_in_order(model: Any, tokenizer: PreTrainedTokenizerFast, *, seed: int) -> None:
    """Redraw the rows of number tokens, in embedding and output, with equal variance.

    Replies hold many numbers: seconds, decibels, microvolts. With independent rows, each of two
    hundred tokens is learnt only from the few replies that hold it. Rows that change slowly from
    number to number let training on 17 apply to 16 and 18 as well.

    Parameters
    ----------
    model : Qwen2_5_VLForConditionalGeneration
        With initial weights; its embedding and its output are not tied.
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
    """Return cosine and sine of each number by period, (numbers, 2 * periods), unit length."""
    turns = torch.tensor(numbers)[:, None] * (2 * math.pi / torch.tensor(_PERIODS))
    return torch.cat([turns.cos(), turns.sin()], dim=1) / math.sqrt(len(_PERIODS))


def _directions(width: int, generator: torch.Generator) -> Tensor:
    return torch.randn(2 * len(_PERIODS), width, generator=generator)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="inference.training.nano", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--columns", type=int, choices=list(_MERGED), default=8, help="of an image")
    parser.add_argument(
        "--events", type=float, default=0.0, help="share of phase 1 that asks when events start"
    )
    arguments = parser.parse_args(argv)
    shape = NanoShape(columns=arguments.columns)
    try:
        checkpoint = make_nano(
            arguments.out, seed=arguments.seed, shape=shape, events=arguments.events
        )
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"fresh: {checkpoint}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
