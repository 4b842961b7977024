"""List or delete the import settings of a study."""

import json as json_format
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recordings.intake.reading import rule_json
from recordings.management.lookup import find_study, study_to_change


class Command(BaseCommand):
    help = (
        "List the import settings of a study: channel maps by the labels of a "
        "recording, how stage files of a format are read, patterns of file names."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument(
            "--delete",
            type=int,
            action="append",
            default=[],
            metavar="NUMBER",
            help="number of the setting",
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, study: str, delete: list[int], json: bool = False, **_: Any) -> None:
        wanted = study_to_change(study) if delete else find_study(study)
        rules = wanted.intake_rules.select_related("set_by")
        if unknown := set(delete) - set(rules.values_list("pk", flat=True)):
            raise CommandError(
                f"The study has no import setting {', '.join(map(str, sorted(unknown)))}."
            )
        rules.filter(pk__in=delete).delete()
        listed = [rule_json(rule) for rule in rules.order_by("kind", "pk")]
        if json:
            self.stdout.write(json_format.dumps({"rules": listed}))
            return
        for rule in listed:
            by = f" by {rule['set_by']}" if rule["set_by"] else ""
            self.stdout.write(f"{rule['id']:>5}  {rule['words']}")
            self.stdout.write(f"       set{by} on {str(rule['set_at'])[:10]}")
        if not listed:
            self.stdout.write("The study has no import settings.")
