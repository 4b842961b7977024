"""Erase a recording, a subject or the account of a person, after listing what goes."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.releases.erasing import rewrite_due_releases
from epochwise.lifecycle.erasing import erase_recording, erase_subject, nights_of, require_reason
from epochwise.lifecycle.people import PersonReach, erase_person, reach_of_person
from epochwise.lifecycle.reach import Nights, Reach, reach_of
from psg.errors import RefusedError
from recordings.management.lookup import find_recording, find_study
from recordings.models import Subject
from recordings.removals import finish_removals
from studies.models import User


class Command(BaseCommand):
    help = (
        "List everything that would be erased with a recording, a subject or the account of a"
        " person. With --reason and --confirm NAME it is erased. Frozen releases are written again"
        " without it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        recording = kinds.add_parser("recording", help="a recording and all that rests on it")
        recording.add_argument("name")
        recording.add_argument("--study", metavar="SLUG")
        subject = kinds.add_parser("subject", help="a subject with all recordings")
        subject.add_argument("name", metavar="code")
        subject.add_argument("--study", metavar="SLUG", required=True)
        person = kinds.add_parser("person", help="name and account of a person")
        person.add_argument("name", metavar="username")
        person.add_argument(
            "--with-scorings", action="store_true", help="also scorings on which nothing rests"
        )
        for kind in (recording, subject, person):
            kind.add_argument("--reason", default="", help="stays in the audit trail")
            kind.add_argument("--confirm", metavar="NAME", help="the name again, to erase it")

    def handle(self, *, kind: str, **options: Any) -> None:
        acts: dict[str, Callable[..., None]] = {
            "recording": self._recording,
            "subject": self._subject,
            "person": self._person,
        }
        try:
            acts[kind](**options)
        except RefusedError as error:
            raise CommandError(str(error)) from error

    def _recording(self, *, study: str | None, **options: Any) -> None:
        recording = find_recording(options["name"], study)
        self._list_nights(nights_of(recording.study, [recording.pk]))
        if self._is_confirmed(**options):
            erase_recording(recording=recording, user=None, reason=options["reason"])
            self._finish()

    def _subject(self, *, study: str, **options: Any) -> None:
        subject = Subject.objects.filter(study=find_study(study), code=options["name"]).first()
        if subject is None:
            raise CommandError(f"There is no subject {options['name']} in {study}.")
        pks = list(subject.recordings.values_list("pk", flat=True))
        self._list_nights(nights_of(subject.study, pks, subject))
        if self._is_confirmed(**options):
            erase_subject(subject=subject, user=None, reason=options["reason"])
            self._finish()

    def _person(self, *, with_scorings: bool, **options: Any) -> None:
        person = User.objects.filter(username=options["name"]).first()
        if person is None:
            raise CommandError(f"There is no account {options['name']}.")
        self._list_person(reach_of_person(person), with_scorings=with_scorings)
        if self._is_confirmed(**options):
            reason = options["reason"]
            erase_person(person=person, user=None, reason=reason, with_scorings=with_scorings)
            self._finish()

    def _is_confirmed(self, *, name: str, reason: str, confirm: str | None, **_: Any) -> bool:
        if confirm is None:
            self.stdout.write(f"Nothing was erased. To erase: add --reason and --confirm '{name}'")
            return False
        require_reason(reason, typed=confirm, name=name)
        return True

    def _list_nights(self, nights: Nights) -> None:
        reach: Reach = reach_of(nights)
        for goes in reach.rows:
            self.stdout.write(f"{goes.count:>8}  {goes.words}")
        for words, rows in {
            "file": reach.files,
            "export, deleted whole": reach.exports,
            "import of scorings, deleted whole": reach.imports,
            "import of scorings, its record loses these recordings": reach.pruned_imports,
            "frozen release, written again without": reach.releases,
            "rating study, loses items": reach.rating_studies,
        }.items():
            for row in rows:
                self.stdout.write(f"          {words}: {row}")

    def _list_person(self, reach: PersonReach, *, with_scorings: bool) -> None:
        for goes in reach.rows:
            self.stdout.write(f"{goes.count:>8}  {goes.words}, erased")
        for goes in reach.kept:
            self.stdout.write(f"{goes.count:>8}  {goes.words}, kept as {reach.pseudonym}")
        verb = "erased" if with_scorings else "could be erased with --with-scorings"
        self.stdout.write(f"{len(reach.erasable):>8}  scorings on which nothing rests, {verb}")
        self.stdout.write(
            f"{len(reach.built_on):>8}  scorings on which something rests, not erased"
        )
        for release in reach.releases:
            self.stdout.write(f"          frozen release, not changed: {release}")
        for touched in reach.rating_studies:
            self.stdout.write(f"          rating study, keeps items and ratings: {touched}")
        self.stdout.write(f"{reach.audit_events:>8}  rows of the audit trail, never changed")

    def _finish(self) -> None:
        """Finish what a worker would do, so that the command ends with nothing left to do."""
        left = finish_removals() + rewrite_due_releases() + finish_removals()
        if left:
            raise CommandError(
                "Erased in the database. The hourly sweep deletes the remaining files."
            )
        self.stdout.write("Erased.")
