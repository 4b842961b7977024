"""Patterns of file names, such as ``{subject}_N{night}_*.edf``, and guesses of them.

Fields in braces are what people read from a name; ``*`` stands for anything else within it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from psg.errors import PsgError

FIELDS = ("subject", "night", "scorer", "recording")
LONGEST_PATTERN = 200
LONGEST_SUBJECT = 60
_FIELD = re.compile(r"\{([^{}]*)\}|([{}])")
_VALUES = {"night": r"\d{1,3}", "subject": r"[^/]+?", "scorer": r"[^/]+?", "recording": r"[^/]+?"}
_ANY_SUFFIX = r"(?:\.[A-Za-z0-9]{1,8}){0,2}"
_SEPARATORS = " _-.,+"


class NamePatternError(PsgError):
    """A pattern of file names that cannot be used."""

    code = "name_pattern"


@dataclass(frozen=True)
class NamePattern:
    """A pattern of file names.

    A pattern with ``/`` is compared with the last folders of a path, others with the file name
    alone. Upper and lower case are the same. A pattern that ends without a suffix fits any.
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
        parts, end = [], 0
        for match in _FIELD.finditer(self.text):
            parts += [_literal(self.text[end : match.start()])]
            parts += [f"(?P<{match.group(1)}>{_VALUES[match.group(1)]})"]
            end = match.end()
        parts.append(_literal(self.text[end:]))
        suffix = "" if "." in _FIELD.sub("", self.text.rpartition("/")[2]) else _ANY_SUFFIX
        return re.compile(f"(?:.*/)?{''.join(parts)}{suffix}", re.IGNORECASE)


def _literal(text: str) -> str:
    return "[^/]*".join(re.escape(part) for part in text.split("*"))


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


# Matching stage files to recordings.


@dataclass(frozen=True)
class NightName:
    """A night as names of stage files may mean it: its file, subject and number."""

    path: str
    subject: str
    night: int | None = None


@dataclass(frozen=True)
class StageMatch:
    """The night that a stage file belongs to, by its place in the list, and its scorer."""

    night: int
    scorer: str = ""


def match_stage_file(
    path: str, nights: Sequence[NightName], pattern: NamePattern | None = None
) -> StageMatch | None:
    """Find the only night that the name of a stage file means, or None."""
    if pattern is not None:
        fields = pattern.match(path)
        return None if fields is None else _match_by_fields(fields, nights)
    if _means_another_night(path, nights):
        return None
    for ranked in (_by_stem, _by_subject_and_night, _by_folder):
        if found := ranked(path, nights):
            return found
    return None


# The number of a night behind the name of a recording, such as ``_N2`` or ``-night2``.
_NAMED_NIGHT = re.compile(
    r"[ _\-]*(?:ses-|night|n|nacht|nuit|visit)[ _\-]*(\d{1,3})(?!\d)", re.IGNORECASE
)


def _means_another_night(path: str, nights: Sequence[NightName]) -> bool:
    """Whether a name goes on with the number of a night that none of the recordings has."""
    numbers = []
    for night in nights:
        for start in {stem_of(night.path), night.subject}:
            rest = _rest(stem_of(path), start)
            named = _NAMED_NIGHT.match(rest or "")
            if named:
                numbers.append((int(named.group(1)), night.night or 1))
            elif rest is not None:
                return False
    return bool(numbers) and all(said != its for said, its in numbers)


def _match_by_fields(fields: Mapping[str, str], nights: Sequence[NightName]) -> StageMatch | None:
    wanted = [index for index, night in enumerate(nights) if _agrees(fields, night)]
    return StageMatch(wanted[0], fields.get("scorer", "").strip()) if len(wanted) == 1 else None


def _agrees(fields: Mapping[str, str], night: NightName) -> bool:
    is_same = {
        "subject": lambda text: code_of(text).lower() == night.subject.lower(),
        "night": lambda text: int(text) == (night.night or 1),
        "recording": lambda text: text.lower() == stem_of(night.path).lower(),
    }
    stated = [is_same[name](text) for name, text in fields.items() if name in is_same]
    return bool(stated) and all(stated)


def _by_stem(path: str, nights: Sequence[NightName]) -> StageMatch | None:
    """The recording with the longest name with which the name of the stage file begins."""
    rests = {
        index: rest
        for index, night in enumerate(nights)
        if (rest := _rest(stem_of(path), stem_of(night.path))) is not None
        and _fits_night(rest, night)
    }
    return _shortest_rest(rests, path, nights)


def _fits_night(rest: str, night: NightName) -> bool:
    named = _NAMED_NIGHT.match(rest)
    return named is None or int(named.group(1)) == (night.night or 1)


def _by_subject_and_night(path: str, nights: Sequence[NightName]) -> StageMatch | None:
    rests = {}
    for index, night in enumerate(nights):
        rest = _rest(stem_of(path), night.subject) if night.subject else None
        if rest is None:
            continue
        number = re.match(
            r"[ _\-]*(?:ses-|night|n|nacht|nuit|visit)?[ _\-]*(\d{1,3})(?!\d)", rest, re.I
        )
        if night.night is not None and number:
            if int(number.group(1)) != night.night:
                continue
            rest = rest[number.end() :]
        rests[index] = rest
    return _shortest_rest(rests, path, nights)


def _by_folder(path: str, nights: Sequence[NightName]) -> StageMatch | None:
    folder = folder_of(path)
    here = [index for index, night in enumerate(nights) if folder_of(night.path) == folder]
    return StageMatch(here[0], _scorer(stem_of(path))) if folder and len(here) == 1 else None


def _rest(stem: str, start: str) -> str | None:
    """Return what follows `start` in a name; None if it goes on within a word or number."""
    if not start or not stem.lower().startswith(start.lower()):
        return None
    rest = stem[len(start) :]
    return rest if not rest or not rest[0].isalnum() else None


def _shortest_rest(
    rests: Mapping[int, str], path: str, nights: Sequence[NightName]
) -> StageMatch | None:
    if not rests:
        return None
    least = min(map(len, rests.values()))
    best = [index for index, rest in rests.items() if len(rest) == least]
    if len(best) > 1:  # such as psg.edf and psg.txt in many folders
        best = [index for index in best if folder_of(nights[index].path) == folder_of(path)]
    return StageMatch(best[0], _scorer(rests[best[0]])) if len(best) == 1 else None


# What the rest of a name says about the file and not about who scored it.
_NO_SCORER = frozenset(
    {
        *("psg", "hypnogram", "hypno", "hyp", "stages", "stage", "staging", "scoring", "score"),
        *("scores", "annotations", "annotation", "events", "sleep", "base", "profusion", "nsrr"),
        *("task", "epochs", "sleepscoring", "sleepstages", "sleepprofile", "schlafprofil"),
        *("schlafstadien", "hypnogramm", "hypnogramme", "ipnogramma", "hipnograma"),
    }
)


def _scorer(rest: str) -> str:
    rest = _NAMED_NIGHT.sub("", rest, count=1) if _NAMED_NIGHT.match(rest) else rest
    words = [word for word in re.split(r"[ _\-.]+", rest) if word]
    return " ".join(word for word in words if word.lower() not in _NO_SCORER)
