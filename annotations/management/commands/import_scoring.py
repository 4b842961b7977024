"""Import a scoring from a stage file or a MASS-EX csv."""

import json as json_format
from argparse import Namespace
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from annotations.exchange.massex_files import is_massex
from annotations.exchange.scoring_files import (
    ImportedFile,
    grid_of_massex,
    import_scoring_file,
    import_stage_file,
    labels_only_recording,
    read_scorings,
)
from annotations.scoring.models import Scoring
from psg.errors import PsgError
from psg.stagefiles import night_of_file
from psg.typed_json import JsonObject
from recordings.management.lookup import existing_file, find_study
from recordings.management.stage_options import add_stage_options, stage_options
from recordings.models import Recording
from studies.models import Study


class Command(BaseCommand):
    help = (
        "Import the stages of a file as a scoring: EDF+ annotations, XML, csv, json, text and the "
        "exports of scoring programs, or a MASS-EX csv. Stages are placed by clock where the file "
        "and the recording have one. Where the study has no recording of that name, a recording "
        "without signals is created."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--recording", required=True, metavar="NAME")
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
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, file: Path, study: str, json: bool = False, **options: Any) -> None:
        path, target = existing_file(file), find_study(study)
        try:
            # A file that cannot be imported leaves no empty recording behind.
            with transaction.atomic():
                done = _import(path, target, Namespace(**options))
        except PsgError as error:
            raise CommandError(str(error)) from error
        if json:
            self.stdout.write(json_format.dumps(_as_json(done)))
        else:
            self._write_text(done)

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
        recording=recording, file=file, scorer_label=options.scorer, options=said
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
