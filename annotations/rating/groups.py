"""Ways to divide the items of a rating study, each with its groups."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotations.rating.table import RatingTable, TableItem
from psg.stages import STAGES

KeysOf = Callable[[TableItem], tuple[str, ...]]
ARM: Final = "arm"
# Ways that are hidden while blind, because their groups reveal arms.
SEALED: Final = (ARM, "reference")
REFERENCE_LABELS: Final = {
    "same": "Same stage as the reference",
    "other": "Other stage than the reference",
    "none": "No reference",
}
PLACE_LABELS: Final = {"transition": "Beside a transition", "within": "Away from transitions"}


@dataclass(frozen=True)
class Group:
    """A group; `way` and `key` name it in addresses and downloads, the label for people."""

    way: str
    key: str
    label: str


EVERYTHING: Final = Group("", "", "All items")
AS_WRITTEN: Final = Group("", "written", "Items as written")
# While a study is blind, control items cannot be left out without telling which they are.
MIXED: Final = Group("", "mixed", "All items, control items among them")


@dataclass(frozen=True)
class Way:
    """A way to divide items, and the keys of the groups that an item falls in."""

    name: str
    label: str
    keys_of: KeysOf


def _as_written(keys_of: KeysOf) -> KeysOf:
    """Leave control items out: they test raters, not a stage or a rule."""

    def keys(item: TableItem) -> tuple[str, ...]:
        return () if item.is_control else keys_of(item)

    return keys


def _arm_keys(item: TableItem) -> tuple[str, ...]:
    return (str(item.origin.arm_id),) if item.origin else ()


def _reference_keys(item: TableItem) -> tuple[str, ...]:
    if item.origin is None:
        return ()
    return ({True: "same", False: "other", None: "none"}[item.is_correct],)


def _place_keys(item: TableItem) -> tuple[str, ...]:
    return ("transition" if item.is_transition else "within",)


WAYS: Final = {
    way.name: way
    for way in (
        Way(ARM, "Arm", _arm_keys),
        Way("stage", "Stage", _as_written(lambda item: (item.stage,))),
        Way("rule", "Cited rule", _as_written(lambda item: item.rules)),
        Way("reference", "Correctness", _as_written(_reference_keys)),
        Way("place", "Position", _as_written(_place_keys)),
    )
}


def open_ways(table: RatingTable) -> list[Way]:
    """Return the ways that may be shown now."""
    return [way for way in WAYS.values() if not (table.is_blind and way.name in SEALED)]


def groups_of(table: RatingTable, way: Way) -> list[Group]:
    """Return the groups that have items, in the order people expect."""
    keys = {key for item in table.items for key in way.keys_of(item)}
    labels = _labels(table, way, keys)
    return [Group(way.name, key, label) for key, label in labels.items() if key in keys]


def mask_of(table: RatingTable, group: Group) -> NDArray[np.bool_]:
    keys_of = WAYS[group.way].keys_of
    return np.array([group.key in keys_of(item) for item in table.items], dtype=bool)


def _labels(table: RatingTable, way: Way, keys: set[str]) -> dict[str, str]:
    if way.name == ARM:
        return {str(pk): label for pk, label in table.arms.items()}
    if way.name == "stage":
        return {str(stage): str(stage) for stage in STAGES}
    if way.name == "reference":
        return REFERENCE_LABELS
    if way.name == "place":
        return PLACE_LABELS
    return {key: key for key in sorted(keys, key=_rule_order)}


def _rule_order(rule: str) -> tuple[int, str]:
    """By stage from W to R, as rule books have it; what is of no stage comes last."""
    stages = [str(stage) for stage in STAGES]
    stage = rule.split(".")[0]
    return stages.index(stage) if stage in stages else len(stages), rule
