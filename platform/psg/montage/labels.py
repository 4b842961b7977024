"""Channel labels: the kind of signal, the electrode, and its reference, as far as a label says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

_KINDS = "EEG|EOG|EMG"
_SEPARATORS = r"[\s:_.(\-]"
_POL_FIRST = re.compile(rf"POL{_SEPARATORS}+")
# Some recorders write it twice: “EOG EOG1”.
_KIND_FIRST = re.compile(rf"(?:({_KINDS}){_SEPARATORS}*)+")
# “LEOG-A2”, “L-EOG-A2”
_EOG_INSIDE = re.compile(r"([A-Z]+)(?:-EOG-?|EOG-)(.+)")
_KIND_LAST = re.compile(rf"{_SEPARATORS}*({_KINDS})\s*\)?$")

SCALP = r"(?:FP|AF|FC|FT|CP|TP|PO|F|C|P|T|O|I)(?:Z|\d{1,2})"
EYE = r"(?:E1|E2|LOC|ROC)"
MASTOID = r"(?:M1|M2|A1|A2)"
LINKED = r"(?:LER|CLE|LE|A1A22?|M1M22?|A12|M12|LM)"
_COMMON = r"(?:REF\d?|AVG|AV|AVE|CAR|VREF|G1|G2)"
_JOINED = re.compile(rf"({SCALP}|{EYE}|{MASTOID})({MASTOID}|{LINKED}|{SCALP}|{EYE}|{_COMMON})")

_SIGNED = re.compile(rf"[A-Z0-9][\s(]*([+-])\)?(?:[-:/\s]+{_COMMON})?$")

_SCALP = re.compile(SCALP)
_LINKED = re.compile(LINKED)
# Electrodes below and behind the ear, where the mastoid is.
_BEHIND_THE_EAR = ("TP9", "TP10")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
# The number of a channel before its name: “01 C4-A1”, “EEG2: F4-M1”.
_NUMBER_FIRST = re.compile(
    rf"\d{{1,3}}(?:[:.)]\s+(?=[A-Z])|[\s:.)]\s*(?=(?:{SCALP}|{EYE}|{MASTOID})\s*[-:/]))"
)
# What may follow a mastoid: the number of a copy, a unit, or that nothing was filtered.
_AFTER_MASTOID = re.compile(r"\d+|[UMΜ]V|RAW|ORG|FILT(?:ERED)?")
_MASTOID_WORD = re.compile(r"(.*?)MAST(?:OIDE?[OS]?)?(.*)")
_TWO_MUSCLES = re.compile(r"(\d)EMG(\d)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Sides in English, German, French, Spanish, Italian, Portuguese and Dutch, in full and short; OS,
# OG and OI are the left eye, OD is the right one.
_LEFT = _words(
    "1 L LEFT LEFTHORIZ LHORIZ LI LINKS LINKES LINKER G GAUCHE IZQ IZDO IZQUIERDO IZQUIERDA I SX S"
    " SIN SN SINISTRO SINISTRA E ESQ ESQUERDO ESQUERDA LOC LOG E1 OS OG OI"
)
_RIGHT = _words(
    "2 R RIGHT RIGHTHORIZ RHORIZ RE RECHTS RECHTES RECHTER D DROIT DROITE DER DCHO DERECHO DERECHA"
    " DX DES DESTRO DESTRA DIR DIREITO DIREITA ROC ROG E2 OD"
)
_EYE_WORDS = _words("EYE EYES AUGE OEIL OJO OCCHIO OLHO OOG OCULO")
_EYE_JOINED = re.compile(
    r"(LINKER|RECHTER|LINKES|RECHTES|LEFT|RIGHT|L|R)(OOG|AUGE|EYE|EOG)|(EYE|AUGE)(LEFT|RIGHT|L|R)"
    r"|(OCULO)([GDLR])"
)
EYE_NAMES = {"E1": "left", "LOC": "left", "LOG": "left"}
EYE_NAMES |= {"E2": "right", "ROC": "right", "ROG": "right"}
# Names of an eye only where a reference follows.
_SHORT_EYES = {"OG": "left", "OD": "right"}
_HORIZONTAL = ("H", "HOR", "HORIZ", "HORIZONTAL")


@dataclass(frozen=True)
class Label:
    """A label taken apart.

    ``kind`` is EEG, EOG, EMG or empty. ``electrode`` and ``reference`` are in upper case, without
    blanks and accents; ``words`` are those of the electrode.
    """

    index: int
    text: str
    kind: str
    electrode: str
    reference: str
    words: tuple[str, ...]

    @property
    def may_be_eeg(self) -> bool:
        """Whether no other kind of signal is said: the C4 of an EMG is not on the scalp."""
        return self.kind in ("", "EEG")

    @property
    def is_ear(self) -> bool:
        is_behind = self.electrode in _BEHIND_THE_EAR
        return self.may_be_eeg and (is_behind or re.fullmatch(MASTOID, self.electrode) is not None)

    @property
    def is_scalp(self) -> bool:
        return self.may_be_eeg and is_scalp(self.electrode)

    @property
    def sign(self) -> str:
        """``+`` or ``-`` for one of the two inputs of an amplifier, such as “EMG1+”, else empty."""
        match = _SIGNED.search(fold(self.text))
        return match.group(1) if match else ""

    @property
    def eye(self) -> str:
        """``left`` or ``right`` for an electrode beside an eye, else empty."""
        if self.electrode in _SHORT_EYES and self.reference and not self.kind:
            return _SHORT_EYES[self.electrode]
        return "" if self.kind == "EMG" else _eye(self.kind, self.electrode, self.words)

    @property
    def reference_eye(self) -> str:
        """The eye whose electrode is the reference."""
        return _eye(self.kind, self.reference, (self.reference,))

    def is_other_input(self, other: Label) -> bool:
        """Whether two labels are the two inputs of an amplifier, such as “EMG1+” and “EMG1-”."""
        mine = (self.kind, self.electrode, self.reference)
        is_same = mine == (other.kind, other.electrode, other.reference)
        return is_same and {self.sign, other.sign} == {"+", "-"}


def is_scalp(electrode: str) -> bool:
    """Whether a name is an electrode of the 10-20 system on the scalp."""
    return electrode not in _BEHIND_THE_EAR and _SCALP.fullmatch(electrode) is not None


def is_linked(reference: str) -> bool:
    """Whether a reference is both ears, or both mastoids, linked."""
    return _LINKED.fullmatch(reference) is not None


def parse_label(index: int, text: str) -> Label:
    """Take a label apart: ``EEG F4-M1``, ``F4:M1``, ``F4M1``, ``EOG(L)``, ``Chin EMG``."""
    kind, rest = _without_kind(_NUMBER_FIRST.sub("", fold(text), count=1))
    rest = _NUMBER_FIRST.sub("", rest, count=1)
    plain = re.sub(r"[()\[\].]", " ", rest).replace("_", "-")
    parts = [part.split() for part in re.split(r"[-:/]", plain)]
    parts = [part for part in parts if part]
    words = tuple(parts[0]) if parts else ()
    electrode = _mastoid(words) or _joined(words)
    reference = _reference([word for part in parts[1:] for word in part])
    if not kind and (match := _EOG_INSIDE.fullmatch(f"{electrode}-{reference}")):
        kind, (electrode, reference) = "EOG", match.groups()
        words = (electrode,)
    if kind == "EOG" and electrode in _HORIZONTAL and side_of({reference}):
        electrode, reference, words = reference, "", (reference,)
    if kind == "EMG" and (match := _TWO_MUSCLES.fullmatch(electrode)):
        electrode, reference = match.groups()
    reference = re.sub(rf"^(?:{_KINDS})", "", reference)
    if not reference and (match := _JOINED.fullmatch(electrode)):
        electrode, reference = _of_pair(*match.groups())
        words = (electrode,)
    if kind and not reference and re.fullmatch(_COMMON, electrode):
        electrode, reference, words = "", electrode, ()
    return Label(index, text.strip(), kind, electrode, reference, words)


def fold(text: str) -> str:
    """Bring a text to upper case, without accents, with plain dashes and single blanks."""
    text = _DASHES.sub("-", text).replace("œ", "oe").replace("Œ", "OE")
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.upper().split())


def _of_pair(electrode: str, reference: str) -> tuple[str, str]:
    """Two names of one eye, “E1 (LOC)”, are no electrode and its reference."""
    is_one = electrode in EYE_NAMES and EYE_NAMES[electrode] == EYE_NAMES.get(reference)
    return electrode, "" if is_one else reference


def _reference(words: list[str]) -> str:
    """Join the words of a reference, without what is behind the name of a mastoid."""
    name = list(words)
    while len(name) > 1 and _AFTER_MASTOID.fullmatch(name[-1]):
        name.pop()
    reference = _mastoid(name) or _joined(name)
    is_known = re.fullmatch(MASTOID, reference) or _LINKED.fullmatch(reference)
    return reference if is_known else _joined(words)


def _mastoid(words: Iterable[str]) -> str:
    """``M1`` or ``M2`` for a mastoid in words, such as “Left Mastoid” or “Mast. R”; else empty."""
    match = _MASTOID_WORD.fullmatch("".join(words))
    side = side_of({match.group(1) + match.group(2)}) if match else ""
    return {"left": "M1", "right": "M2"}.get(side, "")


def _joined(words: Iterable[str]) -> str:
    return "".join(words).replace("+", "")


def _without_kind(folded: str) -> tuple[str, str]:
    """Cut off EEG, EOG or EMG, which may stand first or last."""
    folded = _POL_FIRST.sub("", folded)
    if match := _KIND_FIRST.match(folded):
        return match.group(1), folded[match.end() :]
    if match := _KIND_LAST.search(folded):
        return match.group(1), folded[: match.start()]
    return "", folded


def _eye(kind: str, electrode: str, words: tuple[str, ...]) -> str:
    if electrode in EYE_NAMES:
        return EYE_NAMES[electrode]
    joined = _EYE_JOINED.fullmatch(electrode)
    said = {*words, electrode, *filter(None, joined.groups() if joined else ())}
    if kind != "EOG" and not said & _EYE_WORDS:
        return ""
    return side_of(said)


def side_of(words: AbstractSet[str]) -> str:
    """``left`` or ``right``; empty where words say neither or both."""
    is_left, is_right = bool(words & _LEFT), bool(words & _RIGHT)
    return "" if is_left == is_right else "left" if is_left else "right"
