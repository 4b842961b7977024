"""The figures that the maker of a bundle measured, in words for a page.

The keys of ``[[measured]]`` in a declaration are figures, ``<figure>_95`` for an interval, and
``<figure>_of_<reader>`` for a simpler reader of the same nights. If that reader could not read
all nights, ``nights_of_<reader>`` is their number, and ``<figure>_beside_<reader>`` is the figure
of the bundle on these nights. Other keys are shown as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The known figures, in the order of the page; the database keeps no order.
_WORDS = {
    "kappa": "kappa",
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "rule_iou": "rule IoU",
    "event_precision": "event precision",
    "event_recall": "event recall",
    "certainty_auc": "AUC of certainty",
    "calibration_error": "calibration error",
    "unparsed": "unparsed",
}
_INTERVAL, _OF, _BESIDE, _NIGHTS = "_95", "_of_", "_beside_", "nights"


@dataclass
class Figure:
    """A figure, with its interval and those of other readers."""

    label: str
    value: str
    beside: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Measured:
    """The figures of a set of nights."""

    on: str
    is_simulated: bool
    figures: list[Figure]


def measured_in_words(measured: Mapping[str, object]) -> Measured:
    """Return a ``[[measured]]`` table in words."""
    on = str(measured.get("on", ""))
    figures: dict[str, Figure] = {}
    for key in sorted(measured.keys() - {"on"}, key=_place):
        value = _shown(measured[key])
        base, _, reader = key.partition(_OF)
        if (reader and base == _NIGHTS) or _BESIDE in key:
            continue  # shown with the reader that they belong to
        if reader and base in figures:
            figures[base].beside.append(f"{reader} {value}{_where(measured, base, reader)}")
        elif key.endswith(_INTERVAL) and (base := key.removesuffix(_INTERVAL)) in figures:
            figures[base].beside.append(f"95 %: {value}")
        else:
            figures[key] = Figure(_WORDS.get(key, key.replace("_", " ")), value)
    return Measured(on, "simulated" in on, list(figures.values()))


def _where(measured: Mapping[str, object], base: str, reader: str) -> str:
    """Return the nights of a reader's figure, where they are fewer than those of the bundle."""
    nights, same = measured.get(f"{_NIGHTS}{_OF}{reader}"), measured.get(f"{base}{_BESIDE}{reader}")
    there = f", this model there {_shown(same)}" if same is not None else ""
    return f" (on {nights} nights{there})" if nights is not None else ""


def _place(key: str) -> tuple[int, str]:
    """Return the sort key: known figures first, each followed by what belongs to it."""
    known = [*_WORDS]
    base = key.partition(_OF)[0].removesuffix(_INTERVAL)
    return (known.index(base) if base in known else len(known), key)


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
