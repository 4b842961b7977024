"""Correct channels, units, mains or clock of a recording, from its stored signals."""

from argparse import Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from epochwise.lifecycle.signal_corrections import (
    SignalDependents,
    checked_plan,
    request_correction,
    visible_of,
)
from psg.errors import RefusedError
from psg.ingest import NightDecisions
from recordings.corrections.models import SignalCorrection
from recordings.corrections.words import Change, changes_between
from recordings.corrections.work import CORRECTIONS, dependents_of
from recordings.management.lookup import find_recording, refuse_archived
from recordings.management.night_options import add_signal_options, signal_decisions
from recordings.models import Recording


class Command(BaseCommand):
    help = (
        "Say what a correction of the signals of a recording would change, and what was made on"
        " them. With --reason it is done: a new signal store is made from the unfiltered channels."
        " Scorings and epochs stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the recording")
        parser.add_argument("--study", metavar="SLUG")
        add_signal_options(parser)
        parser.add_argument("--reason", default="", help="stays in the history and audit trail")

    def handle(self, *, name: str, study: str | None, reason: str, **options: Any) -> None:
        recording = find_recording(name, study)
        if reason:
            refuse_archived(recording.study)
        try:
            given = signal_decisions(Namespace(**options))
            rests = visible_of(dependents_of(recording), None)
            plan = checked_plan(recording, given)
            self._list(changes_between(plan.before, plan.after), rests)
            for doubt in plan.doubts:
                self.stdout.write(f"  {doubt}")
            if reason:
                self._correct(recording, given, reason)
            else:
                self.stdout.write("Nothing was changed. To correct the signals: add --reason.")
        except RefusedError as error:
            raise CommandError(str(error)) from error

    def _list(self, changes: list[Change], rests: SignalDependents) -> None:
        for change in changes:
            self.stdout.write(f"  {change.name}: {change.before} -> {change.after}")
        for scoring in rests.scorings:
            self.stdout.write(f"  scoring on the signals before: {scoring.scorer.label}")
        for adjudication in rests.adjudications:
            self.stdout.write(f"  on the signals before: {adjudication}")
        for run in rests.runs:
            self.stdout.write(f"  pre-scored on the signals before: {run.bundle}, run {run.pk}")

    def _correct(self, recording: Recording, given: NightDecisions, reason: str) -> None:
        # Requested and claimed in a single transaction: no worker ever sees it waiting.
        with transaction.atomic():
            asked = request_correction(recording=recording, given=given, user=None, why=reason)
            claimed = CORRECTIONS.claim(asked.pk)
        if claimed is not None:
            CORRECTIONS.attempt(claimed)
        asked.refresh_from_db()
        if asked.state == SignalCorrection.State.FAILED:
            raise CommandError(asked.error)
        if asked.state != SignalCorrection.State.DONE:
            raise CommandError(f"It waits for a worker, which tries again. {asked.error}".strip())
        self.stdout.write(
            f"Corrected. {recording.name} has version {asked.version_after} of its signals."
        )
