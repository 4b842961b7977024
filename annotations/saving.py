"""The one protocol for what people save: scores, decisions, ratings, lights marks, comments.

Each save carries an id that its browser made, and the version of the answer that was on screen.
A service that saves goes through these steps, inside `one_save`:

1. Lock the row that the answer belongs to, so that saves come one after another.
2. `Save.first_answer`: a save that is sent again gets the answer it got first, and nothing is
   written. The id of a save of something else, or of somebody else, is refused.
3. Refuse what is closed (`ClosedError`) or does not exist (`refuse_outside`).
4. `Save.is_stale`: what was changed since it was seen is refused with both sides (`StaleError`).
5. Write the answer, and add a row to its history. Rows of a history are only ever added.
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

# What a scorer says of one epoch, in the order in which it is sent. The browser gets these names
# with what an epoch without a score has.
SCORE_FIELDS = ("stage", "rules", "rationale", "flags", "evidence")

RATIONALE_LIMIT = 10_000
LONGEST_ACTIVE_MS = 24 * 3600 * 1000

Params = ParamSpec("Params")
Answer = TypeVar("Answer")
Row = TypeVar("Row", bound=models.Model)


class ForeignClientUuidError(RefusedError):
    """The id belongs to a save of something else, or of somebody else."""

    code = "foreign"
    status = 409
    default = "This save carries the id of another save, so nothing was written."


class ClosedError(RefusedError):
    """Nothing is saved here any more; each kind of answer says why."""

    code = "closed"
    status = 409


class StaleError(RefusedError):
    """The answer was changed since it was seen, perhaps by the same person in another window."""

    code = "stale"
    status = 409

    def __init__(self, what: str, *, current: dict[str, Any], yours: dict[str, Any]) -> None:
        super().__init__(what)
        self.more = {"current": current, "yours": yours}


class OutsideNightError(RefusedError):
    """The epoch lies outside the recording."""

    code = "outside"
    status = 404


@dataclass(frozen=True)
class Save:
    """What comes with every save beside its content."""

    user: User
    seen_version: int = 0
    client_uuid: uuid.UUID = field(default_factory=uuid.uuid4)
    why: str = "edit"
    shown: Mapping[str, Any] = field(default_factory=dict)
    """How the client says the signal was on screen."""
    active_ms: int = 0

    @property
    def version(self) -> int:
        """The version that the answer has after this save."""
        return self.seen_version + 1

    def first_answer(self, history: type[Row], **belongs_to: object) -> Row | None:
        """Return the row that this save wrote when it came first, or None for a new save.

        Parameters
        ----------
        history : type of model
            Whose rows have the `client_uuid` of the save that wrote them.
        belongs_to
            Columns that tell what is saved and by whom, as ids.

        Raises
        ------
        ForeignClientUuidError
        """
        found = history._default_manager.filter(client_uuid=self.client_uuid).first()
        if found and any(getattr(found, name) != value for name, value in belongs_to.items()):
            raise ForeignClientUuidError
        return found

    def is_stale(self, version: int) -> bool:
        """Whether the answer is at another version than the one that was seen."""
        return version != self.seen_version


def one_save(service: Callable[Params, Answer]) -> Callable[Params, Answer]:
    """Run a service that saves in one transaction.

    Two saves of different things that race with one id lock different rows, and neither sees the
    other: the database lets the first one in, and the later one is refused as foreign.
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
    """Refuse an epoch that the night does not have.

    Raises
    ------
    OutsideNightError
    """
    if not 0 <= epoch < recording.epoch_count:
        last = recording.epoch_count - 1
        raise OutsideNightError(f"The recording has epochs 0 to {last}; {epoch} is outside.")


# Types at the edge of the APIs.


class WordsField(serializers.CharField):
    """Text as it was written, up to `limit` characters, without control characters."""

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
    """Refuse characters that no keyboard types and that databases or viewers choke on."""
    bad = sorted({c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"})
    if bad:
        names = ", ".join(f"U+{ord(c):04X}" for c in bad)
        raise serializers.ValidationError(f"Control characters ({names}) are not allowed.")
    return text


def storable(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what JSON can carry and the database cannot keep."""
    if why := why_unstorable(value):
        raise serializers.ValidationError(f"This cannot be stored: {why}.")
    return value


class RulesField(serializers.ListField):
    """Rules of the edition in the context (`rule_edition`), each once."""

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
    """What every save carries; each kind adds its content.

    `CARRIES` names what the history of a kind has a column for, beside the id.
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

    def validate_shown(self, shown: dict[str, Any]) -> dict[str, Any]:
        return storable(shown)

    def save_of(self, user: User) -> Save:
        """Return this save as one by `user`; only after `is_valid`."""
        data = self.validated_data
        carried = {name: data[name] for name in self.CARRIES if name != "version"}
        return Save(
            user=user,
            seen_version=data.get("version", 0),
            client_uuid=data["client_uuid"],
            **carried,
        )
