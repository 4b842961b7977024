"""Put figures of evaluations into a bundle: its declaration, its card, its list of hashes.

    python -m inference.training.evaluate --bundle ours --simulated --json > held-out.json
    python -m inference.training.measure --bundle ours --measured held-out.json \
        --run "without phase 1" other.json

Earlier figures are replaced. Figures of other weights are refused. ``--run`` adds evaluations of
other runs to the card only.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from inference.bundles import FILE_NAME, read_bundle
from inference.bundles.checkpoint import weights_sha256
from inference.training.bundle import CARD, MEASURED_TABLE, declared, write_sums
from inference.training.card import (
    LIMITS,
    MEASURED,
    Measured,
    measured_lines,
    read_measured,
    refuse_other_weights,
)
from inference.training.errors import TrainingError
from psg.errors import PsgError


def put_measured(
    folder: Path, measured: Sequence[Measured], runs: Sequence[tuple[str, Measured]] = ()
) -> None:
    """Replace the figures of a bundle.

    Raises
    ------
    TrainingError
        When figures are of other weights, or the card has no place for them.
    """
    spec = read_bundle(folder)
    refuse_other_weights(measured, weights_sha256(spec.checkpoint))
    declaration, card = folder / FILE_NAME, folder / CARD
    head, has_measured, rest = card.read_text("utf-8").partition(f"\n{MEASURED}\n")
    _, has_limits, limits = rest.rpartition(f"\n{LIMITS}\n")
    if not has_measured or not has_limits:
        raise TrainingError(
            f"The card has no part “{MEASURED}” before “{LIMITS}”",
            where=str(card),
            advice="Make the bundle again with python -m inference.training.bundle.",
        )
    lines = "\n".join(measured_lines(measured, runs))
    before = declaration.read_text("utf-8").partition(f"\n{MEASURED_TABLE}\n")[0].rstrip("\n")
    _replace(card, f"{head}\n{MEASURED}\n\n{lines}\n{LIMITS}\n{limits}")
    _replace(declaration, f"{before}\n{declared(measured)}")
    read_bundle(folder)
    write_sums(folder)


def _replace(path: Path, text: str) -> None:
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    half.write_text(text, "utf-8")
    half.replace(path)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="inference.training.measure",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bundle", type=Path, required=True, help="its folder")
    parser.add_argument(
        "--measured", type=Path, action="append", default=[], help="output of evaluate --json"
    )
    parser.add_argument(
        "--run", nargs=2, action="append", default=[], metavar=("LABEL", "FILE"), dest="runs"
    )
    options = parser.parse_args(argv)
    try:
        measured = [read_measured(path) for path in options.measured]
        runs = [(label, read_measured(Path(path))) for label, path in options.runs]
        put_measured(options.bundle, measured, runs)
    except PsgError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"measured: {options.bundle}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
