"""What a composition comes to: its nights, counts, split, problems, and the hash of it all."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.downloads import Table
from annotations.releases.composition import (
    PARTS,
    UNSPLIT,
    Composition,
    carried_of,
    carries_images,
    leave_notes,
    leave_problems,
)
from annotations.releases.nights import NightEntry, ReleaseNight, read_nights
from annotations.releases.ratings import COLUMNS, has_comments, ratings_table
from annotations.releases.selection import (
    scorer_names,
    selected_scorings,
    selection_problems,
)
from annotations.scoring.models import Scoring
from psg.splits import leaks, split_subjects
from psg.stages import STAGES
from studies.models import Study, Track


def parts_of(
    entries: Sequence[NightEntry], stages: Sequence[Counter[str]], composition: Composition
) -> tuple[list[str], list[str]]:
    """Return the part of each night, and what is wrong with the split."""
    if composition.given_parts:
        parts = [composition.given_parts.get(entry.recording, "") for entry in entries]
        nights = {entry.recording for entry in entries}
        problems = [
            f"The split gives {name} no part."
            for name in sorted(nights - {*composition.given_parts})
        ]
    elif composition.shares and entries:
        parts, problems = _drawn_parts(entries, stages, composition)
    else:
        return [UNSPLIT] * len(entries), []
    found = leaks((e.subject, part) for e, part in zip(entries, parts, strict=True) if part)
    problems += [
        f"Subject {subject} is in {' and '.join(its)}: that would leak from one to the other."
        for subject, its in found.items()
    ]
    return parts, problems


def _drawn_parts(
    entries: Sequence[NightEntry], stages: Sequence[Counter[str]], composition: Composition
) -> tuple[list[str], list[str]]:
    by_subject: dict[str, Counter[str]] = {}
    for entry, found in zip(entries, stages, strict=True):
        by_subject.setdefault(entry.subject, Counter()).update(found)
    counts = {s: [found[stage.value] for stage in STAGES] for s, found in by_subject.items()}
    shares = {part: composition.shares[part] for part in PARTS if composition.shares.get(part)}
    try:
        part_of = split_subjects(counts, shares, seed=composition.seed)
    except ValueError:
        few = f"{len(counts)} subject{'s' if len(counts) != 1 else ''}"
        return [""] * len(entries), [f"{few} cannot fill {len(shares)} parts of a split."]
    return [part_of[entry.subject] for entry in entries], []


# Kept epochs of a release by stage, rule, track, scorer and part.


@dataclass
class Counts:
    """Kept epochs by scorer and part, as tables show them."""

    stages: dict[str, Counter[str]] = field(default_factory=dict)
    rules: Counter[str] = field(default_factory=Counter)
    tracks: Counter[str] = field(default_factory=Counter)
    scorers: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {
            "stages": {part: _in_order(found) for part, found in sorted(self.stages.items())},
            "rules": dict(sorted(self.rules.items())),
            "tracks": dict(sorted(self.tracks.items())),
            "scorers": dict(sorted(self.scorers.items())),
        }


def counts_of(
    entries: Sequence[NightEntry], contents: Sequence[tuple[Counter[str], Counter[str]]]
) -> Counts:
    counts = Counts()
    for entry, (stages, rules) in zip(entries, contents, strict=True):
        counts.stages.setdefault(entry.part, Counter()).update(stages)
        counts.rules.update(rules)
        counts.tracks[entry.track] += entry.kept_count
        counts.scorers[entry.scorer] += entry.kept_count
    return counts


def _in_order(found: Counter[str]) -> dict[str, int]:
    return {stage.value: found[stage.value] for stage in STAGES}


# What a composition comes to: its nights, counts, split, problems, and the hash of it all.


SHOWN_NIGHTS = 8


@dataclass(frozen=True)
class ReleasePlan:
    """A composition against the study as it is now."""

    scorings: Sequence[Scoring]
    entries: Sequence[NightEntry]
    counts: dict[str, Any]
    carries: dict[str, bool]
    problems: Sequence[str]
    notes: Sequence[str]
    ratings: Table
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """What a draft keeps of it: enough to show, and to see later what has changed."""
        return {
            "nights": {entry.key: _sha256(entry.as_json()) for entry in self.entries},
            "named": {
                entry.scorer: scoring.scorer.label_and_kind
                for scoring, entry in zip(self.scorings, self.entries, strict=True)
            },
            "subjects": _subjects(self.entries),
            "epochs": sum(entry.kept_count for entry in self.entries),
            "left_out": sum(entry.row_count - entry.kept_count for entry in self.entries),
            "counts": self.counts,
            "carries": self.carries,
            "problems": list(self.problems),
            "notes": list(self.notes),
            "ratings": _sha256([list(map(str, row)) for row in self.ratings.rows]),
            "sha256": self.sha256,
        }


def plan_release(
    study: Study,
    composition: Composition,
    *,
    take: Callable[[ReleaseNight], None] = lambda night: None,
    scorings: Sequence[Scoring] | None = None,
) -> ReleasePlan:
    """Read every night once, in order; `take` gets each, before its part is known."""
    scorings = selected_scorings(study, composition) if scorings is None else scorings
    names = scorer_names(scorings)
    entries: list[NightEntry] = []
    contents: list[tuple[Counter[str], Counter[str]]] = []
    nights = read_nights(
        scorings,
        composition,
        scorer_names=names,
        night_names=night_names(scorings),
        with_images=carries_images(study, composition),
    )
    for night in nights:
        take(night)
        entries.append(night.entry)
        contents.append((night.stages, night.rules))
    parts, split_problems = parts_of(entries, [stages for stages, _ in contents], composition)
    entries = [replace(e, part=part) for e, part in zip(entries, parts, strict=True)]
    ratings = ratings_table(scorings, names) if composition.with_ratings else Table(COLUMNS, [])
    has_words = any(entry.track == Track.FINE for entry in entries) or has_comments(ratings)
    problems = [
        *selection_problems(study, composition, scorings),
        *leave_problems(study, composition, has_words=has_words),
        *split_problems,
    ]
    if scorings and not any(entry.kept_count for entry in entries):
        problems.append("No epoch is left: the filters leave all of them out.")
    return ReleasePlan(
        scorings=scorings,
        entries=entries,
        counts=counts_of(entries, contents).as_json(),
        carries=carried_of(study, composition, has_words=has_words),
        problems=problems,
        notes=[*leave_notes(study, composition), *_without_images(study, composition, entries)],
        ratings=ratings,
        sha256=_sha256([entry.as_json() for entry in entries]),
    )


def _without_images(
    study: Study, composition: Composition, entries: Sequence[NightEntry]
) -> list[str]:
    bare = sorted({entry.recording for entry in entries if not entry.has_images})
    if not carries_images(study, composition) or not bare:
        return []
    few = f"{', '.join(bare[:SHOWN_NIGHTS])}{' and others' if len(bare) > SHOWN_NIGHTS else ''}"
    return [f"Images of {few} are only named: there are no signals to draw them from."]


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Name what differs between two previews: nights and ratings by content, and what may leave."""
    before, after = (
        {"ratings": seen.get("ratings"), **seen.get("carries", {}), **seen.get("nights", {})}
        for seen in (old, new)
    )
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


def night_names(scorings: Iterable[Scoring]) -> dict[int, str]:
    """Name each recording: by its subject's code as MASS-EX has it, where that is enough."""
    recordings = {scoring.recording_id: scoring.recording for scoring in scorings}
    codes = Counter(recording.subject.code for recording in recordings.values())
    names = {
        pk: r.subject.code if codes[r.subject.code] == 1 else r.name for pk, r in recordings.items()
    }
    if len(set(names.values())) < len(names):  # a night is called as another subject's code
        return {pk: recording.name for pk, recording in recordings.items()}
    return names


def _subjects(entries: Iterable[NightEntry]) -> dict[str, int]:
    """Count the subjects of each part."""
    found = {(entry.part, entry.subject) for entry in entries}
    return dict(sorted(Counter(part for part, _ in found).items()))


def _sha256(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
