"""Dataclasses go to JSON and back unchanged, and what does not fit is refused."""

import json
from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from psg.typed_json import JsonObject, as_json, from_json


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    number: float
    words: str = ""


@dataclass(frozen=True)
class Outer:
    items: tuple[Inner, ...]
    pair: tuple[float | None, float | None]
    by_name: dict[str, Inner]
    colour: Colour
    free: JsonObject
    given: int | None = None
    flags: dict[str, int] = field(default_factory=dict)


VALUE = Outer(
    items=(Inner(1, "a"), Inner(2.5)),
    pair=(None, 3),
    by_name={"b": Inner(0.1)},
    colour=Colour.RED,
    free={"any": [1, {"thing": None}]},
)


def test_a_value_comes_back_as_it_was():
    assert from_json(Outer, json.loads(json.dumps(as_json(VALUE)))) == VALUE


def test_keys_keep_the_order_of_fields_and_integers_stay_integers():
    text = json.dumps(as_json(VALUE))
    assert text.startswith('{"items": [{"number": 1, "words": "a"}, {"number": 2.5, "words": ""}]')
    again = json.dumps(as_json(from_json(Outer, json.loads(text))))
    assert again == text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("items", {"number": 1}),
        ("items", [{"number": "1"}]),
        ("items", [{"number": True}]),
        ("items", [{}]),
        ("items", [{"number": 1, "unknown": 2}]),
        ("pair", [None]),
        ("colour", "blue"),
        ("given", "3"),
        ("by_name", []),
        ("unknown", 1),
    ],
)
def test_what_does_not_fit_its_type_is_refused(name: str, value: object):
    with pytest.raises((TypeError, ValueError)):
        from_json(Outer, {**as_json(VALUE), name: value})


def test_what_is_no_object_is_refused():
    with pytest.raises(TypeError, match="no JSON object"):
        from_json(Outer, [])
