"""The configuration of a training run, read from TOML; what is not said is as published.

Defaults are those of SleepVLM (arXiv 2603.26738): LoRA of rank 16, alpha 32, dropout 0.05; AdamW
0.9/0.95, weight decay 0.1, learning rate 1e-4 falling linearly after 3 % of warm-up, gradients
clipped at 1. Pre-training: 2 epochs, 4 images a device, vision tower trained. Fine-tuning: 15
epochs, 6 windows a device, vision tower frozen.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from inference.bundles.table import Table
from inference.training.data_settings import DataSettings, read_data_settings
from inference.training.errors import TrainingError


class Phase(StrEnum):
    WPT = "wpt"
    SFT = "sft"


class Vision(StrEnum):
    """What is trained of the vision tower."""

    FROZEN = "frozen"
    LORA = "lora"
    FULL = "full"


@dataclass(frozen=True)
class LoraSettings:
    """Low-rank adaptation; rank 0 trains all weights instead."""

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05


@dataclass(frozen=True)
class OptimSettings:
    """How weights are moved.

    ``batch_size`` is for one device and one pass; ``accumulate`` passes make a step. ``steps``
    above 0 ends the run there instead of after ``epochs``. ``neighbours`` samples that follow one
    another stay together in the order: their windows share images, which are then encoded once.
    """

    epochs: int
    batch_size: int
    steps: int = 0
    accumulate: int = 1
    neighbours: int = 1
    learning_rate: float = 1e-4
    warmup: float = 0.03
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    clip: float = 1.0
    gradient_checkpointing: bool = False
    dtype: str = ""


@dataclass(frozen=True)
class WptSettings:
    """What is asked of one image: all 30 seconds, or so many drawn at random each time."""

    seconds: int = 0
    decimals: int = 1


@dataclass(frozen=True)
class SftSettings:
    """Which replies are taught.

    ``coarse_share`` of the epochs that have a rationale are asked for without it.
    """

    tracks: tuple[str, ...] = ("fine", "coarse")
    coarse_share: float = 0.0


@dataclass(frozen=True)
class Settings:
    """One run. Paths are absolute."""

    phase: Phase
    model: Path
    run: Path
    data: DataSettings
    optim: OptimSettings
    lora: LoraSettings
    vision: Vision
    wpt: WptSettings
    sft: SftSettings
    prompts: dict[str, Path]
    seed: int
    save_every: int
    keep: int
    log_every: int
    validation_samples: int
    keep_embeddings: bool

    @property
    def digest(self) -> str:
        """Of what decides the weights, beside checkpoint and samples, which have their own.

        A run may only go on as it began; its folders may move.
        """
        said = [self.phase, self.optim, self.lora, self.vision, self.wpt, self.seed]
        return hashlib.sha256(repr(said).encode()).hexdigest()


def read_settings(path: Path, phase: Phase) -> Settings:
    """Read a configuration; paths in it are relative to its folder."""
    table = Table(_load(path), path.name)
    beside = path.resolve().parent
    is_wpt = phase is Phase.WPT
    lora = _lora(table.table("lora"))
    settings = Settings(
        phase=phase,
        model=beside / table.text("model"),
        run=beside / table.text("run"),
        data=read_data_settings(table.table("data"), beside=beside),
        optim=_optim(table.table("training"), is_wpt),
        lora=lora,
        vision=_vision(table, lora, is_wpt),
        wpt=_wpt(table.table("wpt")),
        sft=_sft(table.table("sft")),
        prompts=_prompts(table.table("prompts"), beside),
        seed=table.number("seed", 1, 2**31),
        save_every=table.number("save_every", 200, 10**9),
        keep=table.number("keep", 3, 10**6),
        log_every=table.number("log_every", 10, 10**9),
        validation_samples=table.number("validation_samples", 64, 10**6, least=0),
        keep_embeddings=table.flag("keep_embeddings", True),
    )
    table.refuse_unknown()
    return settings


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TrainingError("There is no such configuration", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainingError(f"Not valid TOML: {error}", where=path.name) from None


def _lora(table: Table) -> LoraSettings:
    lora = LoraSettings(
        rank=table.number("rank", LoraSettings.rank, 4096, least=0),
        alpha=table.number("alpha", LoraSettings.alpha, 65536),
        dropout=table.decimal("dropout", LoraSettings.dropout),
    )
    table.refuse_unknown()
    return lora


def _optim(table: Table, is_wpt: bool) -> OptimSettings:
    optim = OptimSettings(
        epochs=table.number("epochs", 2 if is_wpt else 15, 10**6),
        steps=table.number("steps", 0, 10**9, least=0),
        batch_size=table.number("batch_size", 4 if is_wpt else 6, 4096),
        accumulate=table.number("accumulate", 1, 4096),
        neighbours=table.number("neighbours", 1, 4096),
        learning_rate=table.decimal("learning_rate", OptimSettings.learning_rate),
        warmup=table.decimal("warmup", OptimSettings.warmup),
        weight_decay=table.decimal("weight_decay", OptimSettings.weight_decay),
        beta1=table.decimal("beta1", OptimSettings.beta1),
        beta2=table.decimal("beta2", OptimSettings.beta2),
        clip=table.decimal("clip", OptimSettings.clip),
        gradient_checkpointing=table.flag("gradient_checkpointing", False),
        dtype=table.choice("dtype", ["", "float32", "bfloat16"], ""),
    )
    table.refuse_unknown()
    return optim


def _vision(table: Table, lora: LoraSettings, is_wpt: bool) -> Vision:
    trained = Vision.LORA if lora.rank else Vision.FULL
    vision = Vision(table.choice("vision", [*Vision], trained if is_wpt else Vision.FROZEN))
    if vision is Vision.LORA and not lora.rank:
        raise TrainingError("vision = “lora” needs a rank", advice="Set rank under [lora].")
    return vision


def _wpt(table: Table) -> WptSettings:
    wpt = WptSettings(
        seconds=table.number("seconds", WptSettings.seconds, 30, least=0),
        decimals=table.number("decimals", WptSettings.decimals, 3, least=0),
    )
    table.refuse_unknown()
    return wpt


def _sft(table: Table) -> SftSettings:
    sft = SftSettings(
        tracks=table.texts("tracks", SftSettings.tracks),
        coarse_share=table.decimal("coarse_share", SftSettings.coarse_share),
    )
    table.refuse_unknown()
    return sft


def _prompts(table: Table, beside: Path) -> dict[str, Path]:
    named = {name: table.text(name, "") for name in ("wpt", "fine", "coarse")}
    table.refuse_unknown()
    for file_name in filter(None, named.values()):
        if not (beside / file_name).is_file():
            raise TrainingError("A prompt is missing", where=file_name, advice="Correct the path.")
    return {name: beside / file_name for name, file_name in named.items() if file_name}
