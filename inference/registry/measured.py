"""Results reported by the maker of a bundle, as text for a page.

The keys of ``[[measured]]`` in bundle.toml are: ``<figure>``, its interval ``<figure>_95``, and
``<figure>_of_<reader>``, the figure of a simpler reader on the same nights. If that reader could
not read all nights, ``nights_of_<reader>`` is the number it read, and
``<figure>_beside_<reader>`` is the figure of the bundle on those nights. Other keys are shown
unchanged.
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
"""Known figures in the order of display (the JSON of the database has no order)."""
_INTERVAL, _OF, _BESIDE, _NIGHTS = "_95", "_of_", "_beside_", "nights"


@dataclass
class Figure:
    """A figure with its interval and the figures of other readers."""

    label: str
    value: str
    beside: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Measured:
    """The figures of a set of nights."""

    on: str
    is_simulated: bool
    figures: list[Figure]


def measured_in_words(measured: Mapping[str, Any]) -> Measured:
    """Convert a ``[[measured]]`` table to texts."""
    on = str(measured.get("on", ""))
    figures: dict[str, Figure] = {}
    for key in sorted(measured.keys() - {"on"}, key=_place):
        shown = _shown(measured[key])
        base, _, reader = key.partition(_OF)
        if (reader and base == _NIGHTS) or _BESIDE in key:
            continue  # shown with the reader that they belong to
        if reader and base in figures:
            figures[base].beside.append(f"{reader} {shown}{_where(measured, base, reader)}")
        elif key.endswith(_INTERVAL) and (base := key.removesuffix(_INTERVAL)) in figures:
            figures[base].beside.append(f"95 %: {shown}")
        else:
            figures[key] = Figure(_WORDS.get(key, key.replace("_", " ")), shown)
    return Measured(on, "simulated" in on, list(figures.values()))


def _where(measured: Mapping[str, Any], base: str, reader: str) -> str:
    """Number of nights of a reader's figure, if it is smaller than that of the bundle."""
    nights, same = measured.get(f"{_NIGHTS}{_OF}{reader}"), measured.get(f"{base}{_BESIDE}{reader}")
    there = f", this model there {_shown(same)}" if same is not None else ""
    return f" (on {nights} nights{there})" if nights is not None else ""


def _place(key: str) -> tuple[int, str]:
    """Sort key: known figures first, each followed by the keys that belong to it."""
    known = [*_WORDS]
    base = key.partition(_OF)[0].removesuffix(_INTERVAL)
    return (known.index(base) if base in known else len(known), key)


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
