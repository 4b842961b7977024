"""What people say of nights and files of a queue: edits, decisions, answers to doubts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from psg.errors import RefusedError
from psg.ingest.decisions import derivation_of
from psg.typed_json import JsonObject
from recordings.intake.answers import (
    AnswerError,
    checked_decisions,
    decision_of,
    merged,
    option_of,
    options_with,
    texts_said,
)
from recordings.intake.models import IntakeFile, IntakeNight
from recordings.intake.receiving import changing, drop_files, examine_again
from recordings.intake.rules import check_kept_options, keep_channels, keep_options
from studies.models import User

NAME = re.compile(r"[\w.\-]+( [\w.\-]+)*")
CODE = re.compile(r"[\w.\-]+")
LEAVE_OUT = "leave_out"
UNKNOWN_TEXTS = "unknown_texts"
_OF_ONE_NIGHT = ("start_clock", "epoch_start")


# Editing a row.


def edit_night(*, night: IntakeNight, subject: str, number: int | None, name: str) -> None:
    """Set subject, number and name of a night by hand; patterns leave them alone from now on.

    Raises
    ------
    RefusedError, IntakeRefusedError
    """
    subject, name = subject.strip(), name.strip()
    if subject and (len(subject) > 60 or not CODE.fullmatch(subject)):
        raise RefusedError(
            "Use letters, figures, - _ and . only, and never a name.", where="subject"
        )
    if name and (len(name) > 80 or not NAME.fullmatch(name)):
        raise RefusedError(
            "Use letters, figures, - _ . and single spaces, and never the name of a person.",
            where="name",
        )
    with changing(night.queue):
        if subject != night.subject:
            examine_again([night.pk])  # whether it overlaps others depends on the subject
        night.subject, night.number, night.name = subject, number, name
        night.is_edited = True
        night.save(update_fields=["subject", "number", "name", "is_edited"])


def place_file(*, file: IntakeFile, night: IntakeNight | None, scorer: str) -> None:
    """Give a stage file another night or scorer; patterns leave it alone from now on.

    Raises
    ------
    RefusedError, IntakeRefusedError
    """
    if night is not None and night.queue_id != file.queue_id:
        raise RefusedError("This recording is in another queue.", where="night")
    if file.kind != IntakeFile.Kind.STAGES:
        raise RefusedError("Only stage files belong to a recording.", where="night")
    with changing(file.queue):
        touched = {pk for pk in (file.night_id, night.pk if night else None) if pk}
        file.night, file.scorer, file.is_placed = night, scorer.strip()[:120], True
        file.save(update_fields=["night", "scorer", "is_placed"])
        examine_again(touched)


# Deciding.


def decide(*, nights: Iterable[IntakeNight], said: Mapping[str, Any]) -> None:
    """Add decisions to nights of a queue; null takes one back. They are examined again.

    Raises
    ------
    RefusedError, IntakeRefusedError
    """
    listed = list(nights)
    for night in listed:
        with changing(night.queue):
            night.decisions = checked_decisions(merged(night.decisions, said)).as_json()
            night.save(update_fields=["decisions"])
            examine_again([night.pk])


def set_options(*, files: Iterable[IntakeFile], said: Mapping[str, Any]) -> None:
    """Add to what is said of stage files; their nights are examined again."""
    for file in list(files):
        with changing(file.queue):
            options = options_with(file.options, said)
            file.options = {key: value for key, value in options.items() if value not in _NOTHING}
            file.save(update_fields=["options"])
            if file.night_id:
                examine_again([file.night_id])


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
) -> None:
    """Answer a doubt of a night, or of one of its stage files.

    Parameters
    ----------
    same_labels
        Likewise for all nights of the queue whose recordings have the same labels.
    for_all
        Likewise for all nights, or all stage files of the same format.
    keep
        As a rule of the study, for recordings with the same labels or stage files of the format.

    Raises
    ------
    AnswerError, IntakeRefusedError
    """
    doubts = (file or night).doubts
    doubt = next((doubt for doubt in doubts if doubt["code"] == code), None)
    if doubt is None:
        raise AnswerError("This question is not open any more.", where=code[:60])
    choices = [choice["value"] for choice in doubt["choices"]]
    if choices and value not in choices and not _is_free(code):
        raise AnswerError("This answer is not one of the choices.", where=f"{code}: {value}"[:100])
    if file is not None:
        _answer_of_file(night, file, doubt, value, for_all=for_all, keep=keep, user=user)
        return
    if (keep or same_labels or for_all) and code in _OF_ONE_NIGHT:
        raise AnswerError("The start of a recording cannot be used for others.", where=code)
    said = decision_of(code, value)
    nights = _alike(night, same_labels=same_labels, for_all=for_all)
    _mark_answered(nights, code, value)
    decide(nights=nights, said=said)
    if keep:
        keep_channels(night=night, said=said, user=user)


def _is_free(code: str) -> bool:
    """Whether a question about channels may be answered with any map or unit."""
    return code == "channels" or code.startswith(("missing_", "assumed_", "unit_"))


def _alike(night: IntakeNight, *, same_labels: bool, for_all: bool) -> list[IntakeNight]:
    """Return the night itself, and those that the same answer is meant for."""
    others = night.queue.nights.exclude(state=IntakeNight.State.IMPORTED).exclude(pk=night.pk)
    label_set = night.facts.get("label_set")
    if for_all:
        return [night, *others]
    if same_labels and label_set:
        return [night, *others.filter(facts__label_set=label_set)]
    return [night]


def _mark_answered(rows: Iterable[IntakeNight | IntakeFile], code: str, value: str) -> None:
    """Show a doubt as answered, also when the next reading does not have it any more."""
    for row in rows:
        for doubt in row.doubts:
            if doubt["code"] == code:
                doubt |= {"answered": True, "answer": value}
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
) -> None:
    if value == LEAVE_OUT:
        with changing(night.queue):
            drop_files([file])
            examine_again([night.pk])
        return
    code, format_ = doubt["code"], file.facts.get("format", "")
    said = texts_said([doubt["where"]], value) if code == UNKNOWN_TEXTS else option_of(code, value)
    if keep:
        check_kept_options(code, said)
    files = [file]
    if for_all:
        alike = night.queue.files.filter(kind=IntakeFile.Kind.STAGES, facts__format=format_)
        files += alike.exclude(pk=file.pk)
    _mark_answered(files, code, value)
    set_options(files=files, said=said)
    if keep and format_:
        keep_options(study=night.queue.study, format_=format_, said=said, user=user)


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
    PsgError, IntakeRefusedError
    """
    said: JsonObject = {"channels": dict(channels)}
    nights = _alike(night, same_labels=same_labels, for_all=False)
    for code in ("channels", *(f"missing_{derivation_of(name).name.lower()}" for name in channels)):
        _mark_answered(nights, code, "map")
    decide(nights=nights, said=said)
    if keep:
        keep_channels(night=night, said=said, user=user)
    return len(nights)
