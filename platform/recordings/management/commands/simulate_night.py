"""Write a simulated night to a folder, in the layout of MASS."""

import json as json_format
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from psg.simulate import (
    Difficulty,
    MassFiles,
    Reference,
    SimulatedNight,
    simulate_night,
    write_mass_files,
)

LONGEST_H = 48.0


class Command(BaseCommand):
    help = (
        "Write a simulated night: '<subject> PSG.edf', '<subject> Base.edf' with the "
        "stages of a simulated expert, and '<subject> events.csv' with all events. The same seed "
        "gives the same files."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out_dir", type=Path, metavar="OUT_DIR")
        parser.add_argument("--hours", type=float, required=True, metavar="H")
        parser.add_argument("--seed", type=int, required=True, metavar="S")
        parser.add_argument("--subject", default="01-09-0001", metavar="CODE")
        parser.add_argument(
            "--difficulty",
            choices=[one.value for one in Difficulty],
            default=Difficulty.PLAIN,
            help="clinical nights are as hard to read as recordings of sleep laboratories",
        )
        parser.add_argument(
            "--reference",
            choices=[one.value for one in Reference],
            default=Reference.MASTOIDS,
            help="what signals are measured against; labels stay the same",
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(
        self,
        *,
        out_dir: Path,
        hours: float,
        seed: int,
        subject: str,
        difficulty: str,
        reference: str,
        json: bool,
        **_: Any,
    ) -> None:
        if not hours <= LONGEST_H:
            raise CommandError(f"A night of {hours:g} h is too long; the limit is {LONGEST_H:g} h.")
        try:
            night = simulate_night(
                hours=hours,
                seed=seed,
                subject=subject,
                difficulty=Difficulty(difficulty),
                reference=Reference(reference),
            )
            files = write_mass_files(night, out_dir)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        self._report(night, files, json)

    def _report(self, night: SimulatedNight, files: MassFiles, json: bool) -> None:
        if json:
            paths = {"psg": str(files.psg), "base": str(files.base), "events": str(files.events)}
            counts = {"epochs": night.grid.epoch_count, "event_count": len(night.events)}
            self.stdout.write(json_format.dumps({"subject": night.subject, **counts, **paths}))
            return
        for path in (files.psg, files.base, files.events):
            self.stdout.write(str(path))
