"""Patterns of file names, such as ``{subject}_N{night}_*.edf``, and guesses of them.

Fields in braces are what people read from a name; ``*`` stands for anything else within it, ``?``
for one character. `psg.stagenames` matches stage files to recordings by their names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from psg.errors import PsgError

FIELDS = ("subject", "night", "scorer", "recording")
LONGEST_PATTERN = 200
LONGEST_SUBJECT = 60
_FIELD = re.compile(r"\{([^{}]*)\}|([{}])")
_VALUES = {"night": r"\d{1,3}", "subject": r"[^/]+?", "scorer": r"[^/]+?", "recording": r"[^/]+?"}
_ANY_SUFFIX = r"(?:\.[A-Za-z0-9]{1,8}){0,2}"
_WILD = {"*": "[^/]*", "?": "[^/]"}
_SEPARATORS = " _-.,+"


class NamePatternError(PsgError):
    """A pattern of file names that cannot be used."""

    code = "name_pattern"


@dataclass(frozen=True)
class NamePattern:
    """A pattern of file names.

    A pattern with ``/`` is compared with the last folders of a path, others with the file name
    alone. Upper and lower case are the same. A pattern that ends without a suffix fits any. A night
    that follows the subject at once has one digit.
    """

    text: str

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST_PATTERN:
            raise NamePatternError(
                f"The pattern has more than {LONGEST_PATTERN} characters",
                advice="Shorten the pattern.",
            )
        fields = self.fields
        for name in fields:
            if name not in FIELDS:
                raise NamePatternError(
                    f"The pattern has an unknown field “{{{name[:20]}}}”",
                    advice=f"Use {', '.join(f'{{{field}}}' for field in FIELDS)} and *.",
                )
        if len(set(fields)) < len(fields):
            raise NamePatternError(
                "The pattern has a field twice", where=self.text, advice="Use each field once."
            )
        if self.text.count("*") > 4:
            raise NamePatternError(
                "The pattern has more than four *", where=self.text, advice="Use at most four."
            )

    @property
    def fields(self) -> list[str]:
        names = []
        for match in _FIELD.finditer(self.text):
            if match.group(2):
                raise NamePatternError(
                    "The pattern has an unpaired brace",
                    where=self.text,
                    advice="Write fields as {subject}.",
                )
            names.append(match.group(1))
        return names

    def match(self, path: str) -> dict[str, str] | None:
        """Return the fields that a path has, or None if the pattern does not fit it."""
        match = self._expression.fullmatch(path.replace("\\", "/"))
        return None if match is None else match.groupdict()

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        parts: list[str] = []
        end = 0
        for match in _FIELD.finditer(self.text):
            name, literal = match.group(1), self.text[end : match.start()]
            follows = bool(parts) and not literal
            value = r"\d" if name == "night" and follows else _VALUES[name]
            parts += [_literal(literal), f"(?P<{name}>{value})"]
            end = match.end()
        parts.append(_literal(self.text[end:]))
        suffix = "" if "." in _FIELD.sub("", self.text.rpartition("/")[2]) else _ANY_SUFFIX
        return re.compile(f"(?:.*/)?{''.join(parts)}{suffix}", re.IGNORECASE)


def _literal(text: str) -> str:
    return "".join(_WILD.get(letter) or re.escape(letter) for letter in text)


# What a name says.


@dataclass(frozen=True)
class Named:
    """What the name of a recording file says; empty and None where it says nothing."""

    subject: str = ""
    night: int | None = None


def read_name(pattern: NamePattern | None, path: str) -> Named | None:
    """Read the name of a recording file; None if the pattern does not fit it."""
    fields = pattern.match(path) if pattern else None
    if fields is None:
        return None
    number = fields.get("night")
    return Named(code_of(fields.get("subject", "")), int(number) if number else None)


def code_of(text: str) -> str:
    """Turn a part of a name into a subject code: other characters become hyphens."""
    return re.sub(r"[^\w.\-]+", "-", text).strip(_SEPARATORS)[:LONGEST_SUBJECT]


@lru_cache(8192)
def stem_of(path: str) -> str:
    """Return a file name without folders and suffix; ``night.edf.gz`` has two suffixes."""
    name = path.replace("\\", "/").rpartition("/")[2]
    name = re.sub(r"\.(?:gz|zip)$", "", name, flags=re.IGNORECASE)
    return re.sub(r"(?<=.)\.[A-Za-z0-9]{1,8}$", "", name)


@lru_cache(8192)
def folder_of(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[0]


# Guessing the pattern of recordings.

# Long words that are usual in codes.
_CODE_WORDS = frozenset({"subject", "patient", "participant", "control", "proband", "night"})
# The number after one of these words is that of a night.
_NIGHT_WORDS = ("ses-", "night", "night_", "night-", "N", "nacht", "nuit", "visit")
# Sleep-EDF: SC4012E0-PSG.edf is night 2 of subject 01 of the study SC.
_SLEEP_EDF = "{subject}{night}?0-PSG"


def guess_pattern(paths: Sequence[str]) -> str:
    """Return the first usual pattern that fits all names of recordings, or "".

    It gives every file another subject or night. A subject is never proposed that may be the
    name of a person: it has a figure, and no long word.
    """
    if not paths:
        return ""
    return next((text for text in _candidates(paths) if _is_good(text, paths)), "")


def _candidates(paths: Sequence[str]) -> Iterator[str]:
    for word in _NIGHT_WORDS:
        for end in ("", "_*", "*"):
            yield from (f"{{subject}}{separator}{word}{{night}}{end}" for separator in "_-")
            yield f"{{subject}}/{word}{{night}}{end}"
            yield f"{{subject}}/{word}{{night}}/*{end}"
    if _has_several_nights("{subject}_{night}", paths):
        yield "{subject}_{night}"
    if all(map(NamePattern(_SLEEP_EDF).match, paths)):
        yield _SLEEP_EDF
    if end := _common_end([stem_of(path) for path in paths]):
        yield f"{{subject}}{end}"
    yield from (f"{{subject}}{separator}PSG" for separator in " _-")
    yield "{subject}"
    yield "{subject}/*"


def _is_good(text: str, paths: Sequence[str]) -> bool:
    pattern = NamePattern(text)
    named = [read_name(pattern, path) for path in paths]
    known = [one for one in named if one and _is_code(one.subject)]
    return len(known) == len(paths) == len(set(known))


def _is_code(subject: str) -> bool:
    words = [word.lower() for word in re.findall(r"[^\W\d_]{5,}", subject)]
    return any(map(str.isdigit, subject)) and _CODE_WORDS.issuperset(words)


def _has_several_nights(text: str, paths: Sequence[str]) -> bool:
    pattern = NamePattern(text)
    named = [read_name(pattern, path) for path in paths]
    return any(count > 1 for count in Counter(one.subject for one in named if one).values())


def _common_end(stems: Sequence[str]) -> str:
    """Return the common end of several names from a separator on, such as ``_PSG``."""
    if len(stems) < 2:
        return ""
    shortest = min(map(len, stems))
    same = next(
        (n for n in range(shortest) if len({stem[-n - 1].lower() for stem in stems}) > 1), shortest
    )
    end = stems[0][len(stems[0]) - same :]
    start = next((index for index, letter in enumerate(end) if letter in _SEPARATORS), None)
    return "" if start is None else end[start:]
