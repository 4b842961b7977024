"""Montages of a study: named sets of channels and filters, for all who look at its signals."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from psg.errors import RefusedError
from studies.archive import lock_unarchived
from studies.audit import record
from studies.models import Act, Study, User

MOST_MONTAGES = 20
LONGEST_NAME = 60
LIMIT_BYTES = 64_000


class MontageError(RefusedError):
    """Montages that cannot be stored."""

    code = "montages"


@transaction.atomic
def set_montages(*, study: Study, montages: Any, user: User) -> list[dict[str, Any]]:
    """Replace the montages of a study and return them.

    Names and sizes are checked; what rows and filters mean is known to the browser alone, which
    leaves out what it cannot draw.

    Raises
    ------
    MontageError, ArchivedError
    """
    checked = _checked(montages)
    lock_unarchived(study.pk)
    old = study.montages
    study.montages = checked
    study.save(update_fields=["montages"])
    if checked != old:
        details = {"montages": {"old": _names(old), "new": _names(checked)}}
        record(Act.PROTOCOL_CHANGED, user=user, study=study, about="montages", details=details)
    return checked


def _checked(montages: Any) -> list[dict[str, Any]]:
    if not isinstance(montages, list) or not all(map(_is_montage, montages)):
        raise MontageError("Montages are a list of objects with name, rows and cuts.")
    if len(montages) > MOST_MONTAGES:
        raise MontageError(f"A study has at most {MOST_MONTAGES} montages. Delete one first.")
    names = _names(montages)
    if not all(0 < len(name.strip()) <= LONGEST_NAME for name in names):
        raise MontageError(f"The name of a montage has 1 to {LONGEST_NAME} characters.")
    if len(set(names)) < len(names):
        raise MontageError("Two montages have the same name.")
    if len(json.dumps(montages)) > LIMIT_BYTES:
        raise MontageError(f"Montages of a study hold at most {LIMIT_BYTES} bytes of text.")
    return [{"name": each["name"], "rows": each["rows"], "cuts": each["cuts"]} for each in montages]


def _is_montage(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("rows"), list)
        and all(isinstance(row, Mapping) for row in value["rows"])
        and isinstance(value.get("cuts"), Mapping)
    )


def _names(montages: list[dict[str, Any]]) -> list[str]:
    return [montage["name"] for montage in montages]
