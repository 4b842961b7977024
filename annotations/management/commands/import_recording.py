"""Import recordings into a study, without the worker: a file, or a folder of nights."""

import json as json_format
from argparse import Namespace
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from annotations.management.many_nights import import_many, is_many
from psg.errors import RefusedError
from recordings.incoming import (
    IncomingFile,
    night_chunks,
    receive_recording,
)
from recordings.ingest import INGESTS, remove_failed
from recordings.management.lookup import existing_file, study_to_change
from recordings.management.night_options import add_night_options, night_decisions
from recordings.management.stage_options import add_stage_options, stage_options
from recordings.models import Ingest, Recording
from recordings.overlaps import overlap_notes
from studies.models import Study


class Command(BaseCommand):
    help = (
        "Import recordings into a study: EDF, BDF, BrainVision, EEGLAB, FIF or GDF, also as gz or "
        "zip. Of a folder, a zip of several nights, or several files, each recording becomes a "
        "night with the stage files whose names belong to it. The files are not changed. Names, "
        "dates and free text in them are not stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="+", help="files, folders or zip files")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--subject", default="", metavar="CODE", help="default: the next free")
        parser.add_argument("--stages", type=Path, metavar="FILE", help="stages scored elsewhere")
        parser.add_argument(
            "--scorer", default="", metavar="NAME", help="who scored the stages; default: Imported"
        )
        add_stage_options(parser)
        add_night_options(parser)
        parser.add_argument("--json", action="store_true", help="print a JSON object")
        many = parser.add_argument_group("for several nights")
        many.add_argument(
            "--pattern",
            default="",
            metavar="NAME",
            help="pattern of file names, such as “{subject}_N{night}_*.edf” (default: detected)",
        )
        many.add_argument(
            "--stages-pattern",
            default="",
            metavar="NAME",
            help="pattern of names of stage files, such as “{subject}_N{night}_{scorer}.txt”",
        )
        many.add_argument(
            "--dry-run", action="store_true", help="list what would be imported, without importing"
        )

    def handle(self, *, file: list[Path], study: str, json: bool = False, **options: Any) -> None:
        options_given = Namespace(**options)
        if is_many(file, options_given):
            import_many(self, file, study_to_change(study), options_given, json=json)
        else:
            self._import_one(file[0], study_to_change(study), options_given, json=json)

    def _import_one(self, file: Path, study: Study, options: Namespace, *, json: bool) -> None:
        ingest = _receive(file, study, options)
        INGESTS.attempt(ingest)
        ingest = Ingest.objects.select_related("recording").get(pk=ingest.pk)
        if ingest.state != Ingest.State.DONE:
            error = ingest.error or "Another worker took the file over."
            if ingest.state == Ingest.State.FAILED:
                remove_failed(recording=ingest.recording)
            else:
                error += " The recording waits for a worker, which tries again."
            raise CommandError(error)
        if json:
            self.stdout.write(json_format.dumps(asdict(_imported(ingest.recording))))
        else:
            self._write_text(ingest.recording)

    def _write_text(self, recording: Recording) -> None:
        derivations = ", ".join(recording.derivation_names)
        self.stdout.write(f"{recording.name}: {recording.epoch_count} epochs, {derivations}")
        for remark in (*recording.warnings, *recording.notes, *overlap_notes(recording)):
            self.stdout.write(f"  {remark}")
        options = dict.fromkeys(doubt["option"] for doubt in recording.intake["doubts"])
        if options:
            self.stdout.write(f"  To change assumptions: {', '.join(options)}")


def _receive(file: Path, study: Study, options: Namespace) -> Ingest:
    stages = options.stages
    try:
        # Received and claimed in a single transaction: no worker ever sees it waiting.
        with transaction.atomic():
            ingest = receive_recording(
                study=study,
                file=_incoming(file),
                subject_code=options.subject,
                stages=_incoming(stages) if stages else None,
                stages_scorer=options.scorer,
                decisions=night_decisions(options, stage_options(options)),
            )
            claimed = INGESTS.claim(ingest.pk)
    except RefusedError as error:
        raise CommandError(str(error)) from error
    assert claimed is not None
    return claimed


def _incoming(path: Path) -> IncomingFile:
    return IncomingFile(chunks=night_chunks(existing_file(path)), name=path.name)


@dataclass(frozen=True)
class ImportedRecording:
    """The answer of the command."""

    id: int
    name: str
    epochs: int
    derivations: list[str]
    epoch0_s: float
    duration_s: float | None
    notes: list[str]
    warnings: list[str]
    doubts: list[dict[str, object]]
    """What was assumed, as `psg.doubts.Doubt.as_json` describes it."""


def _imported(recording: Recording) -> ImportedRecording:
    return ImportedRecording(
        id=recording.pk,
        name=recording.name,
        epochs=recording.epoch_count,
        derivations=recording.derivation_names,
        epoch0_s=recording.epoch0_s,
        duration_s=recording.duration_s,
        notes=[*recording.notes, *overlap_notes(recording)],
        warnings=recording.warnings,
        doubts=recording.intake["doubts"],
    )
