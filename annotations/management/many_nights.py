"""Import of several nights with one start of a command: preview, progress, summary."""

import json as json_format
from argparse import Namespace
from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from psg.errors import RefusedError
from psg.readers.containers import files_of_zip, read_head
from psg.typed_json import JsonObject
from recordings.intake.batch import Batch, Outcome, import_batch, plan_batch
from recordings.intake.matching import Patterns
from recordings.intake.reading_files import is_zip
from recordings.intake.sources import files_at
from recordings.management.night_options import night_decisions
from recordings.management.stage_options import stage_options
from studies.models import Study

_WORDS = {
    "imported": "imported",
    "ready": "ready",
    "waiting": "waiting for a worker",
    "present": "in the study already",
    "questions": "has open questions",
    "refused": "refused",
}
_MOST_NAMED = 10
_NO_LETTER = "\N{REPLACEMENT CHARACTER}"


def is_many(paths: list[Path], options: Namespace) -> bool:
    """Whether the paths are to be taken as nights of a folder, and not as a single recording."""
    if len(paths) > 1 or paths[0].is_dir() or options.pattern or options.dry_run:
        return True
    if not paths[0].is_file() or not is_zip(paths[0].name, read_head(paths[0])):
        return False
    try:
        return len(files_of_zip(paths[0]).nights) > 1
    except RefusedError:
        return False  # said as for any single file


def import_many(
    command: BaseCommand, paths: list[Path], study: Study, options: Namespace, *, json: bool
) -> None:
    """Import every night of folders, zips and files; an exit status of 1 if one was refused."""
    if options.subject or options.stages or options.scorer:
        raise CommandError("--subject, --stages and --scorer are for one recording: use --pattern.")
    if missing := next((path for path in paths if not path.exists()), None):
        raise CommandError(f"{missing} does not exist.")
    try:
        decisions = night_decisions(options, stage_options(options))
        batch = plan_batch(files_at(paths), Patterns(options.pattern, options.stages_pattern))
    except (RefusedError, OSError) as error:
        raise CommandError(str(error)) from error
    if not json:
        _write_plan(command, batch)
    if not batch.nights:
        raise CommandError("There is no recording that can be read among these files.")
    outcomes = []
    for outcome in import_batch(
        study=study, batch=batch, decisions=decisions, dry_run=options.dry_run
    ):
        outcomes.append(outcome)
        if not json:
            place = f"[{len(outcomes)}/{len(batch.nights)}]"
            _write(command, [f"{place} {_line(outcome)}", *(f"  {d}" for d in outcome.doubts)])
    if json:
        command.stdout.write(json_format.dumps(_as_json(batch, outcomes)))
    _finish(command, batch, outcomes, json=json)


def _write(command: BaseCommand, lines: list[str]) -> None:
    for line in lines:  # names of files may hold anything, also what steers a terminal
        command.stdout.write("".join(c if c.isprintable() else _NO_LETTER for c in line))
    command.stdout.flush()


def _write_plan(command: BaseCommand, batch: Batch) -> None:
    stages = sum(len(night.stages) for night in batch.nights)
    pattern = f" by the pattern {batch.pattern}" if batch.pattern else " without a pattern"
    lines = [f"{len(batch.nights)} recordings and {stages} stage files{pattern}"]
    if batch.unmatched:
        named = ", ".join(batch.unmatched[:_MOST_NAMED])
        more = len(batch.unmatched) - _MOST_NAMED
        rest = f", and {more} more" if more > 0 else ""
        lines.append(f"Files that belong to no recording are left out: {named}{rest}")
    lines += [f"{each.name} cannot be read: {each.error}" for each in batch.unread]
    _write(command, lines)


def _line(outcome: Outcome) -> str:
    night = outcome.night
    subject = night.named.subject or "next free code"
    number = f" night {night.named.night}" if night.named.night is not None else ""
    scorers = ", ".join(scorer or "Imported" for _, scorer in night.stages)
    files = f"{night.main.name}{f', scored by {scorers}' if scorers else ''}"
    words = [f"{subject}{number} ({files}): {_WORDS.get(outcome.state, outcome.state)}"]
    if outcome.recording is not None:
        words.append(f" as {outcome.recording.name}, {outcome.recording.epoch_count} epochs")
    return "".join(words) + (f": {outcome.error}" if outcome.error else "")


def _as_json(batch: Batch, outcomes: list[Outcome]) -> JsonObject:
    return {
        "pattern": batch.pattern,
        "left_out": list(batch.unmatched),
        "unread": [{"file": each.name, "error": each.error} for each in batch.unread],
        "nights": [
            {
                "file": outcome.night.main.name,
                "subject": outcome.night.named.subject,
                "night": outcome.night.named.night,
                "stage_files": [
                    {"file": source.name, "scorer": scorer}
                    for source, scorer in outcome.night.stages
                ],
                "state": outcome.state,
                "error": outcome.error,
                "doubts": outcome.doubts,
                "recording": outcome.recording and outcome.recording.name,
            }
            for outcome in outcomes
        ],
    }


def _finish(command: BaseCommand, batch: Batch, outcomes: list[Outcome], *, json: bool) -> None:
    counts = Counter(outcome.state for outcome in outcomes)
    listed = [f"{counts[state]} {words}" for state, words in _WORDS.items() if counts[state]]
    if not json:
        _write(command, [f"{len(outcomes)} recordings: {', '.join(listed)}"])
    problems = []
    if failed := counts["refused"] + counts["questions"] + counts["waiting"]:
        problems.append(f"{failed} of {len(batch.nights)} recordings are not imported yet.")
    if batch.unread:
        problems.append(f"{len(batch.unread)} files or folders cannot be read.")
    if problems:
        raise CommandError(" ".join(problems))
