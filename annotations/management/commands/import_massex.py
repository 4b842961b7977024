"""Preview and import MASS-EX files."""

import json as json_format
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exchange.files import NamedFile, files_of_paths, files_of_zip
from annotations.exchange.import_work import preview_files, write_files
from annotations.exchange.plan import Counting, FileResult, ImportOptions, ImportPreview, Outcome
from annotations.scoring.models import Scorer
from psg.errors import PsgError
from psg.massex import Problem
from recordings.management.lookup import study_to_change
from studies.models import Study


class Command(BaseCommand):
    help = (
        "Preview the import of MASS-EX csv files (single files, a folder, or the zip of an export "
        "or a release) into a study, night by night. With --write the new files are written, with "
        "--revise also the files that differ from the stored scoring of their scorer; each file "
        "whole or not at all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="CSV_FOLDER_OR_ZIP")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--scorer", default="", metavar="NAME")
        counting = parser.add_mutually_exclusive_group()
        counting.add_argument(
            "--n-is-epoch", action="store_true", help="N counts all epochs of the recording"
        )
        counting.add_argument(
            "--staged-by", metavar="SCORER", help="N counts the epochs that SCORER has staged here"
        )
        parser.add_argument(
            "--make-nights", action="store_true", help="nights with labels only where missing"
        )
        parser.add_argument(
            "--own-scoring",
            action="store_true",
            help="stages nearly equal to a consensus or model here are of another person",
        )
        parser.add_argument("--write", action="store_true", help="write the files that are new")
        parser.add_argument("--revise", action="store_true", help="and those that differ")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, paths: list[Path], study: str, json: bool, **options: Any) -> None:
        target, given = study_to_change(study), Namespace(**options)
        import_options = _options(target, given)
        wanted = _wanted(given)
        with ExitStack() as open_files:
            try:
                files = _files(paths, open_files)
                preview = preview_files(target, files, import_options, None)
                digests = {f.path: f.digest for f in preview.files if f.outcome in wanted}
                results = list(write_files(target, files, import_options, None, digests=digests))
            except (PsgError, OSError) as error:
                raise CommandError(str(error)) from error
        if json:
            answer = {**preview.as_json(), "results": [result.as_json() for result in results]}
            self.stdout.write(json_format.dumps(answer))
        else:
            self._print(preview, results)
        is_refused = any(result.refused for result in results)
        if is_refused or any(file.outcome is Outcome.REFUSED for file in preview.files):
            raise CommandError("Some files cannot be imported. See the errors listed above.")

    def _print(self, preview: ImportPreview, results: list[FileResult]) -> None:
        for file in preview.files:
            night = file.recording or f"{file.subject or '?'}, no night here"
            self.stdout.write(f"{file.path}: {file.outcome}, {night}, by {file.scorer}")
            stages = ", ".join(f"{stage} {count}" for stage, count in file.stages.items())
            self.stdout.write(f"  {file.rows} rows on {file.epochs} epochs: {stages}")
            if file.outcome is Outcome.DIFFERENT:
                self.stdout.write(
                    f"  {file.changes.changed} changed, {file.changes.added} added,"
                    f" {file.changes.gone} removed, {file.changes.same} unchanged"
                )
            for problem in file.problems:
                self.stdout.write(_problem_line(problem))
        for path, why in preview.left_out:
            self.stdout.write(f"{path}: not read, {why}")
        for result in results:
            done = result.refused or f"{result.epochs} epochs written"
            self.stdout.write(f"{result.path}: {done}")


def _problem_line(problem: Problem) -> str:
    line = f", line {problem.line}" if problem.line else ""
    times = f" ({problem.count} times)" if problem.count > 1 else ""
    return f"  {problem.level}{line}: {problem.what}.{times} {problem.advice}"


def _wanted(given: Namespace) -> set[Outcome]:
    wanted = {Outcome.NEW} if given.write or given.revise else set()
    return wanted | ({Outcome.DIFFERENT} if given.revise else set())


def _options(study: Study, given: Namespace) -> ImportOptions:
    counting, staged_by = Counting.UNKNOWN, None
    if given.n_is_epoch:
        counting = Counting.EPOCHS
    elif given.staged_by:
        scorers = Scorer.objects.filter(
            scorings__recording__study=study, label=given.staged_by
        ).distinct()
        if scorers.count() != 1:
            raise CommandError(f"{scorers.count()} scorers here are called {given.staged_by}.")
        counting, staged_by = Counting.STAGED, scorers.get().pk
    return ImportOptions(
        scorer=given.scorer,
        counting=counting,
        staged_by=staged_by,
        make_nights=given.make_nights,
        own_scorings=given.own_scoring,
    )


def _files(paths: list[Path], open_files: ExitStack) -> list[NamedFile]:
    if missing := [path for path in paths if not path.exists()]:
        raise CommandError(f"{missing[0]} does not exist.")
    if len(paths) == 1 and paths[0].suffix.casefold() == ".zip":
        return files_of_zip(open_files.enter_context(paths[0].open("rb")))
    return files_of_paths(paths)
