"""The quarantine of stored files: list, restore, empty, and move files to it."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from psg.errors import RefusedError
from recordings.orphans import sweep_store
from recordings.quarantine import (
    KEPT_FOR,
    QuarantinedFile,
    empty_quarantine,
    quarantined_files,
    restore_from_quarantine,
)
from recordings.store import refuse_other_store
from studies.audit import record
from studies.models import Act

EVERYTHING = 1_000_000_000


class Command(BaseCommand):
    help = (
        "Stored files that no row of the database names are moved to quarantine and deleted after"
        " 30 days. List them, restore one to its place, delete the old ones now, or move files that"
        " the hourly sweep left in place because they were too many at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="list what is in quarantine, oldest first")
        restore = acts.add_parser("restore", help="move a file back to its place in the store")
        restore.add_argument("path", metavar="PATH", help="as `list` prints it")
        empty = acts.add_parser("empty", help="delete what has been in quarantine for long")
        empty.add_argument("--older-than", type=_days, default=KEPT_FOR.days, metavar="DAYS")
        acts.add_parser("move", help="move all old files without a row to quarantine")

    def handle(self, *, act: str, **options: Any) -> None:
        try:
            match act:
                case "list":
                    self._list()
                case "restore":
                    self._restore(options["path"])
                case "empty":
                    self._empty(timedelta(days=options["older_than"]))
                case "move":
                    self._move()
        except (RefusedError, OSError) as error:
            raise CommandError(str(error)) from error

    def _list(self) -> None:
        entries = quarantined_files()
        for entry in entries:
            self.stdout.write(f"{entry.at:%Y-%m-%d %H:%M}  {entry.size:>12}  {_words(entry)}")
        self.stdout.write(
            f"{len(entries)} in quarantine, {sum(entry.size for entry in entries)} bytes."
        )

    def _restore(self, name: str) -> None:
        refuse_other_store()
        place = restore_from_quarantine(name)
        record(Act.QUARANTINE_RESTORED, user=None, about=name)
        self.stdout.write(f"Restored as {place}")

    def _empty(self, older_than: timedelta) -> None:
        refuse_other_store()
        dropped = empty_quarantine(older_than=older_than)
        record(
            Act.QUARANTINE_EMPTIED,
            user=None,
            details={"files": len(dropped), "older_than_days": older_than.days},
        )
        self.stdout.write(f"{len(dropped)} deleted from quarantine.")

    def _move(self) -> None:
        sweep = sweep_store(at_once=EVERYTHING)
        record(Act.QUARANTINE_MOVED, user=None, details={"files": len(sweep.moved)})
        self.stdout.write(f"{len(sweep.moved)} moved to quarantine.")
        if sweep.warning:
            raise CommandError(sweep.warning)


def _days(text: str) -> int:
    days = int(text)
    if days < 0:
        raise ValueError(text)
    return days


def _words(entry: QuarantinedFile) -> str:
    return f"{entry.name}  ({entry.why})"
