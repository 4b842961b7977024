"""Dataclasses as JSON and back, without converting a single number.

A file that is written again from its JSON must have the same bytes. So an integer stays an
integer where a float is declared, and what does not fit its declared type is refused.
"""

from dataclasses import fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

# A JSON object whose keys are somebody else's: provenance of a model, measured events.
JsonObject = dict[str, object]

T = TypeVar("T")


def as_json(value: Any) -> Any:
    """Return a value as `json` writes it: dataclasses as objects, tuples as lists.

    Keys stand in the order of the fields; texts of an enumeration become plain strings.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def from_json(kind: type[T], data: object) -> T:
    """Return JSON as a value of the declared type.

    Parameters
    ----------
    kind : type
        A dataclass. Its fields may be dataclasses, enumerations, ``tuple[X, ...]``, tuples of
        fixed length, ``dict[str, X]``, ``X | None``, numbers, strings or ``object``.

    Raises
    ------
    TypeError, ValueError
        When a field is missing, unknown or of another type.
    """
    read: T = _read(kind, data)
    return read


def _read(kind: Any, data: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in (Any, object):
        return data
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _read(hints.get(name), item) for name, item in _object(data).items()})
    if origin in (UnionType, Union):
        kinds = [each for each in inner if each is not NoneType]
        return None if data is None else _read(kinds[0], data)
    if origin is dict:
        return {key: _read(inner[1], item) for key, item in _object(data).items()}
    if origin is tuple:
        return tuple(_read(item_kind, item) for item_kind, item in _items(inner, data))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    return _plain(kind, data)


def _items(inner: tuple[Any, ...], data: Any) -> Any:
    if not isinstance(data, list | tuple):
        raise TypeError(f"{data!r} is no list")
    kinds = [inner[0]] * len(data) if inner[-1] is Ellipsis else inner
    return zip(kinds, data, strict=True)


def _object(data: Any) -> JsonObject:
    if not isinstance(data, dict):
        raise TypeError(f"{data!r} is no JSON object")
    return data


def _plain(kind: Any, data: Any) -> Any:
    known = (int, float) if kind is float else kind
    if kind is None or not isinstance(data, known) or (isinstance(data, bool) and kind is not bool):
        raise TypeError(f"{data!r} is no {getattr(kind, '__name__', 'known field')}")
    return data
