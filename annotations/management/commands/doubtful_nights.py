"""Print which nights to look at first."""

import json as json_format
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from annotations.agreement.doubtful import ORDERS, doubtful_nights
from annotations.agreement.sheet import sheet_of
from annotations.scoring.models import Scorer, Scoring
from recordings.management.lookup import find_study


class Command(BaseCommand):
    help = (
        "The nights of a study, those first in which models are least sure of their stages, or in "
        "which finished scorings differ most."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--order", choices=ORDERS, default=ORDERS[0])
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *, study: str, order: str, json: bool = False, **_: Any) -> None:
        found = Scoring.objects.filter(recording__study=find_study(study))
        sheet = sheet_of(found.exclude(scorer__kind=Scorer.Kind.CONSENSUS))
        nights = [night.as_json() for night in doubtful_nights(sheet, order=order)]
        if json:
            answer = {"study": study, "order": order, "nights": nights}
            self.stdout.write(json_format.dumps(answer, indent=2))
            return
        for night in nights:
            value = night[order]
            told = "not known" if value is None else f"{value:.3f}"
            self.stdout.write(f"{night['recording']}: {order} {told}")
