"""Answers to doubts as decisions about a recording, or as options of a stage file."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from psg.errors import RefusedError
from psg.ingest.decisions import NightDecisions, parse_channel_map
from psg.lights import second_at
from psg.montage import Derivation
from psg.stagefiles.declared import digest_of, meaning_of
from psg.stages import Stage
from psg.typed_json import JsonObject

_QUOTED = re.compile("“([^”]*)”")
# In a channel map: the labels say again which channel it is.
BY_LABEL = "by_label"
LEAVE_OUT = "leave_out"
# Options of a stage file that list texts.
_TEXTS = ("unscored", "meanings")
# Keys of NightDecisions whose parts are merged one by one.
_MERGED = ("channels", "units")


class AnswerError(RefusedError):
    """An answer that does not fit its doubt."""

    code = "answer"


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
        raise AnswerError("This question cannot be answered at this address.", where=code[:60])
    return {"channels": NightDecisions(channels=parse_channel_map(texts)).as_json()["channels"]}


def declared_texts_of(places: Iterable[str], value: str) -> JsonObject:
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
        case "codes" | "format" | "lasts" | "place" | "scorer":
            return {code: value}
    raise AnswerError("This question cannot be answered at this address.", where=code[:60])


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


# Several answers together.


def checked_decisions(given: Mapping[str, Any]) -> NightDecisions:
    """Read decisions of a request.

    Raises
    ------
    PsgError
        When a key or a value is not known.
    """
    return NightDecisions.from_json(given)


def merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> JsonObject:
    """Lay decisions over others; maps of channels and units are merged by their keys."""
    both: JsonObject = dict(before)
    for key, value in given.items():
        if key in _MERGED and isinstance(value, Mapping | None):  # others are refused later
            parts = {**(before.get(key) or {}), **(value or {})}
            both[key] = {name: part for name, part in parts.items() if part != BY_LABEL}
        else:
            both[key] = value
    return both


def options_with(before: Mapping[str, Any], given: Mapping[str, Any]) -> JsonObject:
    """Lay options of a stage file over others; texts are added, and are digests from here on.

    Raises
    ------
    PsgError, AnswerError
    """
    earlier, later = (checked_decisions({"stages": options}).stages for options in (before, given))
    said_again = {text.partition("=")[0] for text in (*later.unscored, *later.meanings)}
    both = {**before, **given}
    for key in _TEXTS:
        kept = [text for text in getattr(earlier, key) if text.partition("=")[0] not in said_again]
        both[key] = [*kept, *getattr(later, key)]
    return both
