"""Read TOML into pydantic models, with errors that name file, table, key and allowed values."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from psg.errors import PsgError

_MOST_PROBLEMS = 10
"""More problems are not listed, so that the message stays readable."""

Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class Section(BaseModel):
    """A table of a TOML file. Unknown keys are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


SectionT = TypeVar("SectionT", bound=Section)


def between(least: int, most: int) -> AfterValidator:
    """Whole numbers from ``least`` to ``most``; for ``Annotated[int, ...]``."""

    def check(value: int) -> int:
        if not least <= value <= most:
            bounds = {"least": least, "most": most}
            raise PydanticCustomError("range", "must be {least} to {most}", bounds)
        return value

    return AfterValidator(check)


def wrong_value(what: str, advice: str) -> PydanticCustomError:
    """Return the error with which a validator refuses a value, with its own message."""
    return PydanticCustomError("own_words", "{what}", {"what": what, "advice": advice})


def load_toml(path: Path, error: type[PsgError], *, where: str) -> dict[str, object]:
    """Parse a TOML file; raises ``error`` if it is not UTF-8 or not TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise error(f"{path.name} is not valid TOML: {fault}", where=where) from None


def read_section(
    model: type[SectionT],
    values: Mapping[str, object],
    *,
    file_name: str,
    error: type[PsgError],
    context: object = None,
) -> SectionT:
    """Check the values of a TOML file.

    Parameters
    ----------
    context : object
        For validators of the model, such as the folder that paths are relative to.

    Raises
    ------
    PsgError
        Of the type ``error``; it names the wrong keys, at most ten of them.
    """
    try:
        # Through JSON, because strict JSON types fit TOML: texts are allowed for paths and choices,
        # and lists for tuples, but no text or flag for a number.
        return model.model_validate_json(json.dumps(values, default=str), context=context)
    except ValidationError as fault:
        problems = fault.errors(include_url=False)[:_MOST_PROBLEMS]
        raise _refusal(problems, file_name, error) from None


def _refusal(problems: Sequence[ErrorDetails], file_name: str, error: type[PsgError]) -> PsgError:
    """Return an error with all problems, grouped by table."""
    by_part: dict[str, list[ErrorDetails]] = {}
    for problem in problems:
        by_part.setdefault(_part(problem), []).append(problem)
    whats, advices = [], list[str]()
    for part, its in by_part.items():
        place = f"{part}: " if part and len(by_part) > 1 else ""
        for what, advice in _in_words(its):
            whats.append(f"{place}{what}")
            advices += [advice] if advice and advice not in advices else []
    part = next(iter(by_part)) if len(by_part) == 1 else ""
    where = f"{file_name} {part}".rstrip()
    return error("; ".join(whats), where=where, advice=" ".join(advices))


def _part(problem: ErrorDetails) -> str:
    """The table of a problem as TOML writes it, such as ``[data.shares]``; empty at the top."""
    tables = _names(problem)[:-1]
    return f"[{'.'.join(tables)}]" if tables else ""


def _in_words(problems: Sequence[ErrorDetails]) -> list[tuple[str, str]]:
    """Return problems and advice as texts, with all unknown keys in a single sentence."""
    unknown = sorted(_key(problem) for problem in problems if _is_unknown(problem))
    words = [_single_in_words(problem) for problem in problems if not _is_unknown(problem)]
    if unknown:
        advice = "Remove or correct them: a misspelt setting would have no effect."
        words.append((f"Unknown keys: {', '.join(unknown)}", advice))
    return words


def _is_unknown(problem: ErrorDetails) -> bool:
    return problem["type"] == "extra_forbidden" or problem["loc"][-1:] == (_OF_A_KEY,)


_OF_A_KEY = "[key]"
"""pydantic adds this behind the name of an unknown key of a table with fixed keys."""


def _names(problem: ErrorDetails) -> list[str]:
    """Return tables and key of a problem, without positions in lists."""
    return [step for step in problem["loc"] if isinstance(step, str) and step != _OF_A_KEY]


def _key(problem: ErrorDetails) -> str:
    return next(iter(_names(problem)[-1:]), "")


_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "finite_number": "a number",
    "string": "a text",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "dict": "a table",
    "model": "a table",
    "path": "a text",
}


def _single_in_words(problem: ErrorDetails) -> tuple[str, str]:
    key, kind, details = _key(problem), problem["type"], problem.get("ctx", {})
    if kind == "missing":
        return f"“{key}” is missing", "Add it."
    if kind == "own_words":
        return str(details["what"]), str(details["advice"])
    if kind in {"enum", "literal_error"}:
        options = str(details["expected"]).replace("'", "").replace(", ", " or ")
        return f"“{key}” is “{str(problem['input'])[:60]}”", f"Use {options}."
    for name, expected in _EXPECTED.items():
        if kind.startswith(name):
            return f"“{key}” has the wrong type", f"Write {expected}."
    return f"“{key}” {problem['msg']}", ""
