"""What people say of nights and files: edits, decisions, answers to doubts, rules of a study."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from psg.errors import RefusedError
from psg.ingest.decisions import NightDecisions, derivation_of, parse_channel_map
from psg.lights import second_at
from psg.montage import Derivation
from psg.stagefiles.declared import digest_of, meaning_of
from psg.stagefiles.facts import StageOptions
from psg.stages import Stage
from psg.typed_json import JsonObject
from recordings.intake.models import IntakeFile, IntakeNight, IntakeRule
from recordings.intake.receiving import changing, drop_files, examine_again
from studies.models import Study, User

NAME = re.compile(r"[\w.\-]+( [\w.\-]+)*")
CODE = re.compile(r"[\w.\-]+")
LEAVE_OUT = "leave_out"
UNKNOWN_TEXTS = "unknown_texts"
# What may be kept for all stage files of a format. Where their stages lie is told by each alone.
_OF_A_FORMAT = {"codes", "epoch_s", "unscored", "meanings"}
_OF_ONE_NIGHT = ("start_clock", "epoch_start")
_QUOTED = re.compile("“([^”]*)”")
# In a channel map: the labels say again which channel it is.
BY_LABEL = "by_label"
# Options of a stage file that list texts.
_TEXTS = ("unscored", "meanings")
# Keys of NightDecisions whose parts are merged one by one.
_MERGED = ("channels", "units")


class AnswerError(RefusedError):
    """An answer that does not fit its doubt."""

    code = "answer"


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
        raise RefusedError("This night is in another queue.", where="night")
    if file.kind != IntakeFile.Kind.STAGES:
        raise RefusedError("Only stage files belong to a night.", where="night")
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


def options_with(before: Mapping[str, Any], said: Mapping[str, Any]) -> JsonObject:
    """Lay options of a stage file over others; texts are added, and are digests from here on.

    Raises
    ------
    PsgError, AnswerError
    """
    earlier, later = (checked_decisions({"stages": options}).stages for options in (before, said))
    said_again = {text.partition("=")[0] for text in (*later.unscored, *later.meanings)}
    both = {**before, **said}
    for key in _TEXTS:
        kept = [text for text in getattr(earlier, key) if text.partition("=")[0] not in said_again]
        both[key] = [*kept, *getattr(later, key)]
    return both


_NOTHING: tuple[object, ...] = (None, "", [], ())


def merged(before: Mapping[str, Any], said: Mapping[str, Any]) -> JsonObject:
    """Lay decisions over others; maps of channels and units are merged by their keys."""
    both: JsonObject = dict(before)
    for key, value in said.items():
        if key in _MERGED:
            parts = {**(before.get(key) or {}), **(value or {})}
            both[key] = {name: part for name, part in parts.items() if part != BY_LABEL}
        else:
            both[key] = value
    return both


def checked_decisions(said: Mapping[str, Any]) -> NightDecisions:
    """Read decisions of a request.

    Raises
    ------
    PsgError, AnswerError
        When a key or a value is not known.
    """
    decisions = NightDecisions.from_json(said)
    unknown = set(said) - set(decisions.as_json())
    if unknown:
        raise AnswerError("These decisions are not known.", where=", ".join(sorted(unknown))[:200])
    return decisions


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
        raise AnswerError("This is none of the answers.", where=f"{code}: {value}"[:100])
    if file is not None:
        _answer_of_file(night, file, doubt, value, for_all=for_all, keep=keep, user=user)
        return
    if keep and code in _OF_ONE_NIGHT:
        raise AnswerError("The start of a recording cannot be kept for others.", where=code)
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
    if keep and not said.keys() <= _OF_A_FORMAT:
        raise AnswerError("This answer cannot be kept for other stage files.", where=code)
    files = [file]
    if for_all:
        alike = night.queue.files.filter(kind=IntakeFile.Kind.STAGES, facts__format=format_)
        files += alike.exclude(pk=file.pk)
    _mark_answered(files, code, value)
    set_options(files=files, said=said)
    if keep and format_:
        _keep(night.queue.study, IntakeRule.Kind.STAGES, format_, [format_], said, user)


def decision_of(code: str, value: str) -> JsonObject:
    """Turn the answer to a doubt of a recording into a decision.

    Raises
    ------
    AnswerError, PsgError
    """
    if code == "mains":
        return {"mains_hz": _number(value)}
    if code == "epoch_start":
        return {"epoch_start_s": _number(value)}
    if code == "start_clock":
        return {"start_clock_s": _clock(value)}
    kind, _, name = code.partition("_")
    if kind == "unit":
        return {"units": {name: value}}
    if kind in {"missing", "assumed"} and name.upper() in Derivation.__members__:
        texts = [value if "=" in value else f"{Derivation[name.upper()].value}={value}"]
    elif code == "channels":
        texts = [part if "=" in part else f"C4-M1={part}" for part in value.splitlines() if part]
    else:
        raise AnswerError("This question has no answer here.", where=code[:60])
    return {"channels": NightDecisions(channels=parse_channel_map(texts)).as_json()["channels"]}


def texts_said(places: Iterable[str], value: str) -> JsonObject:
    """Turn the answer to a doubt about unknown texts into options.

    "No stage" is meant for all of them, a stage for the first, which the choices name.

    Parameters
    ----------
    places
        What the doubt says of each file: its texts in quotation marks.
    """
    texts = [text for where in places for text in _QUOTED.findall(where)]
    if value in Stage.__members__:
        return {"meanings": [meaning_of(f"{text}={value}") for text in texts[:1]]}
    return {"unscored": list(dict.fromkeys(map(digest_of, texts)))}


def option_of(code: str, value: str) -> JsonObject:
    """Turn the answer to a doubt of a stage file into an option of its reading.

    Raises
    ------
    AnswerError
    """
    match code:
        case "counting_base":
            return {"first_epoch": int(_number(value))}
        case "epoch_s":
            return {"epoch_s": _number(value)}
        case "codes" | "format" | "place" | "scorer":
            return {code: value}
    raise AnswerError("This question has no answer here.", where=code[:60])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise AnswerError("This is not a number.", where=text[:40]) from error


def _clock(text: str) -> float:
    second = second_at(text, start_clock_s=0)
    if second is None:
        raise AnswerError("Enter a time of day such as 22:41:30.", where=text[:40])
    return second


# Channel maps, and rules of a study.


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


def keep_channels(*, night: IntakeNight, said: Mapping[str, Any], user: User | None) -> None:
    """Keep what was said of the channels of a night for all recordings with its labels."""
    labels = [channel["label"] for channel in night.facts.get("channels", [])]
    if labels:
        kind = IntakeRule.Kind.CHANNELS
        _keep(night.queue.study, kind, label_digest(labels), labels, said, user)


def _keep(
    study: Study,
    kind: IntakeRule.Kind,
    key: str,
    about: list[str],
    said: Mapping[str, Any],
    user: User | None,
) -> None:
    rule = IntakeRule.objects.filter(study=study, kind=kind, key=key).first()
    before = rule.value if rule else {}
    is_of_stages = kind == IntakeRule.Kind.STAGES
    value = options_with(before, said) if is_of_stages else merged(before, said)
    IntakeRule.objects.update_or_create(
        study=study,
        kind=kind,
        key=key,
        defaults={"about": about, "value": value, "set_by": user, "set_at": timezone.now()},
    )


def label_digest(labels: Iterable[str]) -> str:
    """Return the name of a set of labels, whatever their order."""
    return hashlib.sha256("\n".join(sorted(labels)).encode()).hexdigest()


def channel_rules(study: Study) -> dict[str, IntakeRule]:
    """Return what the study keeps for recordings, by their sets of labels."""
    return {rule.key: rule for rule in study.intake_rules.filter(kind=IntakeRule.Kind.CHANNELS)}


def said_about(
    kept: Mapping[str, JsonObject],
    for_all: Mapping[str, Any],
    for_night: Mapping[str, Any],
    label_set: str,
) -> NightDecisions:
    """Return what is decided about a night: kept for its labels, for its queue, for itself."""
    return checked_decisions(merged(merged(kept.get(label_set, {}), for_all), for_night))


def options_for_formats(study: Study) -> dict[str, JsonObject]:
    """Return the kept options of stage files, by format."""
    rules = study.intake_rules.filter(kind=IntakeRule.Kind.STAGES)
    return {
        rule.key: {key: value for key, value in rule.value.items() if key in _OF_A_FORMAT}
        for rule in rules
    }


def options_over(kept: Mapping[str, Any], said: Mapping[str, Any]) -> StageOptions:
    """Return the options of a stage file: what is said of it, over what is kept."""
    return checked_decisions({"stages": options_with(kept, said)}).stages
