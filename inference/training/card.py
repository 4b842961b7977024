"""The card of a bundle: how it was made, what was measured, what it is not for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.bundles.checkpoint import weight_files, weights_sha256
from inference.training.measured import Figures, card_section, runs_section
from psg.rules.editions import get_edition

MEASURED, LIMITS = "## Measured", "## Limits"


def card(
    title: str,
    *,
    description: str,
    licence: str,
    about: Mapping[str, Any],
    checkpoint: Path,
    measured: Sequence[Figures],
    runs: Sequence[tuple[str, Figures]] = (),
    pretrained: Mapping[str, Any] | None = None,
    notes: str = "",
) -> str:
    """Write the card.

    Parameters
    ----------
    about, pretrained : mapping
        What the runs of phase 2 and of phase 1 wrote down, ``steps_done`` among it.
    checkpoint : Path
        The bundle's.
    measured : sequence of mapping
        Evaluations of this bundle.
    runs : sequence of (str, mapping)
        Evaluations of other runs, to compare with.
    notes : str
        Markdown of its maker.
    """
    phases = [("phase 1", pretrained)] if pretrained else []
    size = sum(path.stat().st_size for path in weight_files(checkpoint)) / 1e6
    return "\n".join(
        [
            f"# {title}",
            "",
            description,
            "",
            "| | |",
            "|---|---|",
            *(row for name, one in [*phases, ("phase 2", about)] for row in _phase(name, one)),
            f"| rules | {get_edition(about['rule_edition']).title} |",
            f"| images | renderer {about['renderer_version']} |",
            f"| licence | {licence} |",
            f"| weights | {size:.1f} MB, SHA-256 {weights_sha256(checkpoint)} |",
            "",
            *([notes.strip(), ""] if notes.strip() else []),
            MEASURED,
            "",
            *measured_lines(measured, runs),
            LIMITS,
            "",
            "Not a medical device. Figures on simulated nights say nothing about patients: a"
            " simulated kappa is not a clinical kappa. Use it with images drawn by the renderer"
            " named above and with the prompt in this folder.",
            "",
        ]
    )


def measured_lines(
    measured: Sequence[Figures], runs: Sequence[tuple[str, Figures]] = ()
) -> list[str]:
    """What stands under “Measured”."""
    if not measured and not runs:
        return ["Nothing has been measured.", ""]
    sections = [line for found in measured for line in card_section(found)]
    return [*sections, *(runs_section(runs) if runs else [])]


def _phase(name: str, about: Mapping[str, Any]) -> list[str]:
    trained = "all weights"
    if about["lora"]["rank"]:
        trained = f"LoRA of rank {about['lora']['rank']}, alpha {about['lora']['alpha']}, merged"
    said = {k: v for k, v in about["optim"].items() if v}
    if "steps" in said:
        said.pop("epochs", None)  # steps end a run before its epochs do
    optim = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in said.items())
    return [
        f"| {name}: trained on | {about['data']}; {about['samples']:,} samples |",
        f"| {name}: trained | {trained}; vision tower: {about['vision']} |",
        f"| {name}: settings | {optim}, seed {about['seed']}; {about['steps_done']:,} steps done |",
    ]
