"""Evaluate a bundle on nights whose stages are known.

    python -m inference.training.evaluate --bundle BUNDLE --simulated --json
    python -m inference.training.evaluate --bundle BUNDLE --data RELEASE --recordings NIGHTS
    python -m inference.training.evaluate --bundle BUNDLE --data STAGE_FILES --recordings NIGHTS
    python -m inference.training.evaluate --results results.jsonl --as-published

BUNDLE is a bundle folder, or the name of a bundle that comes with Epochwise, such as ``rules``. The
bundle is compared with the rules reader, with yasa where it is installed, and with giving every
epoch the commonest stage. ``--as-published`` adds the figures as the script of the published
project counts them; ``--results`` evaluates a file of its predictions. docs/evaluation.md explains
each figure. Figures on simulated nights are not clinical figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from inference.adapters import AdapterAwayError
from inference.bundles import read_bundle
from inference.bundles.reading import Grid
from inference.parsing import ParsedReply
from inference.training.data.nights import PARTS, TEST
from inference.training.errors import TrainingError
from inference.training.evaluation.as_published import PublishedTotals, evaluate_results
from inference.training.evaluation.figures import Totals
from inference.training.evaluation.processes import evaluated_nights
from inference.training.evaluation.readers import BASELINES, EpochAnswer, bundle_folder
from inference.training.evaluation.results import Evaluation, MissingReader
from inference.training.evaluation.running import (
    EvaluatedNight,
    EvaluationTask,
    NightSource,
    NightStages,
    folder_source,
    simulated_source,
)
from inference.training.evaluation.table import printed, printed_results
from psg.errors import PsgError
from psg.simulate import Difficulty
from psg.stagefiles import CODE_MAPS
from psg.stages import stages_from_codes

REPLIES_FILE = "replies.jsonl"
SIMULATED_NIGHTS = 20
"""With fewer subjects, the intervals would be too narrow."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        if options.results is not None:
            print(_evaluated_file(options))
            return 0
        result = evaluate(options)
    except (PsgError, AdapterAwayError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result.as_json()) if options.json else printed(result))
    return 0


def _evaluated_file(options: argparse.Namespace) -> str:
    result = evaluate_results(options.results)
    return json.dumps(result.as_json()) if options.json else printed_results(result)


def evaluate(options: argparse.Namespace) -> Evaluation:
    """Evaluate the bundle and write the files that the options name; returns all figures."""
    # Before nights are prepared, which takes long.
    grid = read_bundle(bundle_folder(options.bundle)).grid
    source = source_of(options, grid)
    task = EvaluationTask(options.bundle, options.baselines, source.rule_edition, options.every)
    night_stages: list[NightStages] = []
    published = PublishedTotals()
    with (
        evaluated_nights(task, source.recordings, processes=options.processes) as (readers, nights),
        _reply_log(options.out) as log,
    ):
        totals = Totals(readers.names)
        for number, night in enumerate(nights, start=1):
            totals.add(night)
            if options.as_published:
                published.add(night)
            log(night)
            night_stages.append(night.stages)
            name = night.stages.name
            _report(f"night {number} of {source.night_count}: {name}")
            for baseline, why in night.left_out.items():
                _report(f"{baseline} cannot read {name}: {why}")
    missing = {name: MissingReader(missing=why) for name, why in readers.missing.items()}
    result = Evaluation.model_validate(
        {
            **readers.evaluated.as_json(),
            "on": source.about,
            "part": source.part,
            "verdicts_by": source.verdicts_by,
            **totals.evaluated.as_json(),
            **({"as_published": published.figures()} if options.as_published else {}),
            "baselines": {**totals.baselines, **missing},
        }
    )
    if options.out is not None:
        _write(options.out, result, night_stages, options.curves)
    return result


def source_of(options: argparse.Namespace, grid: Grid = Grid.NIGHT) -> NightSource:
    """Return the nights that the command line names, on the grid of the bundle."""
    if options.simulated and grid is Grid.PUBLISHED:
        raise TrainingError(
            "The bundle has the published grid, which simulated nights do not have",
            advice="Use recordings with labels: --data and --recordings.",
        )
    if options.simulated:
        return simulated_source(
            options.part,
            nights=options.nights,
            hours=options.hours,
            difficulty=options.difficulty,
            cache=options.cache,
        )
    recordings = options.recordings or options.data
    if recordings is None:
        raise TrainingError(
            "No nights are named", advice="Use --simulated, --data or --recordings."
        )
    if options.data is None and grid is Grid.PUBLISHED:
        raise TrainingError(
            "The bundle has the published grid, which needs labels",
            advice="Name them with --data.",
        )
    return folder_source(
        options.data,
        options.part,
        recordings=recordings,
        cache=options.cache,
        codes=options.codes,
        grid=grid,
    )


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m inference.training.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = made.add_mutually_exclusive_group(required=True)
    what.add_argument("--bundle", help="bundle folder, or a name such as rules")
    what.add_argument(
        "--results", type=Path, metavar="FILE", help="results.jsonl of the published project"
    )
    made.add_argument(
        "--as-published",
        action="store_true",
        help="also count as the published script does (always with --results)",
    )
    add_nights(made)
    made.add_argument("--part", choices=PARTS, default=TEST, help="subjects of which part")
    made.add_argument(
        "--baselines", nargs="*", choices=BASELINES, default=BASELINES, help="read the same nights"
    )
    made.add_argument("--out", type=Path, help="folder for report.html, result.json, replies.jsonl")
    made.add_argument("--curves", type=Path, help="folder of a training's logs, for the report")
    made.add_argument("--json", action="store_true", help="print a JSON object")
    return made


def add_nights(made: argparse.ArgumentParser) -> None:
    """The options that name which nights are read, and by how many processes; shared with the
    choice of a checkpoint."""
    where = made.add_mutually_exclusive_group()
    where.add_argument("--simulated", action="store_true", help="simulated subjects")
    where.add_argument(
        "--data", type=Path, help="an unpacked release, a MASS-EX folder, or stage files"
    )
    made.add_argument("--recordings", type=Path, help="folder of the nights (default: --data)")
    made.add_argument(
        "--codes", choices=CODE_MAPS, default="", help="what integers in stage files mean"
    )
    made.add_argument("--nights", type=_positive, default=SIMULATED_NIGHTS, help="simulated nights")
    made.add_argument("--hours", type=float, default=8.0, help="length of a simulated night")
    made.add_argument(
        "--difficulty",
        type=Difficulty,
        choices=list(Difficulty),
        default=Difficulty.PLAIN,
        help="of simulated nights",
    )
    made.add_argument("--every", type=_positive, default=1, help="read every Nth epoch only")
    made.add_argument("--cache", type=Path, help="where prepared nights are stored")
    made.add_argument(
        "--processes",
        type=_positive,
        default=1,
        help="processes that share the nights, each with a thread and the bundle in memory",
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("a whole number from 1 up")
    return value


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _reply_log(folder: Path | None) -> Iterator[Callable[[EvaluatedNight], None]]:
    """Give a function that writes every reply of the evaluated bundle, a JSON object a line.

    Without a folder it writes nothing.
    """
    if folder is None:
        yield lambda night: None
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / REPLIES_FILE).open("w", encoding="utf-8") as file:
        yield lambda night: file.writelines(_reply_lines(night))


def _reply_lines(night: EvaluatedNight) -> Iterator[str]:
    """Yield the replies of a night in the order of its epochs."""
    expected = stages_from_codes(night.stages.reference)
    for epoch, answer in sorted(night.replies.items()):
        line = {
            "recording": night.stages.name,
            "epoch": epoch,
            "reference_stage": expected[epoch],
            "reference_rules": list(night.rules[epoch]) if night.rules else None,
            **_parsed(answer),
            "reply": answer.raw.text,
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _parsed(answer: EpochAnswer) -> dict[str, object]:
    read = answer.read
    if isinstance(read, ParsedReply):
        return {"stage": read.stage, "rules": list(read.rules)}
    return {"stage": None, "fault": read.kind, "detail": read.detail}


def _write(
    out: Path, result: Evaluation, nights: Sequence[NightStages], curves: Path | None
) -> None:
    (out / "result.json").write_text(json.dumps(result.as_json()) + "\n", "utf-8")
    try:
        # Only the report needs plotly, which a machine for training may lack.
        report = import_module("inference.training.evaluation.report")
    except ModuleNotFoundError as error:
        _report(f"No report.html: {error.name} is not installed. The figures are in result.json.")
        return
    (out / "report.html").write_text(report.report(result, nights, curves), "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
