"""How good is a bundle, on nights whose answers are known?

    python -m inference.training.evaluate --bundle BUNDLE --simulated --json
    python -m inference.training.evaluate --bundle BUNDLE --data RELEASE --recordings NIGHTS
    python -m inference.training.evaluate --bundle BUNDLE --data STAGE_FILES --recordings NIGHTS

BUNDLE is a bundle folder, or the name of one that comes with Epochwise, such as ``rules``. The
same nights are read by the rule reader, by yasa where it is installed, and by the commonest stage.
docs/evaluation.md tells what each figure is. Figures on simulated nights are not clinical ones.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from inference.adapters import AdapterAwayError
from inference.bundles import read_bundle
from inference.training.data import PARTS, TEST
from inference.training.errors import TrainingError
from inference.training.evaluation.judging import JUDGED, NightStages, Task
from inference.training.evaluation.processes import judging
from inference.training.evaluation.readers import BASELINES, bundle_folder
from inference.training.evaluation.replies import ReplyLog
from inference.training.evaluation.sources import Source, folder_source, simulated_source
from inference.training.evaluation.table import printed
from inference.training.evaluation.totals import Totals
from psg.errors import PsgError
from psg.stagefiles import CODE_MAPS

SIMULATED_NIGHTS = 20
"""As few as give intervals that do not run narrow."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        found = evaluate(options)
    except (PsgError, AdapterAwayError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found) if options.json else printed(found))
    return 0


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """Judge the bundle and write what was asked for; returns all figures."""
    read_bundle(bundle_folder(options.bundle))  # before nights are prepared, which takes long
    source = source_of(options)
    task = Task(options.bundle, options.baselines, source.rule_edition, options.every)
    nights: list[NightStages] = []
    with (
        judging(task, source.recordings, processes=options.processes) as (readers, judged),
        ReplyLog(options.out) as log,
    ):
        totals = Totals(readers.names)
        for number, night in enumerate(judged, start=1):
            totals.add(night)
            log.add(night)
            nights.append(night.stages)
            name = night.stages.name
            _tell(f"night {number} of {source.night_count}: {name}")
            for baseline, why in night.left_out.items():
                _tell(f"{baseline} cannot read {name}: {why}")
    figures = totals.figures()
    found = {
        **readers.judged,
        "on": source.about,
        "part": source.part,
        **figures.pop(JUDGED),
        "baselines": {**figures, **{n: {"missing": why} for n, why in readers.missing.items()}},
    }
    if options.out is not None:
        _write(options.out, found, nights, options.curves)
    return found


def source_of(options: argparse.Namespace) -> Source:
    """The nights that the command line names."""
    if options.simulated:
        return simulated_source(
            options.part, nights=options.nights, hours=options.hours, cache=options.cache
        )
    recordings = options.recordings or options.data
    if recordings is None:
        raise TrainingError(
            "No nights are named", advice="Use --simulated, --data or --recordings."
        )
    codes = CODE_MAPS[options.codes] if options.codes else None
    return folder_source(
        options.data, options.part, recordings=recordings, cache=options.cache, codes=codes
    )


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m inference.training.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--bundle", required=True, help="bundle folder, or a name such as rules")
    add_nights(made)
    made.add_argument("--part", choices=PARTS, default=TEST, help="subjects of which part")
    made.add_argument(
        "--baselines", nargs="*", choices=BASELINES, default=BASELINES, help="read the same nights"
    )
    made.add_argument("--out", type=Path, help="folder for report.html, result.json, replies.jsonl")
    made.add_argument("--curves", type=Path, help="folder of a training's logs, for the report")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    return made


def add_nights(made: argparse.ArgumentParser) -> None:
    """The options that say which nights are read, and by how many processes; shared with the
    choice of a checkpoint."""
    where = made.add_mutually_exclusive_group()
    where.add_argument("--simulated", action="store_true", help="simulated subjects")
    where.add_argument(
        "--data", type=Path, help="an unpacked release, a MASS-EX folder, or stage files"
    )
    made.add_argument("--recordings", type=Path, help="folder of the nights (default: --data)")
    made.add_argument("--codes", choices=CODE_MAPS, help="what integers in stage files mean")
    made.add_argument("--nights", type=_positive, default=SIMULATED_NIGHTS, help="simulated nights")
    made.add_argument("--hours", type=float, default=8.0, help="length of a simulated night")
    made.add_argument("--every", type=_positive, default=1, help="ask for every Nth epoch only")
    made.add_argument("--cache", type=Path, help="where prepared nights are kept")
    made.add_argument(
        "--processes",
        type=_positive,
        default=1,
        help="share the nights out among so many, each with one thread and the bundle in memory",
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("a whole number from 1 up")
    return value


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _write(
    out: Path, found: dict[str, Any], nights: Sequence[NightStages], curves: Path | None
) -> None:
    (out / "result.json").write_text(json.dumps(found) + "\n", "utf-8")
    try:
        # The report alone needs plotly, which a machine for training may lack.
        report = import_module("inference.training.evaluation.report")
    except ModuleNotFoundError as error:
        _tell(f"No report.html: {error.name} is not installed. The figures are in result.json.")
        return
    (out / "report.html").write_text(report.report(found, nights, curves), "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
