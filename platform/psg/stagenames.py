"""Stage files matched to recordings by what their names have in common."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from psg.namepatterns import NamePattern, code_of, folder_of, stem_of


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


# The number of a night behind the name of a recording, such as ``_N2`` or ``-night2``.
_NAMED_NIGHT = re.compile(
    r"[ _\-]*(?:ses-|night|n|nacht|nuit|visit)[ _\-]*(\d{1,3})(?!\d)", re.IGNORECASE
)
_NUMBER = re.compile(
    r"[ _\-]*(?:ses-|night|n|nacht|nuit|visit)?[ _\-]*(\d{1,3})(?!\d)", re.IGNORECASE
)
# What the end of a name says about a recording, and not whose it is.
_OF_RECORDING = re.compile(r"[ _\-.+](?:psg|eeg|nsrr|signals?|raw|rec|recording)$", re.IGNORECASE)
# A name within another one says whose it is only if it is no plain word or number.
_WITHIN = re.compile(r"(?=.*\d)(?=.*[^\W\d_]|.*\d[ _\-.]).{3,}")
# Sleep-EDF: the recording SC4012E0-PSG was scored in SC4012EC-Hypnogram by C.
_LETTERED = re.compile(r"(\w*\d\w*[a-z])([0a-z])(?:-psg|-hypnogram)?", re.IGNORECASE)


class NightNames:
    """The names of nights, by which stage files find theirs."""

    def __init__(self, nights: Sequence[NightName]) -> None:
        self._nights = nights
        self._stems = _Starts((stem_of(night.path), at) for at, night in enumerate(nights))
        self._subjects = _Starts((night.subject, at) for at, night in enumerate(nights))
        self._cores = _Starts((_core(stem_of(night.path)), at) for at, night in enumerate(nights))
        self._folders: dict[str, list[int]] = defaultdict(list)
        self._lettered: dict[str, list[int]] = defaultdict(list)
        for at, night in enumerate(nights):
            self._folders[folder_of(night.path)].append(at)
            if (match := _LETTERED.fullmatch(stem_of(night.path))) and match[2] == "0":
                self._lettered[match[1].lower()].append(at)

    def match(self, path: str, pattern: NamePattern | None = None) -> StageMatch | None:
        """Find the only night that the name of a stage file means, or None."""
        if pattern is not None:
            fields = pattern.match(path)
            return None if fields is None else self._by_fields(fields)
        if self._means_another_night(path):
            return None
        ranked = (self._by_stem, self._by_subject, self._by_core, self._by_letter, self._by_folder)
        return next(filter(None, (by(path) for by in ranked)), None)

    def _means_another_night(self, path: str) -> bool:
        """Whether a name goes on with the number of a night that none of the recordings has."""
        stem = stem_of(path)
        found = [*self._stems.of(stem), *self._subjects.of(stem)]
        named = [(_NAMED_NIGHT.match(rest), self._nights[at].night or 1) for at, rest in found]
        return bool(named) and all(said and int(said[1]) != its for said, its in named)

    def _by_fields(self, fields: Mapping[str, str]) -> StageMatch | None:
        wanted = [at for at, night in enumerate(self._nights) if _agrees(fields, night)]
        scorer = fields.get("scorer", "").strip()
        return StageMatch(wanted[0], scorer) if len(wanted) == 1 else None

    def _by_stem(self, path: str) -> StageMatch | None:
        """The recording with the longest name with which the name of the stage file begins."""
        found = self._stems.of(stem_of(path))
        return self._shortest_rest({at: rest for at, rest in found if self._fits(rest, at)}, path)

    def _fits(self, rest: str, at: int) -> bool:
        named = _NAMED_NIGHT.match(rest)
        return named is None or int(named[1]) == (self._nights[at].night or 1)

    def _by_subject(self, path: str) -> StageMatch | None:
        """The night of the subject with whose code the name begins, and of the number in it."""
        rests = {}
        for at, rest in self._subjects.of(stem_of(path)):
            number, night = _NUMBER.match(rest), self._nights[at].night
            if night is None or number is None:
                rests[at] = rest
            elif int(number[1]) == night:
                rests[at] = rest[number.end() :]
        return self._shortest_rest(rests, path)

    def _by_core(self, path: str) -> StageMatch | None:
        """The recording whose name, without words such as ``_eeg``, is a part of that of the file.

        In ``HypnogramAASM_subject1`` it stands at the end.
        """
        stem = stem_of(path)
        rests = {at: rest for at, rest in self._cores.of(stem) if self._fits(rest, at)}
        return self._shortest_rest(rests or dict(self._cores.at_the_end_of(stem)), path)

    def _by_letter(self, path: str) -> StageMatch | None:
        match = _LETTERED.fullmatch(stem_of(path))
        if match is None or match[2] == "0":
            return None
        found = self._lettered.get(match[1].lower(), [])
        return StageMatch(found[0], match[2]) if len(found) == 1 else None

    def _by_folder(self, path: str) -> StageMatch | None:
        folder = folder_of(path)
        here = self._folders.get(folder, [])
        return StageMatch(here[0], _scorer(stem_of(path))) if folder and len(here) == 1 else None

    def _shortest_rest(self, rests: Mapping[int, str], path: str) -> StageMatch | None:
        if not rests:
            return None
        least = min(map(len, rests.values()))
        best = [at for at, rest in rests.items() if len(rest) == least]
        if len(best) > 1:  # such as psg.edf and psg.txt in many folders
            best = [at for at in best if folder_of(self._nights[at].path) == folder_of(path)]
        return StageMatch(best[0], _scorer(rests[best[0]])) if len(best) == 1 else None


class _Starts:
    """Names, found at the start or at the end of others."""

    def __init__(self, names: Iterator[tuple[str, int]]) -> None:
        self._places: dict[str, list[int]] = defaultdict(list)
        for name, place in names:
            if name:
                self._places[name.lower()].append(place)

    def of(self, stem: str) -> Iterator[tuple[int, str]]:
        """Yield names with which `stem` begins, and what follows in it.

        None of them ends within a word or number of `stem`.
        """
        lower = stem.lower()
        for end in range(len(stem), 0, -1):
            if end == len(stem) or not stem[end].isalnum():
                yield from ((place, stem[end:]) for place in self._places.get(lower[:end], ()))

    def at_the_end_of(self, stem: str) -> Iterator[tuple[int, str]]:
        """Likewise names with which `stem` ends, and what stands before them."""
        lower = stem.lower()
        for start in range(1, len(stem)):
            if not stem[start - 1].isalnum():
                yield from ((place, stem[:start]) for place in self._places.get(lower[start:], ()))


def _agrees(fields: Mapping[str, str], night: NightName) -> bool:
    is_same = {
        "subject": lambda text: code_of(text).lower() == night.subject.lower(),
        "night": lambda text: int(text) == (night.night or 1),
        "recording": lambda text: text.lower() == stem_of(night.path).lower(),
    }
    stated = [is_same[name](text) for name, text in fields.items() if name in is_same]
    return bool(stated) and all(stated)


def _core(stem: str) -> str:
    """Return the name of a recording without the word that says what it is; "" if it is plain."""
    core = _OF_RECORDING.sub("", stem)
    return "" if _NAMED_NIGHT.fullmatch(core) or not _WITHIN.fullmatch(core) else core


# What the rest of a name says about the file and not about who scored it.
_NO_SCORER = frozenset(
    {
        *("psg", "hypnogram", "hypno", "hyp", "stages", "stage", "staging", "scoring", "score"),
        *("scores", "annotations", "annotation", "events", "sleep", "base", "profusion", "nsrr"),
        *("task", "epochs", "sleepscoring", "sleepstages", "sleepprofile", "schlafprofil"),
        *("schlafstadien", "hypnogramm", "hypnogramme", "ipnogramma", "hipnograma", "allscore"),
        *("stg", "eeg", "visual"),
    }
)
# ``HypnogramAASM`` says by which rules.
_JOINED = re.compile(r"^[Hh]ypnogram(?=[A-Z])")


def _scorer(rest: str) -> str:
    rest = _NAMED_NIGHT.sub("", rest, count=1) if _NAMED_NIGHT.match(rest) else rest
    words = [_JOINED.sub("", word, 1) for word in re.split(r"[ _\-.]+", rest) if word]
    return " ".join(word for word in words if word.lower() not in _NO_SCORER)
