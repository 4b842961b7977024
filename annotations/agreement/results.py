"""Results about a selection: from the cache where possible."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from annotations.agreement.caching import key_of, store_result, stored_result
from annotations.agreement.pair import PairReport, pair_report
from annotations.agreement.report import AgreementReport, agreement_report
from annotations.agreement.scope import Scope, Selection
from annotations.agreement.sheet import Column

T_co = TypeVar("T_co", covariant=True)
Pair = tuple[Column, Column]
OnNights = Callable[[int], object]
"""Is called with how many nights were read."""


@dataclass(frozen=True)
class Wanted(Generic[T_co]):
    """A result about a selection: its type, what it depends on, and how it is computed."""

    chosen: Selection
    kind: type[T_co]
    key: str
    compute: Callable[[OnNights], T_co]
    pair: tuple[str, str] | None = None
    """The keys of the scorer and of the reference, of a report on these."""

    @property
    def choice(self) -> dict[str, Any]:
        """What `wanted_by` needs to name the same result."""
        return {
            "scorers": list(self.chosen.scorers),
            "with_open": self.chosen.with_open,
            "pair": self.pair and list(self.pair),
        }

    @property
    def stored(self) -> T_co | None:
        return stored_result(self.key, self.kind)

    def made(self, on_nights: OnNights = lambda done: None) -> T_co:
        """Compute the result, and store it unless scorings have changed in the meantime.

        Scorings are read after the digest of the key. Of other scorings the result would be wrong,
        and could show those that somebody with the same key may not see.
        """
        result = self.compute(on_nights)
        if self.is_current:
            store_result(self.key, self.kind, result)
        return result

    @property
    def is_current(self) -> bool:
        """Whether the scorings in view are still those of the key."""
        now = wanted_by(self.chosen.scope, self.choice)
        return now is not None and now.key == self.key

    def found_or_made(self) -> T_co:
        found = self.stored
        return self.made() if found is None else found


def wanted_report(chosen: Selection) -> Wanted[AgreementReport]:
    """Return the report on all scorers of a selection."""
    able = [column for column in chosen.outline.columns if not column.is_consensus]
    compared = [column.key for column in chosen.compared]
    return Wanted(
        chosen=chosen,
        kind=AgreementReport,
        key=key_of("report", [compared, *chosen.outline.content(able)]),
        compute=lambda on_nights: agreement_report(
            chosen.sheet, chosen.compared, on_nights=on_nights
        ),
    )


def wanted_pair(chosen: Selection, pair: Pair) -> Wanted[PairReport]:
    """Return the report on the first scorer of a pair, with the second as reference."""
    return Wanted(
        chosen=chosen,
        kind=PairReport,
        key=key_of("pair", chosen.outline.content(pair)),
        compute=lambda on_nights: pair_report(chosen.sheet, *pair),
        pair=(pair[0].key, pair[1].key),
    )


def wanted_by(
    scope: Scope, choice: Mapping[str, Any]
) -> Wanted[AgreementReport] | Wanted[PairReport] | None:
    """Return the result that a choice names, of the scorings in view now.

    None where a scorer of the pair has no scoring in view any more.
    """
    chosen = scope.select(scorers=choice["scorers"], with_open=choice["with_open"])
    if not choice["pair"]:
        return wanted_report(chosen)
    pair = chosen.pair(*choice["pair"])
    return pair and wanted_pair(chosen, pair)
