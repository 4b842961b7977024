"""What the maker of a bundle measured, in words for a page.

Keys are those of ``[[measured]]`` in a declaration: a figure, ``<figure>_95`` its interval, and
``<figure>_of_<reader>`` that of a simpler reader of the same nights. Where that reader could not
read all of them, ``nights_of_<reader>`` says how many it read, and ``<figure>_beside_<reader>``
what the bundle reached on these. Any other key stands as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_WORDS = {
    "kappa": "kappa",
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "rule_iou": "rule IoU",
    "event_precision": "event precision",
    "event_recall": "event recall",
    "unparsed": "unparsed",
}
"""The figures that are known, in the order in which they are read; the database keeps none."""
_INTERVAL, _OF, _BESIDE, _NIGHTS = "_95", "_of_", "_beside_", "nights"


@dataclass
class Figure:
    """One figure, its interval, and that of others."""

    label: str
    value: str
    beside: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Measured:
    """The figures of one set of nights."""

    on: str
    is_simulated: bool
    figures: list[Figure]


def measured_in_words(measured: Mapping[str, Any]) -> Measured:
    """Lay one ``[[measured]]`` table out for reading."""
    on = str(measured.get("on", ""))
    figures: dict[str, Figure] = {}
    for key in sorted(measured.keys() - {"on"}, key=_place):
        told = _shown(measured[key])
        base, _, reader = key.partition(_OF)
        if (reader and base == _NIGHTS) or _BESIDE in key:
            continue  # told with the reader that they belong to
        if reader and base in figures:
            figures[base].beside.append(f"{reader} {told}{_where(measured, base, reader)}")
        elif key.endswith(_INTERVAL) and (base := key.removesuffix(_INTERVAL)) in figures:
            figures[base].beside.append(f"95 %: {told}")
        else:
            figures[key] = Figure(_WORDS.get(key, key.replace("_", " ")), told)
    return Measured(on, "simulated" in on, list(figures.values()))


def _where(measured: Mapping[str, Any], base: str, reader: str) -> str:
    """How many nights a reader's figure is of, where these are fewer than the bundle's."""
    nights, same = measured.get(f"{_NIGHTS}{_OF}{reader}"), measured.get(f"{base}{_BESIDE}{reader}")
    there = f", this model there {_shown(same)}" if same is not None else ""
    return f" (on {nights} nights{there})" if nights is not None else ""


def _place(key: str) -> tuple[int, str]:
    """Known figures first; what belongs to a figure sorts right behind it."""
    known = [*_WORDS]
    base = key.partition(_OF)[0].removesuffix(_INTERVAL)
    return (known.index(base) if base in known else len(known), key)


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
