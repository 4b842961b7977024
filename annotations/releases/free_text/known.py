"""Names that a study knows: those of its people, and the codes of its subjects and nights."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from annotations.releases.free_text.ordinary import ORDINARY
from studies.models import Study, User

_SHORTEST = 3
_SHORTEST_CODE = 5


@dataclass(frozen=True)
class KnownNames:
    """Words of people's names, in small letters; account names; codes of subjects and nights."""

    people: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    whole: re.Pattern[str] | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls, *, names: Iterable[str] = (), accounts: Iterable[str] = (), codes: Iterable[str] = ()
    ) -> "KnownNames":
        """Keep what would be missed in a text by nobody, leaving ordinary words out."""
        words = {word.lower() for name in names for word in re.findall(r"[^\W\d_]+", name)}
        people = {w for w in words if len(w) >= _SHORTEST} - ORDINARY
        signs = {a.lower() for a in accounts if len(a) > _SHORTEST} - ORDINARY
        long = {c for c in codes if len(c) >= _SHORTEST_CODE and re.search(r"\d", c)}
        return cls(frozenset(people), frozenset(signs), frozenset(long), _alternatives(signs, long))


def known_names(study: Study) -> KnownNames:
    """Return the names of everybody with a part in the study, and its codes."""
    people = User.objects.filter(memberships__study=study).distinct()
    rows = list(people.values_list("name", "first_name", "last_name", "username", "email"))
    return KnownNames.of(
        names=[name for row in rows for name in row[:3] if name],
        accounts=[a for row in rows for a in (row[3], row[4].partition("@")[0]) if a],
        codes={
            *study.subjects.values_list("code", flat=True),
            *study.recordings.values_list("name", flat=True),
        },
    )


def _alternatives(accounts: Iterable[str], codes: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for what stands in a text as it is written; None where there is nothing."""
    plain = [f"(?P<account>(?i:{_any_of(accounts)}))"] if accounts else []
    plain += [f"(?P<code>{_any_of(codes)})"] if codes else []
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(plain)})(?![\w-])") if plain else None


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))
