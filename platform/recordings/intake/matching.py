"""Files of a queue matched to nights by their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils import timezone

from psg.errors import RefusedError
from psg.namepatterns import (
    Named,
    NamePattern,
    guess_pattern,
    read_name,
)
from psg.stagenames import NightName, NightNames, StageMatch
from psg.typed_json import JsonObject
from recordings.intake.locking import changing, nights_of_subjects
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue, IntakeRule
from recordings.intake.packing import parts_of
from recordings.intake.receiving import examine_again
from studies.models import User


@dataclass(frozen=True)
class Patterns:
    """Patterns of the names of recordings and of stage files; an empty text is guessed."""

    recordings: str = ""
    stages: str = ""


@dataclass(frozen=True)
class RecordingName:
    """The name of a recording file, and what is known of its night."""

    path: str
    night: Named = field(default_factory=Named)
    is_edited: bool = False


@dataclass(frozen=True)
class Matches:
    """The night that each recording and each stage file means by its name; None for none."""

    pattern: str
    named: list[Named | None]
    stages: list[StageMatch | None]


def match_names(
    recordings: Sequence[RecordingName], stage_files: Sequence[str], patterns: Patterns
) -> Matches:
    """Read the names of recordings, and find the recording of each stage file.

    Raises
    ------
    NamePatternError
    """
    text = patterns.recordings or _guess(tuple(each.path for each in recordings))
    pattern = NamePattern(text) if text else None
    named = [read_name(pattern, each.path) for each in recordings]
    known = [
        each.night if each.is_edited or read is None else read
        for each, read in zip(recordings, named, strict=True)
    ]
    names = NightNames(
        [
            NightName(each.path, night.subject, night.night)
            for each, night in zip(recordings, known, strict=True)
        ]
    )
    of_stages = NamePattern(patterns.stages) if patterns.stages else None
    return Matches(text, named, [names.match(path, of_stages) for path in stage_files])


@lru_cache(16)
def _guess(paths: tuple[str, ...]) -> str:
    """Guess once for the same names: a page asks again and again while a queue is worked on."""
    return guess_pattern(paths)


@dataclass
class Preview:
    """What patterns would make of the names of a queue."""

    nights: list[tuple[IntakeNight, Named | None]] = field(default_factory=list)
    stages: list[tuple[IntakeFile, StageMatch | None]] = field(default_factory=list)
    problem: str = ""


def patterns_of(queue: IntakeQueue) -> Patterns:
    """Return the patterns of a queue, or those that are kept for its study."""
    if queue.pattern or queue.stages_pattern:
        return Patterns(queue.pattern, queue.stages_pattern)
    rule = queue.study.intake_rules.filter(kind=IntakeRule.Kind.PATTERN).first()
    return Patterns(**rule.value) if rule else Patterns()


def guessed_patterns(queue: IntakeQueue) -> JsonObject:
    """Return the patterns in use: those of the queue or the study, or a guess."""
    patterns = patterns_of(queue)
    guess = patterns.recordings or _guess(tuple(map(_path, _open_nights(queue))))
    return {"pattern": guess, "stages_pattern": patterns.stages}


def preview_patterns(queue: IntakeQueue, patterns: Patterns) -> Preview:
    """Say what patterns make of the names of a queue; nothing is changed."""
    try:
        return _preview(queue, patterns)
    except RefusedError as error:
        return Preview(problem=str(error))


def set_patterns(
    *, queue: IntakeQueue, patterns: Patterns, user: User | None = None, keep: bool = False
) -> None:
    """Set the patterns of a queue, and read all names again that no person has edited.

    Raises
    ------
    NamePatternError, IntakeRefusedError
    """
    for text in (patterns.recordings, patterns.stages):
        NamePattern(text)
    with changing(queue) as locked:
        locked.pattern, locked.stages_pattern = patterns.recordings, patterns.stages
        locked.save(update_fields=["pattern", "stages_pattern"])
        match_files(locked)
        if keep:
            IntakeRule.objects.update_or_create(
                study=locked.study,
                kind=IntakeRule.Kind.PATTERN,
                key="",
                defaults={
                    "value": {"recordings": patterns.recordings, "stages": patterns.stages},
                    "set_by": user,
                    "set_at": timezone.now(),
                },
            )


def match_when_all_are_read(queue: IntakeQueue) -> None:
    """Match files unless others are about to be read, whose reader then does it for all.

    Call with the queue locked, after the state of a file has changed.
    """
    reading = (IntakeFile.State.WAITING, IntakeFile.State.READING)
    if not queue.files.filter(state__in=reading).exists():
        match_files(queue)


def match_files(queue: IntakeQueue) -> None:
    """Make a night of every recording file, and give every stage file its night.

    Call with the queue locked. Nights whose files changed are examined again, and so are those of
    a subject that a night joined or left: whether they overlap is known by looking again.
    """
    made = {*_make_nights(queue)}
    changed = {*made, *_place_parts(queue)}
    preview = _preview(queue, patterns_of(queue))
    subjects: set[str] = set()
    for night, named in preview.nights:
        by_name = named or Named()
        if night.is_edited or (night.subject, night.number) == (by_name.subject, by_name.night):
            continue
        if night.subject != by_name.subject and night.pk not in made:
            subjects |= {night.subject, by_name.subject}
            changed.add(night.pk)
        night.subject, night.number = by_name.subject, by_name.night
        night.save(update_fields=["subject", "number"])
    nights = [night for night, _ in preview.nights]
    moved = []
    for file, match in preview.stages:
        wanted = nights[match.night].pk if match else None
        scorer = match.scorer if match else ""
        if (file.night_id, file.scorer) != (wanted, scorer):
            changed |= {pk for pk in (file.night_id, wanted) if pk}
            file.night_id, file.scorer = wanted, scorer
            moved.append(file)
    examine_again(changed | nights_of_subjects(queue, subjects))
    for file in moved:
        file.save(update_fields=["night", "scorer"])


def _make_nights(queue: IntakeQueue) -> list[int]:
    files = queue.files.filter(
        kind=IntakeFile.Kind.RECORDING, state=IntakeFile.State.READY, night_of=None
    )
    return [IntakeNight.objects.create(queue=queue, file=file).pk for file in files]


def _place_parts(queue: IntakeQueue) -> Iterator[int]:
    """Give parts of recordings their night; yield the nights that got one."""
    if not queue.files.filter(kind=IntakeFile.Kind.PART, night=None).exists():
        return
    nights = dict(queue.nights.exclude(file=None).values_list("file", "pk"))
    for main, parts in parts_of(queue).items():
        for part in parts:
            if main in nights and part.night_id != nights[main]:
                part.night_id = nights[main]
                part.save(update_fields=["night"])
                yield nights[main]


def _preview(queue: IntakeQueue, patterns: Patterns) -> Preview:
    nights = _open_nights(queue)
    files = list(
        queue.files.filter(
            kind=IntakeFile.Kind.STAGES, state=IntakeFile.State.READY, is_placed=False
        )
    )
    names = [
        RecordingName(_path(night), Named(night.subject, night.number), night.is_edited)
        for night in nights
    ]
    matches = match_names(names, [file.name for file in files], patterns)
    return Preview(
        list(zip(nights, matches.named, strict=True)),
        list(zip(files, matches.stages, strict=True)),
    )


def _open_nights(queue: IntakeQueue) -> list[IntakeNight]:
    nights = queue.nights.exclude(state=IntakeNight.State.IMPORTED).select_related("file")
    return list(nights.order_by("file__name", "pk"))


def _path(night: IntakeNight) -> str:
    return night.file.name if night.file else ""


def preview_json(preview: Preview) -> JsonObject:
    return {
        "rows": [
            {
                "night": night.pk,
                "name": _path(night),
                "subject": night.subject if night.is_edited or not named else named.subject,
                "number": night.number if night.is_edited or not named else named.night,
                "is_edited": night.is_edited,
                "matches": named is not None,
            }
            for night, named in preview.nights
        ],
        "stage_files": [
            {
                "file": file.pk,
                "name": file.name,
                "night": preview.nights[match.night][0].pk if match else None,
                "scorer": match.scorer if match else "",
                "matches": match is not None,
            }
            for file, match in preview.stages
        ],
        "problem": preview.problem,
    }
