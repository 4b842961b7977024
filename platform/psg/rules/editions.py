"""Rule editions: which rules a scoring may cite, kept as data beside this module.

An edition is frozen once used: a scoring names the edition it was made under, so a change of
wording that changes meaning is a new file with a new id.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NotRequired, TypedDict, cast

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
    """A scoring rule: its field-wide id, the stages it may support, and our wording.

    A rule with ``ends`` marks the end of a stage; ``supports`` lists the stages that may follow.
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
    """A closed, ordered list of rules with an id."""

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


DEFAULT_EDITION = "aasm-operational-15"
_FOLDER = Path(__file__).parent


@cache
def edition_ids() -> tuple[str, ...]:
    """Ids of all editions at hand, the default first."""
    others = sorted(set(_documents()) - {DEFAULT_EDITION})
    return (DEFAULT_EDITION, *others)


@cache
def get_edition(edition_id: str = DEFAULT_EDITION) -> RuleEdition:
    """The edition with this id; raises UnknownEditionError."""
    document = _documents().get(edition_id)
    if document is None:
        raise UnknownEditionError(
            f"Unknown rule edition {edition_id!r}",
            where="rule editions",
            advice="Use one of " + ", ".join(edition_ids()) + ".",
        )
    return RuleEdition(
        id=document["id"],
        title=document["title"],
        rules=tuple(_rule(entry) for entry in document["rules"]),
    )


class _RuleEntry(TypedDict):
    """A rule in the file of its edition."""

    id: str
    supports: list[str]
    title: str
    text: str
    ends: NotRequired[str]


class _EditionDocument(TypedDict):
    """The file of an edition."""

    id: str
    title: str
    rules: list[_RuleEntry]


@cache
def _documents() -> dict[str, _EditionDocument]:
    texts = [path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.toml"))]
    loaded = [cast(_EditionDocument, tomllib.loads(text)) for text in texts]
    return {document["id"]: document for document in loaded}


def _rule(entry: _RuleEntry) -> Rule:
    return Rule(
        id=entry["id"],
        supports=tuple(Stage(name) for name in entry["supports"]),
        title=entry["title"],
        text=" ".join(entry["text"].split()),
        ends=Stage(entry["ends"]) if "ends" in entry else None,
    )
