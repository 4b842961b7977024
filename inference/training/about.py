"""What a run writes down of itself when it begins, for whoever merges or bundles it later.

The model it began with is named by its place beside the run, so both may move together, and by the
hash of its weights, so that no others are ever taken for it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inference.bundles.checkpoint import weights_sha256
from inference.training.checkpoints import checkpoints_of
from inference.training.data import TrainingData
from inference.training.errors import TrainingError
from inference.training.samples import PromptMaker
from inference.training.settings import Settings
from psg.render import RENDERER_VERSION

ABOUT = "run.json"
MAY_MOVE = {"model", "data"}
"""Entries that hold names of folders."""


def write_about(
    settings: Settings,
    data: TrainingData,
    prompts: Mapping[str, PromptMaker],
    *,
    samples: int,
    base_sha256: str,
) -> None:
    """Write down what merging, a bundle and a model card need to know of this run.

    Raises
    ------
    TrainingError
        When the folder has checkpoints of a run that was begun otherwise: what is written of them
        stays as it is.
    """
    about = {
        "phase": settings.phase,
        "model": os.path.relpath(settings.model.resolve(), settings.run.resolve()),
        "model_sha256": base_sha256,
        "lora": {"rank": settings.lora.rank, "alpha": settings.lora.alpha},
        "vision": settings.vision,
        "seed": settings.seed,
        "optim": {
            name: getattr(settings.optim, name)
            for name in ("epochs", "steps", "batch_size", "accumulate", "learning_rate")
        },
        "data": data.about,
        "samples": samples,
        "rule_edition": data.rule_edition,
        "renderer_version": RENDERER_VERSION,
        "prompts": {
            name: {
                "template": maker.template,
                "labels": list(maker.like.labels),
                "keys": list(maker.like.keys),
                "fence": maker.like.fence,
            }
            for name, maker in prompts.items()
        },
    }
    if checkpoints_of(settings.run):
        _refuse_others(settings.run, about)
    settings.run.mkdir(parents=True, exist_ok=True)
    half = settings.run / f"{ABOUT}.partial"
    half.write_text(json.dumps(about, indent=1, ensure_ascii=False), "utf-8")
    half.replace(settings.run / ABOUT)


def about_run(run: Path) -> dict[str, Any]:
    """What a run wrote down when it began."""
    try:
        value: dict[str, Any] = json.loads((run / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        raise TrainingError(
            f"There is no {ABOUT}", where=str(run), advice="Give the folder of a run."
        ) from None
    return value


def base_of(run: Path, named: Path | None = None) -> Path:
    """The checkpoint that a run began with: where it lay beside the run, or where it is named.

    Raises
    ------
    TrainingError
        When it is not there, or its weights are not those of then.
    """
    about = about_run(run)
    base: Path = named or run / about["model"]
    if not base.is_dir():
        raise TrainingError(
            "The model that the run began with is not there",
            where=str(base),
            advice="If it was moved, name its folder with --model.",
        )
    # Runs begun before the hash was written down are taken as they are.
    expected = about.get("model_sha256")
    if expected and weights_sha256(base) != expected:
        raise TrainingError(
            "These are not the weights that the run began with",
            where=str(base),
            advice=f"Name the model whose weights have the hash {expected[:16]} with --model.",
        )
    return base


def _refuse_others(run: Path, about: Mapping[str, Any]) -> None:
    try:
        known = about_run(run)
    except TrainingError:
        return  # nothing to be spoilt; training itself compares more
    now = json.loads(json.dumps(about))
    if any(known[name] != now[name] for name in known.keys() & now.keys() - MAY_MOVE):
        raise TrainingError(
            "The run was begun with other settings, data or processes",
            where=str(run),
            advice="Give the new run another folder, or set these as they were.",
        )
