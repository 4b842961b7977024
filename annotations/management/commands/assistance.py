"""Print what suggestions did to the answers of a study's scorers."""

import json as json_format
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.agreement.sheet import sheet_of
from annotations.assistance.report import assistance_report, reference_of
from annotations.scoring.models import Scoring
from recordings.management.lookup import find_study


class Command(BaseCommand):
    help = (
        "Automation bias, from the log of changes: how often suggestions were followed, right and "
        "wrong ones, what became of rationales, and the time it took. Of finished scorings in the "
        "modes reveal and assisted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument(
            "--reference", default="", metavar="NAME", help="who is right; default: the consensus"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *, study: str, reference: str, json: bool = False, **_: Any) -> None:
        found = find_study(study)
        scorings = Scoring.objects.filter(recording__study=found)
        sheet = sheet_of(scorings)
        keys = {column.label: column.key for column in sheet.columns}
        if reference and reference not in keys:
            raise CommandError(f"No scorer named {reference} has finished a night of {study}.")
        report = assistance_report(scorings, sheet, reference_of(sheet, keys.get(reference, "")))
        if json:
            self.stdout.write(json_format.dumps({"study": found.slug, **report}, indent=2))
            return
        self._write_text(report)

    def _write_text(self, report: dict[str, Any]) -> None:
        by = report["reference"]["label"] if report["reference"] else "nobody"
        self.stdout.write(
            f"{report['answers']} answers with a suggestion at hand, of {report['recordings']} "
            f"recordings; right by {by}"
        )
        for mode in report["modes"]:
            self.stdout.write(f"{mode['mode']}: {mode['answers']} answers")
            for name, rate in mode["rates"].items():
                told = "" if rate["value"] is None else f", {rate['value']:.3f}"
                self.stdout.write(f"  {name}: {rate['count']} of {rate['of']}{told}")
        for note in report["notes"]:
            self.stdout.write(note)
