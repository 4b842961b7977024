"""What people say of nights and files of a queue: edits, decisions, answers to doubts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

from psg.errors import RefusedError
from psg.ingest.decisions import derivation_of
from psg.typed_json import JsonObject
from recordings.intake.answers import (
    LEAVE_OUT,
    AnswerError,
    checked_decisions,
    decision_of,
    declared_texts_of,
    merged,
    option_of,
    options_with,
)
from recordings.intake.locking import (
    IntakeRefusedError,
    changing,
    locked_nights,
    nights_of_subjects,
    refresh_file,
    refresh_night,
)
from recordings.intake.models import IntakeFile, IntakeNight
from recordings.intake.receiving import drop_files, examine_again
from recordings.intake.rules import check_kept_options, keep_channels, keep_options
from studies.models import User

NAME = re.compile(r"[\w.\-]+( [\w.\-]+)*")
CODE = re.compile(r"[\w.\-]+")
UNKNOWN_TEXTS = "unknown_texts"
_OF_ONE_NIGHT = ("start_clock", "epoch_start")


# Editing a row.


class NightEdit(TypedDict, total=False):
    """What a person writes in a row; what is left out stays."""

    subject: str
    number: int | None
    name: str


class Placement(TypedDict, total=False):
    """Night and scorer of a stage file; what is left out stays."""

    night: IntakeNight | None
    scorer: str


def edit_night(*, night: IntakeNight, **given: Unpack[NightEdit]) -> None:
    """Set subject, number and name of a night by hand; patterns leave them alone from now on.

    Raises
    ------
    RefusedError, GoneError, IntakeRefusedError
    """
    subject, name = given.get("subject", "").strip(), given.get("name", "").strip()
    if subject and (len(subject) > 60 or not CODE.fullmatch(subject)):
        raise RefusedError(
            "Use letters, figures, - _ and . only, and never a name.", where="subject"
        )
    if name and (len(name) > 80 or not NAME.fullmatch(name)):
        raise RefusedError(
            "Use letters, figures, - _ . and single spaces, and never the name of a person.",
            where="name",
        )
    with changing(night.queue) as queue:
        refresh_night(queue, night)
        if "subject" in given and subject != night.subject:
            examine_again(nights_of_subjects(queue, {night.subject, subject}) | {night.pk})
            night.subject = subject
        if "name" in given:
            night.name = name
        night.number = given.get("number", night.number)
        night.is_edited = True
        night.save(update_fields=["subject", "number", "name", "is_edited"])


def place_file(*, file: IntakeFile, **given: Unpack[Placement]) -> None:
    """Give a stage file another night or scorer; patterns leave it alone from now on.

    Raises
    ------
    RefusedError, GoneError, IntakeRefusedError
    """
    night = given.get("night")
    if night is not None and night.queue_id != file.queue_id:
        raise RefusedError("This recording is in another queue.", where="night")
    if file.kind != IntakeFile.Kind.STAGES:
        raise RefusedError("Only stage files belong to a recording.", where="night")
    with changing(file.queue) as queue:
        refresh_file(queue, file)
        wanted = file.night_id
        if "night" in given:
            if night is not None:
                refresh_night(queue, night)
            wanted = night.pk if night else None
        examine_again({pk for pk in (file.night_id, wanted) if pk})
        file.night_id, file.is_placed = wanted, True
        file.scorer = given.get("scorer", file.scorer).strip()[:120]
        file.save(update_fields=["night", "scorer", "is_placed"])


# Deciding.


def decide(*, night: IntakeNight, given: Mapping[str, Any]) -> None:
    """Add decisions to a night; null takes one back. It is examined again.

    Raises
    ------
    RefusedError, GoneError, IntakeRefusedError
    """
    with changing(night.queue) as queue:
        refresh_night(queue, night)
        _decide([night], given)


def _decide(nights: Iterable[IntakeNight], given: Mapping[str, Any]) -> None:
    for night in nights:
        night.decisions = checked_decisions(merged(night.decisions, given)).as_json()
        night.save(update_fields=["decisions"])
        examine_again([night.pk])


def set_options(*, file: IntakeFile, given: Mapping[str, Any]) -> None:
    """Add to what is said of a stage file; its night is examined again.

    Raises
    ------
    RefusedError, GoneError, IntakeRefusedError
    """
    with changing(file.queue) as queue:
        refresh_file(queue, file)
        examine_again([file.night_id] if file.night_id else [])
        _set_options(file, given)


def _set_options(file: IntakeFile, given: Mapping[str, Any]) -> None:
    options = options_with(file.options, given)
    file.options = {key: value for key, value in options.items() if value not in _NOTHING}
    file.save(update_fields=["options"])


_NOTHING: tuple[object, ...] = (None, "", [], ())


# Answers to doubts.


def answer_doubt(
    *,
    night: IntakeNight,
    code: str,
    value: str,
    file: IntakeFile | None = None,
    same_labels: bool = False,
    for_all: bool = False,
    keep: bool = False,
    user: User | None = None,
) -> int:
    """Answer a doubt of a night, or of one of its stage files; return for how many it holds.

    Parameters
    ----------
    same_labels
        Likewise for all nights of the queue whose recordings have the same labels.
    for_all
        Likewise for all nights, or all stage files of the same format. What is said of channels
        holds for nights with the same labels alone.
    keep
        As a rule of the study, for recordings with the same labels or stage files of the format.

    Raises
    ------
    AnswerError, GoneError, IntakeRefusedError
    """
    with changing(night.queue) as queue:
        refresh_night(queue, night)
        if file is not None:
            refresh_file(queue, file)
            if file.night_id != night.pk:
                raise IntakeRefusedError("This stage file belongs to another recording now.")
        doubt = _asked(file or night, code, value)
        if file is not None:
            return _answer_of_file(night, file, doubt, value, for_all=for_all, keep=keep, user=user)
        if (keep or same_labels or for_all) and code in _OF_ONE_NIGHT:
            raise AnswerError("The start of a recording cannot be used for others.", where=code)
        given = decision_of(code, value)
        if for_all and _is_of_channels(code):
            same_labels, for_all = True, False
        nights = _alike(night, same_labels=same_labels, for_all=for_all)
        _mark_answered(nights, code, value)
        _decide(nights, given)
        if keep:
            keep_channels(night=night, given=given, user=user)
        return len(nights)


def _asked(row: IntakeNight | IntakeFile, code: str, value: str) -> Mapping[str, Any]:
    """Return the doubt that is answered.

    Raises
    ------
    AnswerError
    """
    doubt: Mapping[str, Any] | None
    doubt = next((doubt for doubt in row.doubts if doubt["code"] == code), None)
    if doubt is None:
        raise AnswerError("This question is not open any more.", where=code[:60])
    choices = [choice["value"] for choice in doubt["choices"]]
    if choices and value not in choices and not _is_of_channels(code):
        raise AnswerError("This answer is not one of the choices.", where=f"{code}: {value}"[:100])
    return doubt


def _is_of_channels(code: str) -> bool:
    """Whether a question is about channels: it may be answered with any map or unit."""
    return code == "channels" or code.startswith(("missing_", "assumed_", "unit_"))


def _alike(night: IntakeNight, *, same_labels: bool, for_all: bool) -> list[IntakeNight]:
    """Return the night itself, and those that the same answer is meant for, all locked."""
    others = night.queue.nights.exclude(state=IntakeNight.State.IMPORTED).exclude(pk=night.pk)
    label_set = night.facts.get("label_set")
    if not for_all and not (same_labels and label_set):
        return [night]
    if not for_all:
        others = others.filter(facts__label_set=label_set)
    return [night, *locked_nights(night.queue, others.values_list("pk", flat=True))]


def _mark_answered(rows: Iterable[IntakeNight | IntakeFile], code: str, value: str) -> None:
    """Show a doubt as answered, also when the next reading does not have it any more."""
    for row in rows:
        asked = [doubt for doubt in row.doubts if doubt["code"] == code]
        for doubt in asked:
            doubt |= {"answered": True, "answer": value}
        if asked:
            row.save(update_fields=["doubts"])


def _answer_of_file(
    night: IntakeNight,
    file: IntakeFile,
    doubt: Mapping[str, Any],
    value: str,
    *,
    for_all: bool,
    keep: bool,
    user: User | None,
) -> int:
    if value == LEAVE_OUT:
        drop_files([file])
        examine_again([night.pk])
        return 1
    code, format_ = doubt["code"], file.facts.get("format", "")
    given = (
        declared_texts_of([doubt["where"]], value)
        if code == UNKNOWN_TEXTS
        else option_of(code, value)
    )
    if keep:
        check_kept_options(code, given)
    examine_again([night.pk])
    files = [file, *(_files_alike(file) if for_all else ())]
    _mark_answered(files, code, value)
    for each in files:
        _set_options(each, given)
    if keep and format_:
        keep_options(study=night.queue.study, format_=format_, given=given, user=user)
    return len(files)


def _files_alike(file: IntakeFile) -> list[IntakeFile]:
    """Return the other stage files of the format; their nights are examined again."""
    alike = file.queue.files.filter(
        kind=IntakeFile.Kind.STAGES, facts__format=file.facts.get("format", "")
    ).exclude(pk=file.pk)
    # Before the files are loaded: a worker may be about to write what it found in them.
    examine_again([pk for pk in alike.values_list("night", flat=True) if pk])
    return list(alike)


# Channel maps.


def map_channels(
    *,
    night: IntakeNight,
    channels: Mapping[str, Any],
    same_labels: bool = False,
    keep: bool = False,
    user: User | None = None,
) -> int:
    """Set the channel map of a night, or of all with its labels; return how many changed.

    `BY_LABEL` takes a derivation out of the map.

    Raises
    ------
    PsgError, GoneError, IntakeRefusedError
    """
    given: JsonObject = {"channels": dict(channels)}
    asked = ["channels", *(f"missing_{derivation_of(name).name.lower()}" for name in channels)]
    with changing(night.queue) as queue:
        refresh_night(queue, night)
        nights = _alike(night, same_labels=same_labels, for_all=False)
        for code in asked:
            _mark_answered(nights, code, "map")
        _decide(nights, given)
        if keep:
            keep_channels(night=night, given=given, user=user)
    return len(nights)
