"""Set or decline a model as default model of a study."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.models import Promotion
from inference.registry.bundles import find_bundle
from inference.registry.promotions import decide, promoted_bundle
from psg.errors import RefusedError
from recordings.management.lookup import study_to_change
from studies.models import Role, Study, User

PROMOTED, DECLINED = Promotion.Decision.PROMOTED, Promotion.Decision.DECLINED


class Command(BaseCommand):
    help = (
        "Set a bundle as default model of a study: it is then used for pre-scoring unless another "
        "bundle is named. With --decline, decide that it is not or no longer the default model. "
        "The bundle must have pre-scored a recording of the study. The decision is shown on the "
        "page of models."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", metavar="NAME", help="name of a registered bundle")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--reason", required=True, help="reason of the decision")
        parser.add_argument(
            "--decline", action="store_true", help="not the default model, or no longer"
        )
        parser.add_argument(
            "--bundle-version", default="", metavar="VERSION", help="default: the newest version"
        )
        parser.add_argument(
            "--by", default="", metavar="USER", help="the lead who decides; default: no user"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, bundle: str, study: str, **options: Any) -> None:
        where = study_to_change(study)
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
            self.stdout.write(json.dumps(_report(made)))
            return
        self.stdout.write(f"{made}.")
        if promoted_bundle(where) is None:
            self.stdout.write(f"{where.slug} has no default model: name a bundle for each run.")


def _lead(study: Study, username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None or not study.allows(user, [Role.LEAD]):
        raise CommandError(f"{username} does not lead {study.slug}. Only its lead can decide.")
    return user


def _report(made: Promotion) -> dict[str, object]:
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
