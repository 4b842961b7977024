"""Print the most uncertain nights of a study."""

import json as json_format
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from annotations.agreement.doubtful import ORDERS, doubtful_nights
from annotations.agreement.sheet import sheet_of
from annotations.scoring.models import Scorer, Scoring
from recordings.management.lookup import find_study


class Command(BaseCommand):
    help = (
        "The nights of a study, first those in which models are most uncertain about their stages, "
        "or in which finished scorings disagree most."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--order", choices=ORDERS, default=ORDERS[0])
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, study: str, order: str, json: bool = False, **_: Any) -> None:
        scorings = Scoring.objects.filter(recording__study=find_study(study))
        sheet = sheet_of(scorings.exclude(scorer__kind=Scorer.Kind.CONSENSUS))
        nights = doubtful_nights(sheet, order=order)
        if json:
            rows = [night.as_json() for night in nights]
            answer = {"study": study, "order": order, "nights": rows}
            self.stdout.write(json_format.dumps(answer, indent=2))
            return
        for night in nights:
            value = night.by(order)
            text = "undefined" if value is None else f"{value:.3f}"
            self.stdout.write(f"{night.night.recording.name}: {order} {text}")
