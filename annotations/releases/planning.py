"""The plan of a release: its nights, counts, split and problems, and the hash of all rows."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from annotations.downloads import Table
from annotations.releases.composition import (
    PARTS,
    UNSPLIT,
    Carried,
    Composition,
    carried_of,
    carries_images,
    leave_notes,
    leave_problems,
)
from annotations.releases.models import Release
from annotations.releases.nights import ReleaseNight, read_nights
from annotations.releases.ratings import COLUMNS, has_comments, ratings_table
from annotations.releases.selection import (
    copy_notes,
    scorer_names,
    selected_scorings,
    selection_problems,
)
from annotations.scoring.models import Scoring
from psg.manifest import NightEntry
from psg.splits import leaks, split_subjects
from psg.stages import STAGES
from psg.typed_json import JsonObject, as_json, from_json
from studies.models import Study, Track


def parts_of(
    entries: Sequence[NightEntry], stages: Sequence[Counter[str]], composition: Composition
) -> tuple[list[str], list[str]]:
    """Return the part of each night, and the problems of the split."""
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
    leaking = leaks((e.subject, part) for e, part in zip(entries, parts, strict=True) if part)
    problems += [
        f"Subject {subject} is in {' and '.join(its)}. Each subject must be in a single part."
        for subject, its in leaking.items()
    ]
    return parts, problems


def _drawn_parts(
    entries: Sequence[NightEntry], stages: Sequence[Counter[str]], composition: Composition
) -> tuple[list[str], list[str]]:
    by_subject: dict[str, Counter[str]] = {}
    for entry, of_night in zip(entries, stages, strict=True):
        by_subject.setdefault(entry.subject, Counter()).update(of_night)
    counts = {s: [epochs[stage.value] for stage in STAGES] for s, epochs in by_subject.items()}
    shares = {part: composition.shares[part] for part in PARTS if composition.shares.get(part)}
    try:
        part_of = split_subjects(counts, shares, seed=composition.seed)
    except ValueError:
        few = f"{len(counts)} subject{'s' if len(counts) != 1 else ''}"
        return [""] * len(entries), [f"{few} cannot fill {len(shares)} parts of a split."]
    return [part_of[entry.subject] for entry in entries], []


@dataclass(frozen=True)
class Counts:
    """The epochs of a release: by part and stage, by rule, by track and by scorer."""

    stages: dict[str, dict[str, int]] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    tracks: dict[str, int] = field(default_factory=dict)
    scorers: dict[str, int] = field(default_factory=dict)


def counts_of(
    entries: Sequence[NightEntry], contents: Sequence[tuple[Counter[str], Counter[str]]]
) -> Counts:
    """Count the epochs of all nights; `contents` has stages and rules of each."""
    by_part: dict[str, Counter[str]] = {}
    of_rules, tracks, scorers = Counter[str](), Counter[str](), Counter[str]()
    for entry, (stages, rules) in zip(entries, contents, strict=True):
        by_part.setdefault(entry.part, Counter()).update(stages)
        of_rules.update(rules)
        tracks[entry.track] += entry.kept_count
        scorers[entry.scorer] += entry.kept_count
    return Counts(
        stages={
            part: {stage.value: stages[stage.value] for stage in STAGES}
            for part, stages in sorted(by_part.items())
        },
        rules=dict(sorted(of_rules.items())),
        tracks=dict(sorted(tracks.items())),
        scorers=dict(sorted(scorers.items())),
    )


SHOWN_NIGHTS = 8


@dataclass(frozen=True)
class ReleasePreview:
    """What a draft keeps of its plan: enough to show, and to notice a later change.

    `nights` and `ratings` are hashes; `named` describes each scorer under its name outside;
    `texts` is how many texts were searched for names of people, None where they were not.
    """

    nights: dict[str, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)
    epochs: int = 0
    left_out: int = 0
    counts: Counts = field(default_factory=Counts)
    carries: Carried = field(default_factory=Carried)
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ratings: str = ""
    sha256: str = ""
    texts: int | None = None

    def as_json(self) -> JsonObject:
        data: JsonObject = as_json(self)
        if self.texts is None:
            del data["texts"]
        return data

    @property
    def fingerprints(self) -> dict[str, object]:
        """What has to stay the same until the release is frozen, by name."""
        return {"ratings": self.ratings, **as_json(self.carries), **self.nights}


def preview_of(release: Release) -> ReleasePreview:
    """Read the stored preview of a release."""
    return from_json(ReleasePreview, release.preview)


@dataclass(frozen=True)
class ReleasePlan:
    """What a composition selects of the study as it is now."""

    scorings: Sequence[Scoring]
    entries: Sequence[NightEntry]
    counts: Counts
    carries: Carried
    problems: Sequence[str]
    notes: Sequence[str]
    ratings: Table
    sha256: str

    @property
    def preview(self) -> ReleasePreview:
        return ReleasePreview(
            nights={entry.key: _sha256(entry.as_json()) for entry in self.entries},
            named={
                entry.scorer: scoring.scorer.label_and_kind
                for scoring, entry in zip(self.scorings, self.entries, strict=True)
            },
            subjects=subjects_by_part(self.entries),
            epochs=sum(entry.kept_count for entry in self.entries),
            left_out=sum(entry.row_count - entry.kept_count for entry in self.entries),
            counts=self.counts,
            carries=self.carries,
            problems=tuple(self.problems),
            notes=tuple(self.notes),
            ratings=_sha256([list(map(str, row)) for row in self.ratings.rows]),
            sha256=self.sha256,
        )


def plan_release(
    study: Study,
    composition: Composition,
    *,
    take: Callable[[ReleaseNight], None] = lambda night: None,
    scorings: Sequence[Scoring] | None = None,
) -> ReleasePlan:
    """Read every night once, in order; `take` receives each before its part is known."""
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
        problems.append("The filters exclude all epochs. Change the filters.")
    return ReleasePlan(
        scorings=scorings,
        entries=entries,
        counts=counts_of(entries, contents),
        carries=carried_of(study, composition, has_words=has_words),
        problems=problems,
        notes=[
            *leave_notes(study, composition),
            *copy_notes(study, composition),
            *_without_images(study, composition, entries),
        ],
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


def changes(old: ReleasePreview, new: ReleasePreview) -> list[str]:
    """Return the names of what differs between two previews: nights, ratings, kinds of data."""
    before, after = old.fingerprints, new.fingerprints
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


def night_names(scorings: Iterable[Scoring]) -> dict[int, str]:
    """Return the name of each recording: as in MASS-EX the code of its subject, where unique."""
    recordings = {scoring.recording_id: scoring.recording for scoring in scorings}
    codes = Counter(recording.subject.code for recording in recordings.values())
    names = {
        pk: r.subject.code if codes[r.subject.code] == 1 else r.name for pk, r in recordings.items()
    }
    if len(set(names.values())) < len(names):  # a recording has the code of another subject as name
        return {pk: recording.name for pk, recording in recordings.items()}
    return names


def subjects_by_part(entries: Iterable[NightEntry]) -> dict[str, int]:
    """Count the subjects of each part."""
    subjects = {(entry.part, entry.subject) for entry in entries}
    return dict(sorted(Counter(part for part, _ in subjects).items()))


def _sha256(data: object) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
