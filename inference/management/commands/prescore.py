"""Pre-score a recording, or all recordings of a study."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.adapters import installed_adapters
from inference.bundles.reading import MOST_REPLIES
from inference.models import PreScoreRun
from inference.registry.promotions import bundle_to_use
from inference.runs.entry import begin_run, begin_study
from inference.runs.reading import GPU_QUEUE, StudyProgress, gpu_workers, study_progress
from inference.runs.work import CHUNKS, finish_stranded, score_next_chunk
from psg.errors import RefusedError
from recordings.management.lookup import find_recording, find_study

POLL_S = 1.0
_PRIORITIES = [name.lower() for name in PreScoreRun.Priority.names]


class Command(BaseCommand):
    help = (
        "Pre-score a recording with a bundle, or with --study alone all recordings of the study "
        "that are not yet pre-scored with the bundle. The work goes to the gpu queue. With --wait "
        "the command waits until it is done, and does the work itself if no worker is running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recording", default="", metavar="NAME")
        parser.add_argument(
            "--bundle", default="", metavar="NAME", help="default: the default model of the study"
        )
        parser.add_argument(
            "--study", default="", metavar="SLUG", help="all its recordings, or where names repeat"
        )
        parser.add_argument("--priority", choices=_PRIORITIES, default="normal")
        parser.add_argument(
            "--best-of",
            type=int,
            choices=range(1, MOST_REPLIES + 1),
            default=0,
            metavar="N",
            help="write N replies to each epoch and keep the one that measurements contradict least"
            " (default: as the bundle sets)",
        )
        parser.add_argument("--wait", action="store_true", help="wait until the runs have ended")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, recording: str, study: str, **options: Any) -> None:
        if not recording and not study:
            raise CommandError("Name a recording with --recording, or a study with --study.")
        try:
            runs = self._begin(
                recording,
                study,
                name=options["bundle"],
                priority=PreScoreRun.Priority[options["priority"].upper()],
                best_of=options["best_of"],
                quiet=options["json"],
            )
        except RefusedError as refused:
            raise CommandError(str(refused)) from refused
        if options["wait"]:
            self._wait(runs, quiet=options["json"])
        elif not options["json"]:
            self._print_queue(runs)
        if options["json"]:
            reports = [_report(run) for run in runs]
            self.stdout.write(json.dumps(reports[0] if recording else {"runs": reports}))
        if options["wait"]:
            _raise_if_stopped(runs)

    def _begin(
        self, recording: str, study: str, *, name: str, priority: int, best_of: int, quiet: bool
    ) -> list[PreScoreRun]:
        if recording:
            night = find_recording(recording, study)
            bundle = bundle_to_use(study=night.study, name=name)
            run = begin_run(recording=night, bundle=bundle, priority=priority, best_of=best_of)
            return [run]
        whole = find_study(study)
        bundle = bundle_to_use(study=whole, name=name)
        start = begin_study(study=whole, bundle=bundle, priority=priority, best_of=best_of)
        if not quiet:
            for _, reason in start.left_out:
                self.stdout.write(f"Skipped: {reason}")
        return start.runs

    def _print_queue(self, runs: list[PreScoreRun]) -> None:
        for run in runs:
            self.stdout.write(f"Run {run.pk}: {run.total} epochs wait on the queue {GPU_QUEUE}.")
        if not gpu_workers().total:
            self.stdout.write("No worker is running. The work starts when a worker starts.")

    def _wait(self, runs: list[PreScoreRun], *, quiet: bool) -> None:
        mine = PreScoreRun.objects.filter(pk__in=[run.pk for run in runs])
        shown = -1
        while (progress := study_progress(mine)).runs:
            if progress.done != shown and not quiet:
                self._print(progress)
            shown = progress.done
            if gpu_workers().total or not _worked_here():
                time.sleep(POLL_S)
        for run in runs:
            run.refresh_from_db()
            if not quiet:
                failed = f", {run.failed_count} without a stage" if run.failed_count else ""
                self.stdout.write(
                    f"{run.recording}: {run.done} of {run.total} epochs answered{failed}."
                )

    def _print(self, progress: StudyProgress) -> None:
        left = f", {progress.left} left" if progress.left else ""
        self.stdout.write(
            f"{progress.label}: {progress.done} of {progress.total} {progress.rate}{left}"
        )


def _worked_here() -> bool:
    """Do the next chunk in this process, like a worker; return False if there is none."""
    CHUNKS.give_back_abandoned()
    if score_next_chunk(adapters=installed_adapters()):
        return True
    finish_stranded()
    return False


def _raise_if_stopped(runs: list[PreScoreRun]) -> None:
    stopped = [run for run in runs if run.state != PreScoreRun.State.DONE]
    if stopped:
        reasons = [f"{r.recording}: {r.get_state_display().lower()}. {r.error}" for r in stopped]
        raise CommandError("Not done. " + " ".join(reasons).strip())


def _report(run: PreScoreRun) -> dict[str, object]:
    return {
        "run": run.pk,
        "recording": run.recording.name,
        "scoring": run.scoring_id,
        "state": run.state,
        "epochs": run.total,
        "done": run.done,
        "failed": run.failed_count,
        "scored": run.scoring.scores.count(),
    }
