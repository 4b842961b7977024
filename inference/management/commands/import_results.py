"""Import predictions of the published project as a scoring by a model."""

import json as json_format
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exchange.exports import choose_scorer
from inference.runs.importing import (
    ImportedModel,
    ImportedRun,
    Numbering,
    faults_of,
    import_results,
)
from psg.errors import RefusedError
from recordings.management.lookup import existing_file, study_to_change


class Command(BaseCommand):
    help = (
        "Import results.jsonl, the predictions that the scripts of the published SleepVLM project "
        "write, as a scoring by a model for each recording, with its replies word for word. "
        "Replies without a stage are stored and counted. The file is imported completely or not "
        "at all. Say what N in the names of images counts: --reference, --epochs or --n-is-epoch."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="results.jsonl")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--model", required=True, metavar="NAME", help="of the model")
        parser.add_argument("--model-version", default="1", metavar="VERSION")
        parser.add_argument("--licence", default="not stated")
        counts = parser.add_mutually_exclusive_group(required=True)
        counts.add_argument(
            "--reference",
            metavar="SCORER",
            help="N counts the epochs that this scorer has staged; stages are compared",
        )
        counts.add_argument("--epochs", type=Path, metavar="CSV", help="epochs.csv of an export")
        counts.add_argument(
            "--n-is-epoch", action="store_true", help="N counts the epochs of the recording"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, file: Path, study: str, json: bool, **options: Any) -> None:
        target = study_to_change(study)
        model = ImportedModel(options["model"], options["model_version"], options["licence"])
        try:
            reference = options["reference"]
            numbering = Numbering(
                is_epoch=options["n_is_epoch"],
                epochs_csv=existing_file(options["epochs"]) if options["epochs"] else None,
                scorer=choose_scorer(target, reference, include_open=False) if reference else None,
            )
            imported = import_results(
                study=target, path=existing_file(file), model=model, numbering=numbering
            )
        except RefusedError as error:
            raise CommandError(str(error)) from error
        if json:
            self.stdout.write(json_format.dumps({"runs": [_as_json(its) for its in imported]}))
            return
        for its in imported:
            unparsed = f", {its.unparsed} replies without a stage" if its.unparsed else ""
            self.stdout.write(f"{its.run}: {its.epochs} epochs{unparsed}")


def _as_json(its: ImportedRun) -> dict[str, object]:
    return {
        "recording": its.run.recording.name,
        "run": its.run.pk,
        "scoring": its.run.scoring_id,
        "epochs": its.epochs,
        "unparsed": its.unparsed,
        "faults": faults_of(its.run),
    }
