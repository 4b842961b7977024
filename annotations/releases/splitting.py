"""The part of each night: given, drawn by subject, or none; and what is wrong with a split."""

from collections import Counter
from collections.abc import Sequence

from annotations.releases.composition import PARTS, Composition
from annotations.releases.nights import NightEntry
from psg.splits import leaks, split_subjects
from psg.stages import STAGES

UNSPLIT = "all"


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
