"""Montages of a study: named sets of channels and filters, for all who look at its signals."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from psg.errors import RefusedError
from studies.archive import lock_unarchived
from studies.audit import record
from studies.models import Act, Study, StudyMontages, User

MOST_MONTAGES = 20
LONGEST_NAME = 60
LIMIT_BYTES = 64_000
MOST_REFERENCES = 64


class MontageError(RefusedError):
    """Montages that cannot be stored."""

    code = "montages"


class MontagesChangedError(RefusedError):
    """The montages that were to be replaced are not those that the person saw."""

    code = "montages_changed"
    status = 409
    default = "Another lead changed the montages of this study meanwhile. Nothing was saved."

    def __init__(self, present: StudyMontages) -> None:
        super().__init__(advice="Look at the present ones and save again.")
        self.more = {"montages": present.montages, "version": present.version}


def montages_of(study: Study) -> StudyMontages:
    return StudyMontages.objects.filter(study=study).first() or StudyMontages(study=study)


@transaction.atomic
def set_montages(*, study: Study, montages: Any, version: Any, user: User) -> StudyMontages:
    """Replace the montages of a study, of which the person saw `version`, and return the new ones.

    Names, sizes and references are checked; what else rows and filters mean is known to the
    browser alone, which leaves out what it cannot draw.

    Raises
    ------
    MontageError, MontagesChangedError, ArchivedError
    """
    checked = _checked(montages)
    lock_unarchived(study.pk)
    stored = montages_of(study)
    if version != stored.version:
        raise MontagesChangedError(stored)
    old = stored.montages
    if checked == old:
        return stored
    stored.montages = checked
    stored.version += 1
    stored.save()
    details = {"montages": {"old": _names(old), "new": _names(checked)}}
    record(Act.PROTOCOL_CHANGED, user=user, study=study, about="montages", details=details)
    return stored


def check_references(rows: Any) -> None:
    """Refuse rows of channels whose reference is neither a channel nor a mean of several.

    Raises
    ------
    MontageError
    """
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, Mapping) and "minus" in row and not _is_difference(row):
            raise MontageError(
                f"A difference of channels has a channel and a reference: another channel, or a"
                f" list of 2 to {MOST_REFERENCES} others, whose mean is taken."
            )


def copy_montages(*, source: Study, target: Study) -> None:
    """Give a new study the montages of another one."""
    if montages := montages_of(source).montages:
        StudyMontages.objects.create(study=target, montages=montages, version=1)


def _checked(montages: Any) -> list[dict[str, Any]]:
    if not isinstance(montages, list) or not all(map(_is_montage, montages)):
        raise MontageError("Montages are a list of objects with name, rows and cuts.")
    if len(montages) > MOST_MONTAGES:
        raise MontageError(f"A study has at most {MOST_MONTAGES} montages. Delete one first.")
    for montage in montages:
        check_references(montage["rows"])
    names = _names(montages)
    if not all(0 < len(name.strip()) <= LONGEST_NAME for name in names):
        raise MontageError(f"The name of a montage has 1 to {LONGEST_NAME} characters.")
    if len(set(names)) < len(names):
        raise MontageError("Two montages have the same name.")
    if len(json.dumps(montages)) > LIMIT_BYTES:
        raise MontageError(f"Montages of a study hold at most {LIMIT_BYTES} bytes of text.")
    return [{"name": each["name"], "rows": each["rows"], "cuts": each["cuts"]} for each in montages]


def _is_difference(row: Mapping[str, Any]) -> bool:
    plus, minus = row.get("plus"), row["minus"]
    names = minus if isinstance(minus, list) else [minus]
    if not all(isinstance(name, str) and name for name in [plus, *names]):
        return False
    is_several = isinstance(minus, list)
    fits = not is_several or 2 <= len(names) <= MOST_REFERENCES
    return fits and len({plus, *names}) == 1 + len(names)


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
