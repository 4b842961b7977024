"""Write a study's scorings as MASS-EX files into a folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.exchange.exports import choose_scorer, export_to_folder
from psg.errors import RefusedError
from recordings.management.lookup import find_study


class Command(BaseCommand):
    help = (
        "Write the finished scorings of a scorer in MASS-EX layout: annotations/fine and "
        "annotations/coarse with a csv for each subject, annotations/epochs.csv with the times, "
        "the same for spreadsheets, and SHA256SUMS. Without --scorer: the consensus, else the only "
        "expert, else the only imported scorer, else the only model."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")
        parser.add_argument("--scorer", metavar="LABEL", help="whose scorings")
        parser.add_argument(
            "--include-open", action="store_true", help="scorings not submitted yet as well"
        )

    def handle(
        self, *, study: str, out: Path, scorer: str | None, include_open: bool, **_: Any
    ) -> None:
        target = find_study(study)
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CommandError(f"{out} is not an empty folder: nothing was written.")
        try:
            chosen = choose_scorer(target, scorer, include_open=include_open)
            count = export_to_folder(
                study=target, scorer=chosen, include_open=include_open, folder=out
            )
        except (RefusedError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} night(s) by {chosen} are in {out}")
