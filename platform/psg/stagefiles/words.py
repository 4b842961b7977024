"""Words for sleep stages, in the manuals' spellings and in seven languages.

Only whole texts count. A text that is not in these lists is not understood, whatever part of it
looks like a stage.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from psg.stages import Stage

_CHANNEL_MARK = "@@"
_SEPARATORS = re.compile(r"[\s_\-]+")
_NUMBER_APART = re.compile(r"\b(n|s|nrem|non ?rem) (?=[1-4]\b)")


def without_channel(text: str) -> str:
    """Drop the channel that EDF+ links to a text: ``Sleep stage W@@EEG C4-M1``."""
    return text.partition(_CHANNEL_MARK)[0].strip()


# A night has a thousand stages of a few texts.
@lru_cache(maxsize=2048)
def folded(text: str) -> str:
    """Fold case, accents, hyphens and blanks, so that spellings of a word are equal."""
    plain = unicodedata.normalize("NFKD", without_channel(text))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = _SEPARATORS.sub(" ", letters.casefold()).strip(" .,;:\"'“”«»")
    return _NUMBER_APART.sub(r"\1", words)


# Words for "stage" before a name: English, German, French, Spanish, Portuguese, Italian, Dutch.
_PREFIXES = (
    "sleep stage",
    "sleep",
    "stage",
    "phase",
    "schlafstadium",
    "schlafphase",
    "schlaf",
    "stadium",
    "stade de sommeil",
    "stade",
    "sommeil",
    "fase de sueno",
    "fase de sono",
    "fase del sueno",
    "fase do sono",
    "fase di sonno",
    "fase del sonno",
    "fase",
    "etapa",
    "estadio",
    "estagio",
    "sueno",
    "sono",
    "stadio",
    "sonno",
    "slaapstadium",
    "slaapfase",
    "slaap",
)

# Words before the stages of a part of sleep: any other stage behind them contradicts them.
_PARTS: Mapping[str, frozenset[Stage]] = {
    **dict.fromkeys(
        ("nrem stage", "nrem sleep stage", "non rem stage", "non rem sleep stage"),
        frozenset({Stage.N1, Stage.N2, Stage.N3}),
    ),
    **dict.fromkeys(
        (
            "light sleep",
            "leichtschlaf",
            "sommeil lent leger",
            "sueno ligero",
            "sonno leggero",
            "sono leve",
            "lichte slaap",
        ),
        frozenset({Stage.N1, Stage.N2}),
    ),
}

# Names that need no prefix. R&K stages 3 and 4 are both N3, R&K stage 0 is wake.
_NAMES: Mapping[Stage | None, str] = {
    Stage.W: "w wake awake wakefulness wk s0 n0; wach wachheit wachzustand wachstadium; eveil"
    " eveille eveillee veille; vigilia despierto despierta; veglia sveglio sveglia; acordado"
    " acordada desperto desperta; waak wakker wakend; st0",
    Stage.N1: "n1 s1 nrem1 nonrem1 st1",
    Stage.N2: "n2 s2 nrem2 nonrem2 st2",
    Stage.N3: "n3 n4 s3 s4 nrem3 nrem4 nonrem3 nonrem4 sws st3 st4 tiefschlaf",
    Stage.R: "r rem r.e.m srem; traumschlaf remstadium; rapide paradoxal; mor paradojico;"
    " paradossale; paradoxaal",
    None: "? m mt u unknown unscored unstaged undefined movement mov move uns art artefact"
    " artifact na nan; bewegung bewegungszeit unbekannt; mouvement inconnu; movimiento desconocido;"
    " movimento sconosciuto desconhecido; beweging bewegingstijd onbekend",
}
_PHRASES: Mapping[str, Stage | None] = {
    "non rem1": Stage.N1,
    "non rem2": Stage.N2,
    "non rem3": Stage.N3,
    "non rem4": Stage.N3,
    "nrem n1": Stage.N1,
    "nrem n2": Stage.N2,
    "nrem n3": Stage.N3,
    "slow wave sleep": Stage.N3,
    "deep sleep": Stage.N3,
    "sommeil lent profond": Stage.N3,
    "sommeil profond": Stage.N3,
    "sueno profundo": Stage.N3,
    "sonno profondo": Stage.N3,
    "sono profundo": Stage.N3,
    "diepe slaap": Stage.N3,
    "s rem": Stage.R,
    "wake stage": Stage.W,
    "rem sleep": Stage.R,
    "rem schlaf": Stage.R,
    "rem slaap": Stage.R,
    "remschlaf": Stage.R,
    "remslaap": Stage.R,
    "paradoxical sleep": Stage.R,
    "rapid eye movement": Stage.R,
    "rapid eye movement sleep": Stage.R,
    "": None,
    "n/a": None,
    "movement time": None,
    "body movement": None,
    "temps de mouvement": None,
    "tiempo de movimiento": None,
    "tempo de movimento": None,
    "tempo di movimento": None,
    "not scored": None,
    "no stage": None,
    "nicht bewertet": None,
    "nicht klassifiziert": None,
    "non score": None,
    "non classe": None,
    "sin clasificar": None,
    "no clasificado": None,
    "non classificato": None,
    "nao classificado": None,
    "niet gescoord": None,
}
# The last row of a list: no stage follows. Anywhere else these words are remarks.
_ENDS = frozenset({"end", "end of recording", "end of study", "ende", "fin", "fim", "einde"})
# After a word for "stage" a number is a stage of R&K.
_NUMBERED: Mapping[str, Stage] = {
    "0": Stage.W,
    "1": Stage.N1,
    "2": Stage.N2,
    "3": Stage.N3,
    "4": Stage.N3,
    "i": Stage.N1,
    "ii": Stage.N2,
    "iii": Stage.N3,
    "iv": Stage.N3,
}


def _names() -> Iterator[tuple[str, Stage | None]]:
    yield from _PHRASES.items()
    for stage, names in _NAMES.items():
        yield from ((name, stage) for name in names.replace(";", " ").split())


_BARE = dict(_names())


@dataclass(frozen=True)
class StageWord:
    """A text that names a stage, or "no stage" (None)."""

    stage: Stage | None
    has_prefix: bool
    """Whether a word for "stage" stands before it: then it is surely no other event."""


@lru_cache(maxsize=2048)
def stage_word(text: str) -> StageWord | None:
    """Read a text as a stage; None where it is none that is known. Bare numbers are none.

    >>> stage_word("Stage 2 (N2)")
    StageWord(stage=<Stage.N2: 'N2'>, has_prefix=True)
    """
    words = folded(text)
    if words in _ENDS:
        return StageWord(None, has_prefix=False)
    found = _plain_word(words)
    return found if found is not None else _formatted_word(words)


def _plain_word(words: str) -> StageWord | None:
    if words in _BARE:
        return StageWord(_BARE[words], has_prefix=False)
    for prefix in (*_PREFIXES, *_PARTS):
        name = words.removeprefix(f"{prefix} ")
        if name == words or not name:
            continue
        if name in _NUMBERED or name in _BARE:
            stage = _NUMBERED[name] if name in _NUMBERED else _BARE[name]
            if prefix not in _PARTS or stage in _PARTS[prefix]:
                return StageWord(stage, has_prefix=True)
    return None


def is_end(text: str) -> bool:
    """Whether a text says, at the end of a list, that its last stage ends there."""
    return folded(text) in _ENDS


# Forms in which programs dress a stage: a list in brackets, a code behind a line, a name twice, a
# word for "stage" with a colon or without a blank.
_IN_LIST = re.compile(r"\[\s*[\"']?([^\[\]\"']+)[\"']?\s*\]")
_WITH_CODE = re.compile(r"(.+?) ?\| ?(\d{1,2})")
_CODES = {"0": Stage.W, "1": Stage.N1, "2": Stage.N2, "3": Stage.N3, "4": Stage.N3, "5": Stage.R}
_TWICE = re.compile(r"([^()]+?) \(([^()]+)\)")
_LABELLED = re.compile(
    r"(?:sleep )?(?:stage|staging|hypnogram|scoring|stadium|schlafstadium|stade)"
    r"(?::| is| =|=) ?(.+)"
)
_JOINED = re.compile(r"(?:sleep)?(stage)(w|r|wake|rem|n?[0-4])")
_STAGING = re.compile(r"(?:sleep )?(?:staging|hypnogram|scoring) (.+)")


def _formatted_word(words: str) -> StageWord | None:
    """Read a stage that stands in one of the known forms; None where two names differ."""
    if match := _TWICE.fullmatch(words):
        first, second = stage_word(match[1]), stage_word(match[2])
        is_same = first is not None and second is not None and first.stage == second.stage
        return first if is_same else None
    if match := _JOINED.fullmatch(words):
        return _plain_word(f"{match[1]} {match[2]}")
    if match := _LABELLED.fullmatch(words) or _STAGING.fullmatch(words):
        named = _plain_word(match[1]) or _plain_word(f"stage {match[1]}")
        return named and StageWord(named.stage, has_prefix=True)
    if match := _WITH_CODE.fullmatch(words):
        named = stage_word(match[1])
        return named if named is not None and named.stage == _CODES.get(match[2]) else None
    if match := _IN_LIST.fullmatch(words):
        return stage_word(match[1])
    bare = words.removesuffix(" sleep")
    return _plain_word(bare) if bare != words else None


_SAYS_STAGE = ("sleep stage ", "stage ", "schlafstadium ", "stade de sommeil ", "slaapstadium ")


def says_stage(text: str) -> bool:
    """Whether a text calls itself a sleep stage, known or not."""
    return f"{folded(text)} ".startswith(_SAYS_STAGE)


def has_stage_name(text: str) -> bool:
    """Whether one of the words of a text is a name of a stage, such as ``N2 (artefact)``."""
    return any(_BARE.get(word) is not None for word in re.split(r"[^\w?]+", folded(text)))
