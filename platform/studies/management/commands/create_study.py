"""Create a study and an invitation link for its first lead."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.urls import reverse

from studies.members import create_study, invite
from studies.models import Mode, Role, Study, Track


class Command(BaseCommand):
    help = "Create a study. With --lead EMAIL, print the invitation link of its research lead."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name for addresses, for example mass-ss3")
        parser.add_argument("--title", default="")
        parser.add_argument("--lead", metavar="EMAIL", help="invite this research lead")
        parser.add_argument("--track", choices=Track.values, default=Track.FINE)
        parser.add_argument("--mode", choices=Mode.values, default=Mode.BLIND)
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, slug: str, lead: str | None, **options: Any) -> None:
        try:
            validate_slug(slug)
        except ValidationError:
            raise CommandError(f"{slug!r}: use letters, figures, - and _ only") from None
        if Study.objects.filter(slug=slug).exists():
            raise CommandError(f"a study {slug!r} already exists")
        study = create_study(
            slug=slug,
            title=options["title"],
            track=Track(options["track"]),
            mode=Mode(options["mode"]),
        )
        link = None
        if lead:
            _, token = invite(study=study, email=lead, role=Role.LEAD, invited_by=None)
            link = settings.SITE_URL + reverse("studies:accept", args=[token])
        if options["json"]:
            self.stdout.write(json.dumps({"slug": study.slug, "invitation": link}))
            return
        self.stdout.write(f"Study {study.slug} was created.")
        if link:
            self.stdout.write(f"Invitation of {lead}: {link} (valid once, for 14 days)")
