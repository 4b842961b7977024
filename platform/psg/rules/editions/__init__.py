"""Rule editions: which rules a scoring may cite, kept as data beside this module.

An edition is frozen once used: a scoring names the edition it was made under, so a change of
wording that changes meaning is a new file with a new id.
"""

from psg.rules.editions.edition import Rule, RuleEdition, UnknownEditionError, UnknownRuleError
from psg.rules.editions.loading import DEFAULT_EDITION, edition_ids, get_edition

__all__ = [
    "DEFAULT_EDITION",
    "Rule",
    "RuleEdition",
    "UnknownEditionError",
    "UnknownRuleError",
    "edition_ids",
    "get_edition",
]
