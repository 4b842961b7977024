"""The settings of a training run, read from TOML; the defaults are the published values.

Defaults are those of SleepVLM (arXiv 2603.26738): LoRA of rank 16, alpha 32, dropout 0.05; AdamW
0.9/0.95, weight decay 0.1, learning rate 1e-4 falling linearly after 3 % of warm-up, gradients
clipped at 1. Pre-training: 2 epochs, 4 images a device, vision tower trained. Fine-tuning: 15
epochs, 6 windows a device, vision tower frozen.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Strict,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from inference.bundles.reading import Grid
from inference.bundles.toml import Section, Text, between, load_toml, read_section, wrong_value
from inference.prompts import Track
from inference.training.errors import TrainingError


class Phase(StrEnum):
    """The phase of training: waveform-perceptual pre-training, then supervised fine-tuning."""

    WPT = "wpt"
    SFT = "sft"


class Vision(StrEnum):
    """How the vision tower is trained: not at all, by adapters, or all its weights."""

    FROZEN = "frozen"
    LORA = "lora"
    FULL = "full"


PHASE_DEFAULTS: dict[Phase, dict[str, int]] = {
    Phase.WPT: {"epochs": 2, "batch_size": 4},
    Phase.SFT: {"epochs": 15, "batch_size": 6},
}
"""Settings under ``[training]`` in which the published phases differ."""


def _beside(path: Path, info: ValidationInfo) -> Path:
    """Return an absolute path; in the file it is relative to the folder of the file."""
    return Path(info.context) / path if info.context is not None else path


def _beside_if_any(
    value: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo
) -> Path | None:
    return None if value in (None, "") else _beside(read(value), info)


def _existing(path: Path | None) -> Path | None:
    if path is not None and not path.is_file():
        raise wrong_value(f"The prompt “{path.name}” is missing", "Correct the path.")
    return path


BesidePath = Annotated[Path, AfterValidator(_beside)]
OptionalPath = Annotated[Annotated[Path, Strict(False)] | None, WrapValidator(_beside_if_any)]
PromptPath = Annotated[OptionalPath, AfterValidator(_existing)]
Seed = Annotated[int, between(1, 2**31)]
Steps = Annotated[int, between(1, 10**9)]
Windows = Annotated[int, between(1, 4096)]
NightCount = Annotated[int, between(0, 100_000)]
Part = Literal["train", "validation", "test"]


class DataSettings(Section):
    """``[data]``: where nights and labels come from.

    Parameters
    ----------
    source : str
        ``release`` (an unpacked release), ``massex`` (a folder in MASS-EX layout) or
        ``simulated``.
    folder : Path
        Of the release, or the MASS-EX folder.
    recordings : Path
        Folder of the nights, .edf or .epw, named as their recordings.
    cache : Path, optional
        Folder for prepared signals and drawn images.
    grid : str
        ``night`` filters whole nights; ``published`` joins the labelled epochs first, as the
        published code does (docs/training.md).
    n_is_epoch : bool
        For MASS-EX tables without epochs.csv and without a stage file beside the night: declares
        that N is the index on the grid.
    epoch0_s : float
        Start of that grid, in seconds of the recording.
    shares : dict of part to share
        Split by subjects, where the data has no split; or ``subjects``, which names them.
    subjects : dict of part to subjects
    seed : int
        Of the split.
    train, validation, test : int
        Simulated nights of each part.
    hours : float
        Length of a simulated night.
    difficulty : str
        Of simulated nights: ``plain``, ``clinical``, or ``mixed``, which makes every second night
        of a part clinical.
    rule_edition : str
        Of MASS-EX tables, which do not name it.
    """

    source: Literal["release", "massex", "simulated"] = "release"
    folder: BesidePath = Path()
    recordings: BesidePath = Path()
    cache: OptionalPath = None
    grid: Grid = Grid.NIGHT
    n_is_epoch: bool = False
    epoch0_s: float = 0.0
    shares: dict[Part, float] = {}
    subjects: dict[Part, tuple[str, ...]] = {}
    seed: Seed = 1
    train: NightCount = 0
    validation: NightCount = 0
    test: NightCount = 0
    hours: float = 8.0
    difficulty: Literal["plain", "clinical", "mixed"] = "plain"
    rule_edition: Text = ""


class LoraSettings(Section):
    """``[lora]``: low-rank adaptation; rank 0 trains all weights instead."""

    rank: Annotated[int, between(0, 4096)] = 16
    alpha: Annotated[int, between(1, 65536)] = 32
    dropout: float = 0.05


class OptimSettings(Section):
    """``[training]``: how the weights are updated.

    ``batch_size`` is per device and pass; ``accumulate`` passes make a step. ``steps`` above 0
    ends the run there instead of after ``epochs``. ``neighbours`` consecutive samples stay
    together in the order: their windows share images, which are then encoded only once.
    ``dtype`` left empty is bfloat16 on a graphics card and float32 on a CPU.
    """

    epochs: Annotated[int, between(1, 10**6)]
    batch_size: Windows
    steps: Annotated[int, between(0, 10**9)] = 0
    accumulate: Windows = 1
    neighbours: Windows = 1
    learning_rate: float = 1e-4
    warmup: float = 0.03
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    clip: float = 1.0
    gradient_checkpointing: bool = False
    dtype: Literal["", "float32", "bfloat16"] = ""


class WptSettings(Section):
    """``[wpt]``: number of seconds of an image that a reply describes; 0 means all 30.

    ``events`` is the share of samples that ask when an event starts, or what starts in a second,
    instead. Only simulated nights have such events.
    """

    seconds: Annotated[int, between(0, 30)] = 0
    decimals: Annotated[int, between(0, 3)] = 1
    events: float = 0.0


class SftSettings(Section):
    """``[sft]``: which replies are taught.

    ``coarse_share`` of the epochs that have a rationale are taught without it.
    """

    tracks: tuple[Track, ...] = tuple(Track)
    coarse_share: float = 0.0


class PromptFiles(Section):
    """``[prompts]``: files of prompts; left out, those of the release or of Epochwise."""

    wpt: PromptPath = None
    fine: PromptPath = None
    coarse: PromptPath = None


class Settings(Section):
    """A run. Relative paths are relative to the folder of the file."""

    phase: Phase
    model: BesidePath
    run: BesidePath
    data: DataSettings = DataSettings()
    lora: LoraSettings = LoraSettings()
    vision: Vision
    training: OptimSettings
    wpt: WptSettings = WptSettings()
    sft: SftSettings = SftSettings()
    prompts: PromptFiles = PromptFiles()
    seed: Seed = 1
    save_every: Steps = 200
    keep: Annotated[int, between(1, 10**6)] = 3
    log_every: Steps = 10
    validation_samples: Annotated[int, between(0, 10**6)] = 64
    keep_embeddings: bool = True

    @model_validator(mode="after")
    def _adapters_have_a_rank(self) -> Settings:
        if self.vision is Vision.LORA and not self.lora.rank:
            raise wrong_value("vision = “lora” needs a rank", "Set rank under [lora].")
        return self

    @property
    def digest(self) -> str:
        """Hash of the settings that decide the weights.

        A run is continued only with the same settings; its folders may be moved. Checkpoint and
        samples have their own hashes.
        """
        deciding = [self.phase, self.training, self.lora, self.vision, self.wpt, self.seed]
        if self.data.grid is not Grid.NIGHT:  # earlier runs keep their hash
            deciding.append(self.data.grid)
        return hashlib.sha256(repr(deciding).encode()).hexdigest()


def read_settings(path: Path, phase: Phase) -> Settings:
    """Read a configuration; paths in it are relative to its folder.

    Raises
    ------
    TrainingError
        When there is no such file, or a key of it is missing, unknown or wrong.
    """
    if not path.is_file():
        raise TrainingError("There is no such configuration", where=str(path))
    values = load_toml(path, TrainingError, where=path.name)
    if "phase" in values:
        raise TrainingError("Unknown keys: phase", where=path.name, advice="The command names it.")
    return read_section(
        Settings,
        _with_file_defaults(values, phase),
        file_name=path.name,
        error=TrainingError,
        context=path.resolve().parent,
    )


def _with_file_defaults(values: dict[str, object], phase: Phase) -> dict[str, object]:
    """Fill in settings that the file leaves out and that depend on the phase."""
    data, training, lora = (values.get(name, {}) for name in ("data", "training", "lora"))
    if isinstance(data, dict):
        data = {"folder": "", "recordings": "", **data}
    if isinstance(training, dict):
        training = {**PHASE_DEFAULTS[phase], **training}
    all_weights = isinstance(lora, dict) and lora.get("rank") == 0
    trained = Vision.FULL if all_weights else Vision.LORA
    vision = trained if phase is Phase.WPT else Vision.FROZEN
    filled = {"vision": vision, **values}
    return {**filled, "phase": phase, "data": data, "training": training}
