"""Pre-score one recording."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.bundles import BundleError
from inference.entry import begin_run
from inference.models import PreScoreRun, RunChunk
from inference.queries.progress import GPU_QUEUE, progress_of
from inference.services.bundles import find_bundle
from inference.services.runs import RunRefusedError
from inference.services.sweep import expire_leases, finish_stranded
from inference.services.work import work_on_chunk
from recordings.management.lookup import find_recording
from recordings.workers import live_workers

POLL_S = 1.0


class Command(BaseCommand):
    help = (
        "Pre-score a recording with a bundle. The work goes to the gpu queue; with --wait the "
        "command stays until it is done, and does the work itself where no worker is running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recording", required=True, metavar="NAME")
        parser.add_argument("--bundle", required=True, metavar="NAME")
        parser.add_argument("--study", default="", metavar="SLUG", help="where names repeat")
        parser.add_argument("--wait", action="store_true", help="stay until the run has ended")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, recording: str, bundle: str, study: str, **options: Any) -> None:
        try:
            night = find_recording(recording, study)
            run = begin_run(recording=night, bundle=find_bundle(bundle))
        except (BundleError, RunRefusedError) as refused:
            raise CommandError(str(refused)) from refused
        if options["wait"]:
            self._wait(run, quiet=options["json"])
        elif not options["json"]:
            self._say_where(run)
        if options["json"]:
            self.stdout.write(json.dumps(_report(run)))
        if options["wait"] and run.state != PreScoreRun.State.DONE:
            raise CommandError(f"The run is {run.get_state_display().lower()}. {run.error}")

    def _say_where(self, run: PreScoreRun) -> None:
        self.stdout.write(f"Run {run.pk}: {run.total} epochs wait on the queue {GPU_QUEUE}.")
        if not live_workers(GPU_QUEUE):
            self.stdout.write("No worker is running; it starts when one does.")

    def _wait(self, run: PreScoreRun, *, quiet: bool) -> None:
        told = -1
        while run.is_live:
            if live_workers(GPU_QUEUE):
                time.sleep(POLL_S)
            else:
                _work_here(run)
            run.refresh_from_db()
            if run.done != told and not quiet:
                self._tell(run)
            told = run.done
        if not quiet:
            failed = f", {run.failed_count} without a stage" if run.failed_count else ""
            self.stdout.write(f"{run.done} of {run.total} epochs answered{failed}.")

    def _tell(self, run: PreScoreRun) -> None:
        progress = progress_of(run, workers=0)
        left = f", {progress.left} left" if progress.left else ""
        self.stdout.write(f"{run.done} of {run.total} {progress.rate}{left}")


def _work_here(run: PreScoreRun) -> None:
    """Do one chunk of the run in this process, as a worker would."""
    expire_leases()
    mine = run.chunks.filter(state=RunChunk.State.QUEUED).order_by("first").first()
    if mine is None:
        finish_stranded()
        time.sleep(POLL_S)
        return
    work_on_chunk(chunk_id=mine.pk)


def _report(run: PreScoreRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "scoring": run.scoring_id,
        "state": run.state,
        "epochs": run.total,
        "done": run.done,
        "failed": run.failed_count,
        "scored": run.scoring.scores.count(),
    }
