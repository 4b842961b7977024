"""Import a scoring from a stage file or a MASS-EX csv."""

import json as json_format
from argparse import Namespace
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from annotations.exchange.scoring_files import (
    grid_of_file,
    import_scoring_file,
    import_stages,
    labels_only_recording,
    read_stages,
)
from annotations.scoring.models import Scoring
from psg.errors import PsgError
from psg.stagefiles import CODE_MAPS, StageOptions, place_20_s_epochs
from recordings.management.lookup import existing_file, find_study
from recordings.models import Recording
from studies.models import Study


class Command(BaseCommand):
    help = (
        "Import the stages of a file (EDF+ annotations, NSRR or Profusion XML, Visbrain or yasa "
        "text, csv, json) or a MASS-EX csv as a scoring. Where the study has no recording of "
        "that name, a recording without signals is created."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--recording", required=True, metavar="NAME")
        parser.add_argument("--scorer", required=True, metavar="NAME")
        parser.add_argument(
            "--codes", choices=sorted(CODE_MAPS), default="", help="what integers in FILE mean"
        )
        parser.add_argument(
            "--epochs", type=Path, metavar="CSV", help="the epochs.csv of a MASS-EX export"
        )
        parser.add_argument(
            "--n-is-epoch",
            action="store_true",
            help="declare that N of a MASS-EX csv counts the epochs of the recording",
        )
        parser.add_argument(
            "--from-20-s",
            action="store_true",
            help="turn 20-s R&K epochs into 30-s ones: each takes the stage that covers most of it",
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, file: Path, study: str, json: bool = False, **options: Any) -> None:
        path, target = existing_file(file), find_study(study)
        try:
            # A file that cannot be imported leaves no empty recording behind.
            with transaction.atomic():
                scoring = _import(path, target, Namespace(**options))
        except PsgError as error:
            raise CommandError(str(error)) from error
        imported = _imported(scoring)
        if json:
            self.stdout.write(json_format.dumps(asdict(imported)))
            return
        self.stdout.write(f"{scoring}: {imported.scored} of {imported.epochs} epochs have a stage")


def _import(path: Path, study: Study, options: Namespace) -> Scoring:
    said = StageOptions(codes=options.codes, epoch_s=20.0 if options.from_20_s else None)
    epochs_path = existing_file(options.epochs) if options.epochs else None
    name = options.recording
    recording = Recording.objects.filter(study=study, name=name).first()
    if recording is None:
        grid = grid_of_file(path=path, epochs_path=epochs_path, options=said)
        recording = labels_only_recording(study=study, name=name, grid=grid)
    _check_is_read(recording)
    if options.from_20_s:
        entries = read_stages(path, said).entries
        return import_stages(
            recording=recording,
            scorer_label=options.scorer,
            stages=place_20_s_epochs(entries, recording.grid),
            provenance={"importer": "stage file", "turned_from_epochs_of_s": 20},
        )
    return import_scoring_file(
        recording=recording,
        scorer_label=options.scorer,
        path=path,
        epochs_path=epochs_path,
        n_is_index=options.n_is_epoch,
        options=said,
    )


def _check_is_read(recording: Recording) -> None:
    if recording.state in {Recording.State.INGESTING, Recording.State.FAILED}:
        raise CommandError(f"{recording} is not ready: {recording.get_state_display().lower()}.")


@dataclass(frozen=True)
class ImportedScoring:
    """The answer of the command."""

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
