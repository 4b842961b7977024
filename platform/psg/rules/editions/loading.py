"""Read editions from the TOML files in this folder."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from psg.rules.editions.edition import Rule, RuleEdition, UnknownEditionError
from psg.stages import Stage

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


@cache
def _documents() -> dict[str, dict[str, Any]]:
    loaded = [tomllib.loads(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*.toml"))]
    return {document["id"]: document for document in loaded}


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(
        id=entry["id"],
        supports=tuple(Stage(name) for name in entry["supports"]),
        title=entry["title"],
        text=" ".join(entry["text"].split()),
        ends=Stage(entry["ends"]) if "ends" in entry else None,
    )
