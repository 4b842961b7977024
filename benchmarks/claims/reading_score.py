"""Claims read from texts compared with the stated claims: precision and recall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isclose

from psg.claims import Claim, Range, claims_of

FIELDS = (
    "derivations",
    "spans",
    "count",
    "frequency_hz",
    "amplitude_uv",
    "length_s",
    "share",
    "level",
)


@dataclass
class Hits:
    """Numbers of right, wrong and missed claims or facts."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, right: int, wrong: int, missed: int) -> None:
        self.right, self.wrong, self.missed = (
            self.right + right,
            self.wrong + wrong,
            self.missed + missed,
        )

    def as_json(self) -> dict[str, float | int | None]:
        return {
            "stated": self.right + self.missed,
            "read": self.right + self.wrong,
            "precision": _share(self.right, self.right + self.wrong),
            "recall": _share(self.right, self.right + self.missed),
        }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


@dataclass
class ReadingScore:
    """Scores of claims (kind, and seen or absent) and of the facts stated about them."""

    texts: int = 0
    perfect: int = 0
    claims: Hits = field(default_factory=Hits)
    facts: Hits = field(default_factory=Hits)
    by_kind: dict[str, Hits] = field(default_factory=dict)
    by_fact: dict[str, Hits] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def as_json(self) -> dict:
        return {
            "texts": self.texts,
            "perfect": self.perfect,
            "claims": self.claims.as_json(),
            "facts": self.facts.as_json(),
            "by_kind": {kind: hits.as_json() for kind, hits in sorted(self.by_kind.items())},
            "by_fact": {name: hits.as_json() for name, hits in self.by_fact.items()},
        }


def score_texts(texts: Iterable[tuple[str, Sequence[Claim]]]) -> ReadingScore:
    score = ReadingScore(by_fact={name: Hits() for name in FIELDS})
    for text, stated in texts:
        wrong_before = score.claims.wrong + score.claims.missed
        wrong_before += score.facts.wrong + score.facts.missed
        _add(score, stated, claims_of(text))
        faults = score.claims.wrong + score.claims.missed + score.facts.wrong + score.facts.missed
        score.texts += 1
        score.perfect += faults == wrong_before
        if faults != wrong_before:
            score.faults.append(text)
    return score


def _add(score: ReadingScore, stated: Sequence[Claim], read: Sequence[Claim]) -> None:
    left = list(read)
    for claim in stated:
        same = [other for other in left if (other.kind, other.absent) == (claim.kind, claim.absent)]
        best = max(same, key=lambda other: _equal_facts(other, claim), default=None)
        if best is not None:
            left.remove(best)
        _count_claim(score, claim.kind, right=best is not None, missed=best is None)
        _add_facts(score, claim, best)
    for claim in left:
        _count_claim(score, claim.kind, wrong=True)
        _add_facts(score, None, claim)


def _count_claim(
    score: ReadingScore,
    kind: str,
    *,
    right: bool = False,
    wrong: bool = False,
    missed: bool = False,
) -> None:
    counts = Counter(right=right, wrong=wrong, missed=missed)
    for hits in (score.claims, score.by_kind.setdefault(kind, Hits())):
        hits.add(counts["right"], counts["wrong"], counts["missed"])


def _add_facts(score: ReadingScore, stated: Claim | None, read: Claim | None) -> None:
    for name in FIELDS:
        true = getattr(stated, name) if stated else None
        value = getattr(read, name) if read else None
        right = bool(true) and bool(value) and _same(true, value)
        for hits in (score.facts, score.by_fact[name]):
            hits.add(right, bool(value) and not right, bool(true) and not right)


def _equal_facts(first: Claim, second: Claim) -> int:
    return sum(_same(getattr(first, name), getattr(second, name)) for name in FIELDS)


def _same(first: object, second: object) -> bool:
    if isinstance(first, Range) and isinstance(second, Range):
        return _close(first.low, second.low) and _close(first.high, second.high)
    if not isinstance(first, tuple) or not isinstance(second, tuple):
        return first == second
    if first and hasattr(first[0], "start_s"):
        return len(first) == len(second) and all(
            _close(a.start_s, b.start_s) and _close(a.end_s, b.end_s)
            for a, b in zip(_sorted(first), _sorted(second), strict=True)
        )
    return set(first) == set(second)


def _sorted(spans: tuple) -> list:
    return sorted(spans, key=lambda span: (span.start_s, span.end_s))


def _close(first: float, second: float) -> bool:
    return first == second or isclose(first, second, rel_tol=0.01, abs_tol=0.005)
