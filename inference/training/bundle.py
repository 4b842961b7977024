"""Make a bundle of a run of phase 2: merged weights, prompt, card, hashes.

    python -m inference.training.bundle --run runs/sft --out sleepvlm-ours \
        --name sleepvlm-ours --title "SleepVLM, our nights" --licence CC-BY-NC-4.0

Then, on the machine of the site: ``python manage.py add_bundle sleepvlm-ours``. Figures measured
later are added by ``python -m inference.training.measure``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from inference.bundles import FILE_NAME, read_bundle
from inference.bundles.checkpoint import file_sha256, weights_sha256
from inference.bundles.learning import LOG
from inference.bundles.reading import Grid
from inference.prompts import Track
from inference.training.card import (
    Measured,
    card,
    flat_figures,
    read_measured,
    refuse_other_weights,
)
from inference.training.checkpoints import named_or_last, step_of
from inference.training.errors import TrainingError
from inference.training.merge import DTYPES, SHARD_SIZE, add_base, write_checkpoint
from inference.training.run_folder import PromptRecord, RunRecord, read_run_record
from inference.training.settings import Phase
from psg.errors import PsgError

SUMS = "SHA256SUMS"
CARD = "README.md"
MEASURED_TABLE = "[[measured]]"


@dataclass(frozen=True)
class BundleOptions:
    """The name and the description of a bundle, and its evaluations.

    Parameters
    ----------
    pretrained : Path, optional
        The run of phase 1 that the model comes from, for the card.
    notes : str
        Markdown for the card, by its maker.
    measured : list of Measured
        Evaluations of these weights.
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
    pretrained: Path | None = None
    notes: str = ""
    measured: list[Measured] = field(default_factory=list)


def write_bundle(run: Path, out: Path, options: BundleOptions, *, base: Path | None = None) -> Path:
    """Write a bundle and read it back as a worker would.

    Parameters
    ----------
    base : Path, optional
        Folder of the model that the run began with; by default the recorded path.

    Raises
    ------
    TrainingError
        When the run is not of phase 2, the folder exists, a name is not allowed, or figures are
        of other weights.
    """
    checkpoint = named_or_last(run, options.step)
    record = read_run_record(run)
    if record.phase is not Phase.SFT:
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
            step=options.step,
            base=base,
            dtype=options.dtype,
            shard_size=options.shard_size,
        )
        prompt = record.prompt_of(options.track)
        (half / "prompt.md").write_text(prompt.template, "utf-8")
        (half / FILE_NAME).write_text(_declaration(options, record, prompt), "utf-8")
        refuse_other_weights(options.measured, weights_sha256(half / "checkpoint"))
        text = card(
            options.title,
            description=options.description or _description(record),
            licence=options.licence,
            record=record,
            steps_done=step_of(checkpoint),
            checkpoint=half / "checkpoint",
            measured=options.measured,
            pretrained=_pretrained(options.pretrained) if options.pretrained else None,
            notes=options.notes,
        )
        (half / CARD).write_text(text, "utf-8")
        if (run / LOG).is_file():  # its learning curves, for the page that compares models
            shutil.copyfile(run / LOG, half / LOG)
        read_bundle(half)
        write_sums(half)
        half.rename(out)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return out


def _pretrained(run: Path) -> tuple[RunRecord, int]:
    """Return the record of a run of phase 1, and its last step."""
    return read_run_record(run), step_of(named_or_last(run, None))


def _description(record: RunRecord) -> str:
    return f"Fine-tuned on {record.data}."


def _declaration(options: BundleOptions, record: RunRecord, prompt: PromptRecord) -> str:
    lines = [
        f"name = {toml(options.name)}",
        f"title = {toml(options.title)}",
        'adapter = "sleepvlm"',
        f"version = {toml(options.version)}",
        f"description = {toml(options.description or _description(record))}",
        f"licence = {toml(options.licence)}",
        'checkpoint = "checkpoint"',
        f"track = {toml(options.track)}",
        f"rule_edition = {toml(record.rule_edition)}",
        f"renderer_version = {toml(record.renderer_version)}",
        *([f"grid = {toml(record.grid)}"] if record.grid is not Grid.NIGHT else []),
        "",
        "[prompt]",
        'file = "prompt.md"',
        f"labels = {toml(prompt.labels)}",
        f"keys = {toml(prompt.keys)}",
        f"fence = {toml(prompt.fence)}",
        "",
        "[decoding]",
        f"max_new_tokens = {options.max_new_tokens}",
    ]
    return "\n".join(lines) + "\n" + declared(options.measured)


def declared(measured: Sequence[Measured]) -> str:
    """Return the ``[[measured]]`` tables, which are the end of a declaration."""
    lines: list[str] = []
    for figures in measured:
        lines += ["", MEASURED_TABLE]
        lines += [f"{key} = {toml(value)}" for key, value in flat_figures(figures).items()]
    return "".join(f"{line}\n" for line in lines)


def toml(value: str | Sequence[str] | bool | float) -> str:
    """Write a value as TOML; for these types TOML and JSON are the same."""
    return json.dumps(value, ensure_ascii=False)


def write_sums(folder: Path) -> None:
    """Write the hashes of all files of a bundle except the list itself."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [f"{file_sha256(path)}  {path.relative_to(folder).as_posix()}" for path in paths]
    (folder / SUMS).write_text("\n".join(lines) + "\n", "utf-8")


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
    parser.add_argument("--step", type=int, help="of the checkpoint; by default the last")
    add_base(parser)
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    parser.add_argument("--max-new-tokens", type=int, default=1024)
    parser.add_argument("--shard-size", default=SHARD_SIZE)
    parser.add_argument("--pretrained", type=Path, help="the run of phase 1, for the card")
    parser.add_argument("--notes", type=Path, help="Markdown for the card")
    parser.add_argument(
        "--measured", type=Path, action="append", default=[], help="output of evaluate --json"
    )
    given = vars(parser.parse_args(argv))
    run, out, base, measured = (given.pop(name) for name in ("run", "out", "model", "measured"))
    notes = given.pop("notes")
    given["dtype"] = DTYPES[given["dtype"]]
    given["notes"] = notes.read_text("utf-8") if notes else ""
    try:
        figures = [read_measured(path) for path in measured]
        write_bundle(run, out, BundleOptions(**given, measured=figures), base=base)
    except PsgError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"bundle: {out}\nnext:   python manage.py add_bundle {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
