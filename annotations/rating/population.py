"""The population of a rating study: from what its items were drawn, and what is known of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from annotations.rating.groups import WAYS, Group
from annotations.rating.models import RatingArm, RatingStudy
from annotations.rating.table import RatingTable, TableItem

POPULATION_BLIND: Final = "shown after unblinding, because weights would reveal arms"
POPULATION_UNKNOWN: Final = (
    "not known: inclusion probabilities were not stored when the items were drawn"
)
POPULATION_LEFT_OVER: Final = (
    "not known for an arm with scorings of an earlier arm, because it was drawn from the "
    "rationales that were left"
)
POPULATION_NONE: Final = "control items are of no population"


@dataclass(frozen=True)
class Population:
    """What is known of the population, after unblinding."""

    rating_study: RatingStudy
    table: RatingTable

    @property
    def missing(self) -> str:
        """Why there is no number for all items; empty where there is one."""
        return self._missing(item for item in self._rated if not item.is_control)

    @property
    def is_shown(self) -> bool:
        """Whether there is a number for all items, or for some of them."""
        return not self.missing or any(map(_has_weight, self._rated))

    def missing_of(self, *groups: Group) -> str:
        """Why there is no number for the items of these groups; empty where there is one."""
        keys_of = [(WAYS[group.way].keys_of, group.key) for group in groups]
        return self._missing(
            item for item in self._rated if any(key in of(item) for of, key in keys_of)
        )

    @cached_property
    def words(self) -> str:
        """From what items were drawn; empty where that was not stored."""
        arms = self.rating_study.arms.filter(kind=RatingArm.Kind.SOURCE)
        counts = [arm.rationale_count for arm in arms]
        is_known = bool(counts) and None not in counts
        by_arm = f"{' and '.join(map(str, counts))} rationales, by arm" if is_known else ""
        if not self.rating_study.design.get("same_epochs"):
            return by_arm
        shared = self.rating_study.shared_epochs
        of_all = "the epochs" if shared is None else f"the {shared} epochs"
        words = f"{of_all} with a rationale of every arm"
        return f"{words} (of {by_arm})" if by_arm else words

    @cached_property
    def _rated(self) -> list[TableItem]:
        """Items with a first look."""
        places = {rating.item for rating in self.table.ratings if rating.look == 0}
        return [self.table.items[place] for place in sorted(places)]

    def _missing(self, items: Iterable[TableItem]) -> str:
        return POPULATION_BLIND if self.table.is_blind else _unknown_weights(items)


def _unknown_weights(items: Iterable[TableItem]) -> str:
    """Return why some items have no weight; empty where all have one.

    Of an arm drawn since probabilities are stored, the number of rationales is stored as well.
    """
    origins = [item.origin for item in items if item.origin and not _has_weight(item)]
    if not origins:
        return ""
    written = [origin for origin in origins if not origin.is_control]
    if not written:
        return POPULATION_NONE
    is_old = any(origin.rationale_count is None for origin in written)
    return POPULATION_UNKNOWN if is_old else POPULATION_LEFT_OVER


def _has_weight(item: TableItem) -> bool:
    return item.origin is not None and item.origin.probability is not None
