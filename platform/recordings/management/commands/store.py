"""The store of files, and the database that it belongs to."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recordings.models import StoreIdentity
from recordings.store import adopt_store, store_mark, store_problem, store_root


class Command(BaseCommand):
    help = (
        "Show whether the store of files belongs to this database, or adopt it after both were"
        " moved or restored. No file is swept in the store of another database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("status", help="show the ids of store and database, and the last sweep")
        adopt = acts.add_parser("adopt", help="declare that the store belongs to this database")
        adopt.add_argument("--reason", required=True, help="goes to the audit trail")

    def handle(self, *, act: str, **options: Any) -> None:
        if act == "adopt":
            self._adopt(options["reason"])
        else:
            self._status()

    def _adopt(self, reason: str) -> None:
        if not reason.strip():
            raise CommandError("Enter a reason.")
        try:
            store = adopt_store(user=None, why=reason.strip())
        except OSError as error:
            raise CommandError(f"The store cannot be written: {error}") from error
        self.stdout.write(f"The store {store_root()} belongs to this database now: {store}")

    def _status(self) -> None:
        identity = StoreIdentity.objects.first()
        self.stdout.write(f"store     {store_root()}: {store_mark() or 'no id'}")
        self.stdout.write(f"database  {identity or 'no id'}")
        if identity and identity.swept_at:
            self.stdout.write(f"swept     {identity.swept_at:%Y-%m-%d %H:%M} UTC")
        if identity and identity.warning:
            self.stdout.write(f"warning   {identity.warning}")
        if problem := store_problem():
            raise CommandError(problem)
