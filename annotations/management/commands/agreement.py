"""Print how far the scorings of one recording agree."""

import json as json_format
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import Scorer, Scoring
from annotations.queries.agreement import Agreement, ScoredNight, agreement, scored_nights
from recordings.management.lookup import find_recording
from recordings.models import Recording


class Command(BaseCommand):
    help = (
        "Cohen's kappa of every pair of scorings of a recording, each over the epochs that both "
        "scored, and their mean. A consensus, being made from the others, is left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recording", required=True, metavar="NAME")
        parser.add_argument("--study", metavar="SLUG", help="where several studies have the name")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *, recording: str, study: str | None, json: bool = False, **_: Any) -> None:
        night = find_recording(recording, study)
        nights = scored_nights(
            night,
            Scoring.objects.filter(recording=night)
            .exclude(scorer__kind=Scorer.Kind.CONSENSUS)
            .select_related("scorer")
            .order_by("pk"),
        )
        nights = [scored for scored in nights if scored.scored_count]
        if len(nights) < 2:
            raise CommandError(f"{night} has {len(nights)} scoring(s); agreement needs two.")
        write = self._write_json if json else self._write_text
        write(night, nights, agreement(nights))

    def _write_json(self, night: Recording, nights: list[ScoredNight], found: Agreement) -> None:
        scorers = [
            {
                "label": scored.label,
                "kind": scored.scoring.scorer.kind,
                "epochs": scored.scored_count,
            }
            for scored in nights
        ]
        head = {"recording": night.name, "study": night.study.slug, "epochs": night.epoch_count}
        self.stdout.write(
            json_format.dumps({**head, "scorers": scorers, **found.as_json()}, indent=2)
        )

    def _write_text(self, night: Recording, nights: list[ScoredNight], found: Agreement) -> None:
        self.stdout.write(f"{night}: {len(nights)} scorings of {night.epoch_count} epochs")
        for pair in found.pairs:
            self.stdout.write(
                f"  {pair.first} / {pair.second}: kappa {_shown(pair.kappa)} (n {pair.epoch_count})"
            )
        self.stdout.write(f"mean pairwise kappa {_shown(found.mean_pairwise_kappa)}")
        self.stdout.write(
            f"all agree {_shown(found.all_agree)} of the {found.all_scored_count} epochs all scored"
        )


def _shown(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
