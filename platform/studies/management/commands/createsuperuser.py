"""Django's command, with a row in the audit trail for the owner of the site that it makes."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from studies.audit import record
from studies.models import Act, User


class Command(createsuperuser.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        owners = User.objects.filter(is_superuser=True)
        before = set(owners.values_list("pk", flat=True))
        super().handle(*args, **options)
        for owner in owners.exclude(pk__in=before):
            record(Act.OWNER_CREATED, user=None, person=owner)
