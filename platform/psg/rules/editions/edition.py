"""The typed form of a rule edition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from psg.errors import PsgError
from psg.stages import Stage


class UnknownRuleError(PsgError):
    """A rule id that the edition does not hold."""

    status = 500


class UnknownEditionError(PsgError):
    """An edition id that no data file carries."""

    status = 500


@dataclass(frozen=True)
class Rule:
    """One scoring rule: its field-wide id, the stages it may support, and our wording.

    A rule with ``ends`` marks the end of a stage; ``supports`` then lists what may follow.
    """

    id: str
    supports: tuple[Stage, ...]
    title: str
    text: str
    ends: Stage | None = None

    def can_support(self, stage: Stage) -> bool:
        return stage in self.supports


@dataclass(frozen=True)
class RuleEdition:
    """A closed, ordered list of rules under one id."""

    id: str
    title: str
    rules: tuple[Rule, ...]

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @property
    def rule_ids(self) -> tuple[str, ...]:
        return tuple(self._by_id)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._by_id

    def rule(self, rule_id: str) -> Rule:
        try:
            return self._by_id[rule_id]
        except KeyError:
            raise UnknownRuleError(
                f"Unknown rule {rule_id!r}",
                where=f"edition {self.id}",
                advice="Use one of " + ", ".join(self.rule_ids) + ".",
            ) from None

    def supporting(self, stage: Stage) -> tuple[Rule, ...]:
        """Rules that may be cited for ``stage``, in the order of the edition."""
        return tuple(rule for rule in self.rules if rule.can_support(stage))

    def in_order(self, rule_ids: Iterable[str]) -> tuple[str, ...]:
        """The given ids once each, in the order of the edition."""
        wanted = {self.rule(rule_id).id for rule_id in rule_ids}
        return tuple(rule_id for rule_id in self.rule_ids if rule_id in wanted)
