"""Print the effect of suggestions on the scorers of a study."""

import json as json_format
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.agreement.sheet import sheet_of
from annotations.assistance.report import AssistanceReport, assistance_report, reference_of
from annotations.scoring.models import Scoring
from recordings.management.lookup import find_study


class Command(BaseCommand):
    help = (
        "Automation bias, from the log of changes: how often right and wrong suggestions were "
        "followed, how rationales changed, and the time per epoch. Of finished scorings in the "
        "modes reveal and assisted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument(
            "--reference",
            default="",
            metavar="NAME",
            help="reference scorer; default: the consensus",
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, study: str, reference: str, json: bool = False, **_: Any) -> None:
        of_study = find_study(study)
        scorings = Scoring.objects.filter(recording__study=of_study)
        sheet = sheet_of(scorings)
        keys = {column.label: column.key for column in sheet.columns}
        if reference and reference not in keys:
            raise CommandError(f"No scorer named {reference} has finished a night of {study}.")
        report = assistance_report(scorings, sheet, reference_of(sheet, keys.get(reference, "")))
        if json:
            self.stdout.write(
                json_format.dumps({"study": of_study.slug, **report.as_json()}, indent=2)
            )
            return
        self._write_text(report)

    def _write_text(self, report: AssistanceReport) -> None:
        reference = report.reference.label if report.reference else "none"
        self.stdout.write(
            f"{report.answers} answers with a suggestion, of {report.recordings} recordings; "
            f"reference: {reference}"
        )
        for mode in report.modes:
            self.stdout.write(f"{mode.mode}: {mode.answers} answers")
            for name, rate in mode.rates.items():
                share = "" if rate.value is None else f", {rate.value:.3f}"
                self.stdout.write(f"  {name}: {rate.count} of {rate.of}{share}")
        for note in report.notes:
            self.stdout.write(note)
