"""Import scorings from a stage file or a MASS-EX csv, or from many stage files at once."""

import json as json_format
from argparse import Namespace
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from annotations.exchange.copies import COPY, OWN
from annotations.exchange.imports import record_import
from annotations.exchange.massex_files import is_massex
from annotations.exchange.massex_single import grid_of_massex
from annotations.exchange.plan import FileResult
from annotations.exchange.scoring_files import (
    ImportedFile,
    import_scoring_file,
    import_stage_file,
    labels_only_recording,
    read_scorings,
)
from annotations.management.many_scorings import FileRow, file_rows, files_of, is_single
from annotations.scoring.models import Scoring
from psg.errors import PsgError
from psg.stagefiles import night_of_file
from psg.typed_json import JsonObject
from recordings.management.lookup import existing_file, study_to_change
from recordings.management.stage_options import add_stage_options, stage_options
from recordings.models import Recording
from studies.models import Study


class Command(BaseCommand):
    help = (
        "Import the stages of a file as a scoring: EDF+ annotations, XML, csv, json, text and the "
        "exports of scoring programs, or a MASS-EX csv. Stages are placed by clock where the file "
        "and the recording have one. Where the study has no recording of that name, a recording "
        "without signals is created. Several files, a folder or a zip are imported together: each "
        "file is matched to a recording by its name or by --pattern, whole or not at all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="+", type=Path, metavar="FILE_FOLDER_OR_ZIP")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument(
            "--recording",
            default="",
            metavar="NAME",
            help="recording of all files (default: by file names)",
        )
        parser.add_argument(
            "--pattern",
            default="",
            metavar="PATTERN",
            help="of file names, such as {recording}_{scorer}.edf or {scorer}/{recording}.json",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="list what would be imported from many files"
        )
        parser.add_argument(
            "--scorer",
            default="",
            metavar="NAME",
            help="who scored; default: as the file names its scorers, each of them",
        )
        add_stage_options(parser)
        parser.add_argument(
            "--epochs", type=Path, metavar="CSV", help="the epochs.csv of a MASS-EX export"
        )
        parser.add_argument(
            "--n-is-epoch",
            action="store_true",
            help="declare that N of a MASS-EX csv counts the epochs of the recording",
        )
        copies = parser.add_mutually_exclusive_group()
        copies.add_argument(
            "--copy",
            action="store_const",
            const=COPY,
            default="",
            help="stages nearly equal to a consensus or model here are a copy of that",
        )
        copies.add_argument(
            "--own-scoring",
            action="store_const",
            const=OWN,
            dest="copy",
            help="stages nearly equal to a consensus or model here are of another person",
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, file: list[Path], study: str, json: bool = False, **given: Any) -> None:
        target, options = study_to_change(study), Namespace(**given)
        if missing := [path for path in file if not path.exists()]:
            raise CommandError(f"{missing[0]} does not exist.")
        if len(file) == 1 and options.recording and is_single(file[0]):
            self._import_one(file[0], target, options, json=json)
        else:
            self._import_many(file, target, options, json=json)

    def _import_one(self, path: Path, target: Study, options: Namespace, *, json: bool) -> None:
        try:
            # A file that cannot be imported leaves no empty recording behind.
            with transaction.atomic():
                done = _import(existing_file(path), target, options)
                record_import(study=target, results=_results(path, done), user=None)
        except PsgError as error:
            raise CommandError(str(error)) from error
        if json:
            self.stdout.write(json_format.dumps(_as_json(done)))
        else:
            self._write_text(done)

    def _import_many(
        self, paths: list[Path], target: Study, options: Namespace, *, json: bool
    ) -> None:
        rows: list[FileRow] = []
        with ExitStack() as stack:
            try:
                for row in file_rows(target, files_of(paths, stack), options):
                    rows.append(row)
                    if not json:
                        self.stdout.write(str(row))
            except PsgError as error:
                raise CommandError(str(error)) from error
        counts = Counter(row.outcome for row in rows)
        if json:
            listed = [asdict(row) for row in rows]
            self.stdout.write(json_format.dumps({"files": listed, "counts": counts}))
        else:
            self.stdout.write(
                f"{len(rows)} files: {', '.join(f'{n} {what}' for what, n in counts.items())}."
            )
        if counts["refused"]:
            raise CommandError(f"{counts['refused']} of {len(rows)} files were refused; see above.")

    def _write_text(self, done: ImportedFile) -> None:
        for scoring in done.scorings:
            its = _imported(scoring)
            self.stdout.write(f"{scoring}: {its.scored} of {its.epochs} epochs have a stage")
        for remark in (*done.notes, *map(str, done.doubts)):
            self.stdout.write(f"  {remark}")


def _import(path: Path, study: Study, options: Namespace) -> ImportedFile:
    name = options.recording
    recording = Recording.objects.filter(study=study, name=name).first()
    if recording is not None:
        _check_is_read(recording)
    if is_massex(path):
        return _import_massex(path, study, recording, options)
    said = stage_options(options)
    file = read_scorings(path, said)
    if recording is None:
        night = night_of_file(file)
        recording = labels_only_recording(
            study=study, name=name, grid=night.grid, start_clock_s=night.clock_s
        )
    return import_stage_file(
        recording=recording,
        file=file,
        scorer_label=options.scorer,
        options=said,
        copy=options.copy,
    )


def _import_massex(
    path: Path, study: Study, recording: Recording | None, options: Namespace
) -> ImportedFile:
    epochs_path = existing_file(options.epochs) if options.epochs else None
    if recording is None:
        grid = grid_of_massex(path, epochs_path)
        recording = labels_only_recording(study=study, name=options.recording, grid=grid)
    return import_scoring_file(
        recording=recording,
        scorer_label=options.scorer,
        path=path,
        epochs_path=epochs_path,
        n_is_index=options.n_is_epoch,
    )


def _check_is_read(recording: Recording) -> None:
    if recording.state in {Recording.State.INGESTING, Recording.State.FAILED}:
        raise CommandError(f"{recording} is not ready: {recording.get_state_display().lower()}.")


@dataclass(frozen=True)
class ImportedScoring:
    """A scoring in the answer of the command."""

    recording: str
    scorer: str
    epochs: int
    scored: int


def _imported(scoring: Scoring) -> ImportedScoring:
    return ImportedScoring(
        recording=scoring.recording.name,
        scorer=scoring.scorer.label,
        epochs=scoring.recording.epoch_count,
        scored=scoring.scores.filter(stage__isnull=False).count(),
    )


def _as_json(done: ImportedFile) -> JsonObject:
    """Describe the import; of a file with a single scorer its keys stand at the top."""
    listed = [asdict(_imported(scoring)) for scoring in done.scorings]
    return {
        **(listed[0] if len(listed) == 1 else {"recording": listed[0]["recording"]}),
        "scorings": listed,
        "notes": list(done.notes),
        "doubts": [doubt.as_json() for doubt in done.doubts],
    }


def _results(path: Path, done: ImportedFile) -> list[FileResult]:
    return [
        FileResult(path.name, its.scorer, night=its.recording, epochs=its.scored)
        for its in map(_imported, done.scorings)
    ]
