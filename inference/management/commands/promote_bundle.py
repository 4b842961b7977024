"""Promote a model in a study, or say that it is not promoted."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.models import Promotion
from inference.registry.bundles import find_bundle
from inference.registry.promotions import decide, promoted_bundle
from psg.errors import RefusedError
from recordings.management.lookup import find_study
from studies.models import Role, Study, User

PROMOTED, DECLINED = Promotion.Decision.PROMOTED, Promotion.Decision.DECLINED


class Command(BaseCommand):
    help = (
        "Promote a bundle in a study: its nights are then read with it unless another is named. "
        "With --decline, say that it is not promoted, or take its promotion back. The bundle must "
        "have read a night of the study; the decision stays on the study's page of models."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", metavar="NAME", help="of a registered bundle")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--reason", required=True, help="what the decision rests on")
        parser.add_argument("--decline", action="store_true", help="not promoted, or no longer")
        parser.add_argument(
            "--bundle-version", default="", metavar="VERSION", help="left out: the newest"
        )
        parser.add_argument(
            "--by", default="", metavar="USER", help="the lead who decides; else the command line"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, bundle: str, study: str, **options: Any) -> None:
        where = find_study(study)
        by = _lead(where, options["by"]) if options["by"] else None
        decision = DECLINED if options["decline"] else PROMOTED
        try:
            made = decide(
                study=where,
                bundle=find_bundle(bundle, version=options["bundle_version"]),
                decision=decision,
                reason=options["reason"],
                user=by,
            )
        except RefusedError as refused:
            raise CommandError(str(refused)) from refused
        if options["json"]:
            self.stdout.write(json.dumps(_told(made)))
            return
        self.stdout.write(f"{made}.")
        if promoted_bundle(where) is None:
            self.stdout.write(f"No model is promoted in {where.slug}: name one for each run.")


def _lead(study: Study, username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None or not study.allows(user, [Role.LEAD]):
        raise CommandError(f"{username} does not lead {study.slug}: only its lead decides.")
    return user


def _told(made: Promotion) -> dict[str, Any]:
    promoted = promoted_bundle(made.study)
    return {
        "study": made.study.slug,
        "bundle": made.bundle.name,
        "version": made.bundle.version,
        "decision": made.decision,
        "reason": made.reason,
        "by": made.user.username if made.user else None,
        "promoted": promoted.name if promoted else None,
    }
