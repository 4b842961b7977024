"""Differences from the published project that can be measured: pixels, and trained parameters.

    python -m benchmarks.published_grid [--hours 8] [--every 20]

A simulated night at 256 Hz is made into images in four ways: filtered as a whole on the clock, as
here; the same stretched to its ends; with every tenth epoch left out and the others joined before
the filters, on the clock; and both together, the published grid. Every image is compared with ours
of the same epoch. No GPU and no weights are needed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from inference.training.model import prepare
from inference.training.settings import LoraSettings, Vision
from psg.filters import filter_joined, filter_native, resample_linear, resample_to_ends
from psg.montage import DERIVATIONS, Derivation
from psg.render import EpochRenderer
from psg.simulate import simulate_night
from psg.simulate.night import MASS_LABELS, SimulatedNight

LEAF_NAMES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SIZE = 3000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--every", type=int, default=20, help="compare every Nth epoch")
    options = parser.parse_args()
    pixels(options.hours, options.every)
    parameters()


def pixels(hours: float, every: int) -> None:
    night = simulate_night(hours=hours, seed=1)
    count = night.grid.epoch_count
    labelled = [epoch for epoch in range(count) if epoch % 10]
    kinds = ("stretched", "joined", "published grid")
    signals: dict[str, list[NDArray[np.float32]]] = {kind: [] for kind in ("ours", *kinds)}
    for derivation in DERIVATIONS:
        for kind, epochs_uv in versions(night, derivation, labelled).items():
            signals[kind].append(epochs_uv)
    renderer = EpochRenderer()
    compared = [place for place in range(len(labelled)) if place % every == 0]
    ours = [_drawn(renderer, signals["ours"], place) for place in compared]
    for kind in kinds:
        differ = [
            (_drawn(renderer, signals[kind], place) != mine).any(axis=-1).mean()
            for place, mine in zip(compared, ours, strict=True)
        ]
        shares = 100 * np.array(differ)
        thirds = [f"{part.mean():.1f}" for part in np.array_split(shares, 3)]
        print(
            f"{kind}: {shares.mean():.1f} % of pixels differ; thirds of the night"
            f" {' / '.join(thirds)}; most {shares.max():.1f}"
        )


def versions(
    night: SimulatedNight, derivation: Derivation, labelled: Sequence[int]
) -> dict[str, NDArray[np.float32]]:
    """Return the labelled epochs of a derivation in each way, (epochs, 3000)."""
    sfreq_hz, grid = night.sfreq_hz, night.grid
    raw_uv = _raw_uv(night, derivation)
    first = round(grid.epoch0_s * sfreq_hz)
    whole_uv = raw_uv[first : first + round(grid.epoch_count * 30 * sfreq_hz)]
    filtered = filter_native(whole_uv, sfreq_hz, derivation)
    size = grid.epoch_count * SIZE
    on_clock = resample_linear(filtered, sfreq_hz, start_s=0.0, count=size).reshape(-1, SIZE)
    stretched = resample_to_ends(filtered, size).reshape(-1, SIZE)
    starts_s = [grid.onset_s(epoch) for epoch in labelled]
    epoch_size = round(30 * sfreq_hz)
    joined = np.concatenate([whole_uv[n * epoch_size : (n + 1) * epoch_size] for n in labelled])
    joined = filter_native(joined, sfreq_hz, derivation)
    kept = len(labelled) * SIZE
    return {
        "ours": on_clock[list(labelled)],
        "stretched": stretched[list(labelled)],
        "joined": resample_linear(joined, sfreq_hz, start_s=0.0, count=kept).reshape(-1, SIZE),
        "published grid": filter_joined(raw_uv, sfreq_hz, derivation, starts_s),
    }


def _raw_uv(night: SimulatedNight, derivation: Derivation) -> NDArray[np.float32]:
    signals = night.signals_uv
    if derivation is Derivation.CHIN:
        return signals["EMG Chin1"] - signals["EMG Chin2"]
    return signals[MASS_LABELS[derivation]]


def _drawn(
    renderer: EpochRenderer, signals: Sequence[NDArray[np.float32]], place: int
) -> NDArray[np.uint8]:
    return renderer.render(np.stack([epochs[place] for epochs in signals]), DERIVATIONS)


def parameters() -> None:
    """Count the parameters that adapters of rank 16 train in the 3B model, in three ways."""
    lora = LoraSettings()
    leaf = LoraConfig(r=lora.rank, lora_alpha=lora.alpha, target_modules=LEAF_NAMES)
    ways = {
        "phase 2, full paths": prepare(_empty_3b(), lora=lora, vision=Vision.FROZEN),
        "phase 2, leaf names": get_peft_model(_empty_3b(), leaf),
        "phase 1, ours": prepare(_empty_3b(), lora=lora, vision=Vision.LORA),
    }
    for way, model in ways.items():
        trained = [(n, p.numel()) for n, p in model.named_parameters() if p.requires_grad]
        of_tower = sum(size for name, size in trained if ".visual." in name)
        print(f"{way}: {sum(size for _, size in trained):,} trained, vision tower {of_tower:,}")


def _empty_3b() -> Qwen2_5_VLForConditionalGeneration:
    """Return the published architecture, Qwen2.5-VL-3B, without memory for weights."""
    config = Qwen2_5_VLConfig(
        text_config={
            "hidden_size": 2048,
            "intermediate_size": 11008,
            "num_hidden_layers": 36,
            "num_attention_heads": 16,
            "num_key_value_heads": 2,
            "vocab_size": 151936,
            "tie_word_embeddings": True,
        },
        vision_config={
            "depth": 32,
            "hidden_size": 1280,
            "intermediate_size": 3420,
            "num_heads": 16,
            "out_hidden_size": 2048,
        },
    )
    with torch.device("meta"):
        return Qwen2_5_VLForConditionalGeneration(config)


if __name__ == "__main__":
    main()
