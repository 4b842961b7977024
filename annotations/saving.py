"""The protocol of every save: epoch scores, decisions, ratings, lights marks and comments.

Each save carries an id that the browser made, and the version of the answer that was on screen.
A service that saves is decorated with `atomic_save` and has these steps:

1. Lock the row that the answer belongs to, so that saves are handled after each other.
2. `Save.first_answer`: a save that is sent again gets its first answer, and nothing is written.
   An id that another save has used is refused.
3. Refuse to change a closed scoring (`ClosedError`) or a missing epoch (`refuse_outside`).
4. `Save.is_stale`: an answer that was changed since it was on screen is refused, with the stored
   and the sent content (`StaleError`).
5. Write the answer and add a row to its history, in which rows are only added.
"""

import unicodedata
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ClassVar, ParamSpec, TypeVar

from django.db import IntegrityError, models, transaction
from rest_framework import serializers

from psg.errors import RefusedError
from psg.rules.editions import get_edition
from recordings.models import Recording
from studies.models import User
from studies.storable import why_unstorable

# The fields of an epoch score in the order in which they are sent. The browser gets these names
# with the values of an unscored epoch.
SCORE_FIELDS = ("stage", "rules", "rationale", "flags", "evidence")

RATIONALE_LIMIT = 10_000
LONGEST_ACTIVE_MS = 24 * 3600 * 1000

Params = ParamSpec("Params")
Answer = TypeVar("Answer")
Row = TypeVar("Row", bound=models.Model)
Json = TypeVar("Json")


class ForeignClientUuidError(RefusedError):
    """The id belongs to a save of another answer, or of another person."""

    code = "foreign"
    status = 409
    default = "This save carries the id of another save, so nothing was written."


class ClosedError(RefusedError):
    """The answer can no longer be changed; subclasses give the reason."""

    code = "closed"
    status = 409


class StaleError(RefusedError):
    """The answer was changed since it was on screen, perhaps in another window."""

    code = "stale"
    status = 409

    def __init__(
        self, what: str, *, current: Mapping[str, object], yours: Mapping[str, object]
    ) -> None:
        super().__init__(what)
        self.more = {"current": current, "yours": yours}


class OutsideNightError(RefusedError):
    """The epoch lies outside the recording."""

    code = "outside"
    status = 404


@dataclass(frozen=True)
class Save:
    """The data that every save carries in addition to its content."""

    user: User
    seen_version: int = 0
    client_uuid: uuid.UUID = field(default_factory=uuid.uuid4)
    why: str = "edit"
    shown: Mapping[str, Any] = field(default_factory=dict)
    """The display of the signal, as the client reports it."""
    active_ms: int = 0

    @property
    def version(self) -> int:
        """The version that the answer has after this save."""
        return self.seen_version + 1

    def first_answer(self, history: type[Row], **belongs_to: object) -> Row | None:
        """Return the row that this save wrote when it was first sent, or None for a new save.

        Parameters
        ----------
        history : type of model
            The model of the history; its rows have the `client_uuid` of their save.
        belongs_to
            Columns of the history that identify the answer and its author, as ids.

        Raises
        ------
        ForeignClientUuidError
        """
        row = history._default_manager.filter(client_uuid=self.client_uuid).first()
        if row and any(getattr(row, name) != value for name, value in belongs_to.items()):
            raise ForeignClientUuidError
        return row

    def is_stale(self, version: int) -> bool:
        """Whether the stored answer has another version than the answer on screen."""
        return version != self.seen_version


def atomic_save(service: Callable[Params, Answer]) -> Callable[Params, Answer]:
    """Run a service that saves in a transaction of its own.

    Two simultaneous saves of different answers with the same id lock different rows, so neither
    sees the other. The database accepts the first; the second is refused as foreign.
    """

    @wraps(service)
    def save(*args: Params.args, **kwargs: Params.kwargs) -> Answer:
        try:
            with transaction.atomic():
                return service(*args, **kwargs)
        except IntegrityError as error:
            if "client_uuid" in str(error):
                raise ForeignClientUuidError from error
            raise

    return save


def refuse_outside(epoch: int, recording: Recording) -> None:
    """Refuse an epoch that the recording does not have.

    Raises
    ------
    OutsideNightError
    """
    if not 0 <= epoch < recording.epoch_count:
        last = recording.epoch_count - 1
        raise OutsideNightError(f"The recording has epochs 0 to {last}; {epoch} is outside.")


# Fields and serializers of requests that save


class WordsField(serializers.CharField):
    """Text of up to `limit` characters, kept as typed. Control characters are refused."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})
        self.limit = limit

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if len(text) > self.limit:
            raise serializers.ValidationError(
                f"{len(text):,} characters are too many; the limit is {self.limit:,}."
            )
        return without_controls(text)


def without_controls(text: str) -> str:
    """Refuse control characters, which databases and viewers cannot handle."""
    bad = sorted({c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"})
    if bad:
        names = ", ".join(f"U+{ord(c):04X}" for c in bad)
        raise serializers.ValidationError(f"Control characters ({names}) are not allowed.")
    return text


def storable(value: Json) -> Json:
    """Refuse JSON values that the database cannot store."""
    if why := why_unstorable(value):
        raise serializers.ValidationError(f"This cannot be stored: {why}.")
    return value


class RulesField(serializers.ListField):
    """Rules of the edition in the context (`rule_edition`), without repetition."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"child": serializers.CharField(max_length=12), "max_length": 20, **kwargs}
        )

    def to_internal_value(self, data: Any) -> list[str]:
        rules: list[str] = super().to_internal_value(data)
        unknown = sorted(set(rules) - set(get_edition(self.context["rule_edition"]).rule_ids))
        if unknown:
            raise serializers.ValidationError(f"Not rules of this edition: {', '.join(unknown)}.")
        return list(dict.fromkeys(rules))


class SaveSerializer(serializers.Serializer):
    """The fields of every save; subclasses add the content.

    `CARRIES` names the fields, other than the id, for which the history has a column.
    """

    ALL: ClassVar = ("version", "why", "shown", "active_ms")
    CARRIES: ClassVar[tuple[str, ...]] = ALL

    client_uuid = serializers.UUIDField()
    version = serializers.IntegerField(min_value=0)
    why = serializers.ChoiceField(choices=["edit", "undo", "redo"], default="edit")
    shown = serializers.DictField(required=False, default=dict)
    active_ms = serializers.IntegerField(
        min_value=0, max_value=LONGEST_ACTIVE_MS, required=False, default=0
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        missing = set(self.ALL).difference(self.CARRIES)
        return {name: f for name, f in super().get_fields().items() if name not in missing}

    def validate_shown(self, shown: dict[str, object]) -> dict[str, object]:
        return storable(shown)

    def save_of(self, user: User) -> Save:
        """Return the save with `user` as its author. Call after `is_valid`."""
        data = self.validated_data
        carried = {name: data[name] for name in self.CARRIES if name != "version"}
        return Save(
            user=user,
            seen_version=data.get("version", 0),
            client_uuid=data["client_uuid"],
            **carried,
        )
