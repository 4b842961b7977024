"""Make a study, and the link that lets its first lead in."""

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
    help = "Make a study. With --lead EMAIL, print the link that lets its research lead in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name for addresses, such as mass-ss3")
        parser.add_argument("--title", default="")
        parser.add_argument("--lead", metavar="EMAIL", help="invite this research lead")
        parser.add_argument("--track", choices=Track.values, default=Track.FINE)
        parser.add_argument("--mode", choices=Mode.values, default=Mode.BLIND)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, slug: str, lead: str | None, **options: Any) -> None:
        try:
            validate_slug(slug)
        except ValidationError:
            raise CommandError(f"{slug!r}: use letters, figures, - and _ only") from None
        if Study.objects.filter(slug=slug).exists():
            raise CommandError(f"there is a study {slug!r} already")
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
        self.stdout.write(f"Study {study.slug} created.")
        if link:
            self.stdout.write(f"Invitation for {lead}: {link} (valid once, for 14 days)")
