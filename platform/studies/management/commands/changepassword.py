"""Django's command, with a row in the audit trail for the account whose password it changes."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword

from studies.audit import record
from studies.models import Act, User


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        options["username"] = options["username"] or getpass.getuser()
        changed: str | None = super().handle(*args, **options)
        account = User.objects.get(username=options["username"])
        record(Act.PASSWORD_CHANGED, user=None, person=account)
        return changed
