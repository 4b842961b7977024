"""What changed from one release to another, row by row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from annotations.releases.formats.rowlist import ListedRow

# What a reader wants to know first: these are compared word for word.
FACTS = ("title", "licence", "data_terms", "renderer_version", "rule_editions", "authors")


@dataclass
class ReleaseDiff:
    """Kept rows by what became of them, and the facts and parts that differ."""

    same: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    facts: list[tuple[str, Any, Any]] = field(default_factory=list)
    moved: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def nights(self) -> list[tuple[str, int, int, int]]:
        """Night, changed, added, removed; those without any difference are left out."""
        names = sorted({*self.changed, *self.added, *self.removed})
        return [(n, self.changed[n], self.added[n], self.removed[n]) for n in names]

    def as_json(self) -> dict[str, Any]:
        return {
            "same": self.same,
            "changed": sum(self.changed.values()),
            "added": sum(self.added.values()),
            "removed": sum(self.removed.values()),
            "nights": [
                dict(zip(("night", "changed", "added", "removed"), row, strict=True))
                for row in self.nights
            ],
            "facts": [{"fact": name, "was": was, "is": now} for name, was, now in self.facts],
            "moved": [{"subject": s, "was": was, "is": now} for s, was, now in self.moved],
        }


def diff_releases(
    old: dict[str, Any],
    new: dict[str, Any],
    old_rows: Iterable[ListedRow],
    new_rows: Iterable[ListedRow],
) -> ReleaseDiff:
    """Compare two manifests and their rows, by hash; a row that is gone holds what follows it."""
    diff = ReleaseDiff(
        facts=[(name, old[name], new[name]) for name in FACTS if old[name] != new[name]],
        moved=_moved(old, new),
    )
    waiting: dict[tuple[str, str, int], str] = {}
    after = _kept(new_rows)
    for key, sha256 in _kept(old_rows):
        while key not in waiting and (following := next(after, None)):
            waiting[following[0]] = following[1]
        now = waiting.pop(key, None)
        night = f"{key[0]} by {key[1]}"
        if now is None:
            diff.removed[night] += 1
        elif now == sha256:
            diff.same += 1
        else:
            diff.changed[night] += 1
    diff.added.update(f"{recording} by {scorer}" for recording, scorer, _ in waiting)
    diff.added.update(f"{key[0]} by {key[1]}" for key, _ in after)
    return diff


def _kept(rows: Iterable[ListedRow]) -> Iterator[tuple[tuple[str, str, int], str]]:
    return (((*row.night, row.epoch), row.sha256) for row in rows if row.is_kept)


def _moved(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the subjects in both whose part is another: a model may have seen them."""
    before = {night["subject"]: night["part"] for night in old["nights"]}
    after = {night["subject"]: night["part"] for night in new["nights"]}
    return [
        (subject, before[subject], after[subject])
        for subject in sorted(before.keys() & after.keys())
        if before[subject] != after[subject]
    ]
