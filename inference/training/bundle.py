"""From a run of phase 2 to a bundle: merged weights, prompt, card, hashes.

    python -m inference.training.bundle --run runs/sft --out sleepvlm-ours \
        --name sleepvlm-ours --title "SleepVLM, our nights" --licence CC-BY-NC-4.0

Then, on the site's machine: ``python manage.py add_bundle sleepvlm-ours``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from inference.bundles import FILE_NAME, read_bundle
from inference.bundles.hashing import file_sha256, weights_sha256
from inference.prompts import Track
from inference.training.about import about_run
from inference.training.errors import TrainingError
from inference.training.merge import DTYPES, SHARD_SIZE, add_base, write_checkpoint
from inference.training.settings import Phase
from psg.errors import PsgError
from psg.rules.editions import get_edition

SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Asked:
    """What a bundle is to be called, and what was measured of it.

    ``measured`` are figures as an evaluation gives them, each with ``on``: what they were
    measured on. They stand in the card as they are.
    """

    name: str
    title: str
    licence: str
    version: str = "1"
    description: str = ""
    track: Track = Track.FINE
    step: int | None = None
    dtype: torch.dtype = torch.float32
    max_new_tokens: int = 1024
    shard_size: str = SHARD_SIZE
    measured: list[Mapping[str, Any]] = field(default_factory=list)


def write_bundle(run: Path, out: Path, asked: Asked, *, base: Path | None = None) -> Path:
    """Write a bundle and read it back as a worker would.

    Parameters
    ----------
    base : Path, optional
        Where the model that the run began with lies now; left out, where it lay beside the run.

    Raises
    ------
    TrainingError
        When the run is none of phase 2, the folder is there already, or a name does not do.
    """
    about = about_run(run)
    if about["phase"] != Phase.SFT:
        raise TrainingError(
            "A bundle is made of a run of phase 2",
            where=str(run),
            advice="After phase 1, use python -m inference.training.merge.",
        )
    if out.exists():
        raise TrainingError("The folder is there already", where=str(out), advice="Name another.")
    half = out.with_name(f".{out.name}.partial")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    try:
        write_checkpoint(
            run,
            half / "checkpoint",
            step=asked.step,
            base=base,
            dtype=asked.dtype,
            shard_size=asked.shard_size,
        )
        prompt = about["prompts"][asked.track]
        (half / "prompt.md").write_text(prompt["template"], "utf-8")
        (half / FILE_NAME).write_text(_declaration(asked, about, prompt), "utf-8")
        (half / "README.md").write_text(_card(asked, about, half), "utf-8")
        read_bundle(half)
        _write_sums(half)
        half.rename(out)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return out


def _declaration(asked: Asked, about: Mapping[str, Any], prompt: Mapping[str, Any]) -> str:
    lines = [
        f"name = {_toml(asked.name)}",
        f"title = {_toml(asked.title)}",
        'adapter = "sleepvlm"',
        f"version = {_toml(asked.version)}",
        f"description = {_toml(asked.description or _made_of(about))}",
        f"licence = {_toml(asked.licence)}",
        'checkpoint = "checkpoint"',
        f"track = {_toml(asked.track)}",
        f"rule_edition = {_toml(about['rule_edition'])}",
        f"renderer_version = {_toml(about['renderer_version'])}",
        "",
        "[prompt]",
        'file = "prompt.md"',
        f"labels = {_toml(prompt['labels'])}",
        f"keys = {_toml(prompt['keys'])}",
        f"fence = {_toml(prompt['fence'])}",
        "",
        "[decoding]",
        f"max_new_tokens = {asked.max_new_tokens}",
    ]
    for figures in asked.measured:
        lines += ["", "[[measured]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in figures.items()]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """Texts, lists of texts, flags and numbers: JSON writes them as TOML does."""
    return json.dumps(value, ensure_ascii=False)


def _made_of(about: Mapping[str, Any]) -> str:
    return f"Fine-tuned on {about['data']}."


def _card(asked: Asked, about: Mapping[str, Any], folder: Path) -> str:
    edition = get_edition(about["rule_edition"])
    trained = "all weights"
    if about["lora"]["rank"]:
        trained = f"LoRA of rank {about['lora']['rank']}, alpha {about['lora']['alpha']}, merged"
    optim = ", ".join(f"{name} {value}" for name, value in about["optim"].items())
    return "\n".join(
        [
            f"# {asked.title}",
            "",
            asked.description or _made_of(about),
            "",
            "| | |",
            "|---|---|",
            f"| trained on | {about['data']} |",
            f"| samples | {about['samples']} |",
            f"| trained | {trained}; vision tower: {about['vision']} |",
            f"| settings | {optim}, seed {about['seed']} |",
            f"| rules | {edition.title} |",
            f"| images | renderer {about['renderer_version']} |",
            f"| licence | {asked.licence} |",
            f"| weights | SHA-256 {weights_sha256(folder / 'checkpoint')} |",
            "",
            "## Measured",
            "",
            *_figures(asked.measured),
            "",
            "## Limits",
            "",
            "Not a medical device. Figures on simulated nights say nothing about patients: a"
            " simulated kappa is not a clinical kappa. Use it with images drawn by the renderer"
            " named above and with the prompt in this folder.",
            "",
        ]
    )


def _figures(measured: list[Mapping[str, Any]]) -> list[str]:
    if not measured:
        return ["Nothing has been measured."]
    lines = []
    for figures in measured:
        told = ", ".join(f"{key} {value}" for key, value in figures.items() if key != "on")
        lines.append(f"- {figures.get('on', 'unnamed nights')}: {told}")
    return lines


def _write_sums(folder: Path) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{file_sha256(path)}  {path.relative_to(folder).as_posix()}" for path in paths]
    (folder / SUMS).write_text("\n".join(lines) + "\n", "utf-8")


def read_measured(path: Path) -> dict[str, Any]:
    """Take the plain figures of an evaluation: texts, numbers and flags of its one object."""
    try:
        value = json.loads(path.read_text("utf-8").strip().splitlines()[-1])
    except (OSError, ValueError, IndexError):
        raise TrainingError("No figures can be read", where=str(path)) from None
    return {k: v for k, v in value.items() if isinstance(v, str | int | float | bool)}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="inference.training.bundle")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--title", required=True)
    parser.add_argument("--licence", required=True)
    parser.add_argument("--version", default="1")
    parser.add_argument("--description", default="")
    parser.add_argument("--track", choices=list(Track), default=Track.FINE, type=Track)
    parser.add_argument("--step", type=int, help="of the checkpoint; the last one if left out")
    add_base(parser)
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    parser.add_argument("--max-new-tokens", type=int, default=1024)
    parser.add_argument("--shard-size", default=SHARD_SIZE)
    parser.add_argument(
        "--measured", type=Path, action="append", default=[], help="output of evaluate --json"
    )
    given = vars(parser.parse_args(argv))
    run, out, base, measured = (given.pop(name) for name in ("run", "out", "model", "measured"))
    given["dtype"] = DTYPES[given["dtype"]]
    try:
        figures: list[Mapping[str, Any]] = [read_measured(path) for path in measured]
        write_bundle(run, out, Asked(**given, measured=figures), base=base)
    except PsgError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"bundle: {out}\nnext:   python manage.py add_bundle {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
