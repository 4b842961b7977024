"""The chin EMG among the channels of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from psg.montage.derivations import Derivation, DerivationSource
from psg.montage.labels import Label, side_of

# Chin and submental muscles in English, German, French, Spanish, Italian, Portuguese and Dutch.
_CHIN = (
    "(?:SUB|SOUS|SOTTO|ONDER|UNTER)?(?:CHIN|MENTAL(?:IS|E)?|MENTON(?:NIERE?|IAN[OA]|IER[OA])?|MENTO"
    "|MENT|KINN|KIN|QUEIXO|BARBILLA)|CHN|SUBMENTONIAN|SUBM|UNTERKIEFER|MUNDBODEN|MYLOHYOID(?:EUS)?"
)
# Left, right, middle and above, or a number; in other languages than English, too.
_PLACE = r"[0-4LRCZGD]"
_ELECTRODE = re.compile(rf"(?P<before>[LRC1-3])?(?:{_CHIN})(?:EMG)?(?P<after>{_PLACE})?")
_TWO_ELECTRODES = re.compile(rf"(?:(?:{_CHIN}){_PLACE}){{2}}")
# A short name that only an EMG has.
_SHORT = "SM"
_BARE_PLACE = re.compile(_PLACE)
_PAIRS = (
    *(("1", "2"), ("L", "R"), ("G", "D"), ("2", "1"), ("1", "3"), ("2", "3"), ("C", "L")),
    *(("C", "R"), ("Z", "L"), ("Z", "R"), ("Z", "1"), ("Z", "2"), ("0", "1")),
)
# Other muscles, above all those of legs and arms.
_ELSEWHERE = re.compile(
    r"LEG|TIB|PLM|LAT\b|RAT\b|\bTA[LR]?\b|ARM|DELT|FDS|FDI|EDB|EXT|BEIN|JAMBE|PIERNA|GAMBA|PERNA"
    r"|BEEN\b|BRAS|BRAZO|BRACCIO|RESP|INTERC|DIAPHR|MASS|ECG|EKG|FOOT|HAND"
)
_NUMBERED = ("1", "2", "3")


def find_chin(labels: list[Label]) -> DerivationSource | None:
    """Find the chin: by its name, else a single EMG, else EMG1, EMG2 and EMG3 where no more are."""
    return _by_name(labels) or _plain_emg(labels) or _numbered(labels)


def is_elsewhere(label: Label) -> bool:
    """Whether a label names another muscle than the chin."""
    return _ELSEWHERE.search(label.text.upper()) is not None


def _by_name(labels: list[Label]) -> DerivationSource | None:
    for label in labels:
        if _TWO_ELECTRODES.fullmatch(label.electrode) and not is_elsewhere(label):
            return _single(label, "bipolar")
    named = [(label, place) for label in labels if (place := _place(label)) is not None]
    for label, _ in named:
        if _ELECTRODE.fullmatch(label.electrode) and _is_chin_electrode(label.reference):
            return _single(label, "bipolar")
    found = _inputs([label for label, _ in named]) or _difference(named)
    return found or next((_single(label, label.reference) for label, _ in named), None)


def _place(label: Label) -> str | None:
    """Where at the chin an electrode is, "" where its label does not say; None elsewhere."""
    if is_elsewhere(label) or label.eye:
        return None
    if label.kind == "EMG" and label.electrode == _SHORT:
        return ""
    for text in (label.electrode, label.electrode + label.reference, *label.words):
        if match := _ELECTRODE.fullmatch(text):
            return match.group("before") or match.group("after") or _side(label.words)
    return None


def _side(words: Iterable[str]) -> str:
    return {"left": "L", "right": "R"}.get(side_of(set(words)), "")


def _is_chin_electrode(reference: str) -> bool:
    return bool(reference and (_ELECTRODE.fullmatch(reference) or _BARE_PLACE.fullmatch(reference)))


def _difference(placed: Iterable[tuple[Label, str]]) -> DerivationSource | None:
    """Subtract two electrodes with the same reference."""
    electrodes: dict[tuple[str, str], Label] = {}
    for label, place in placed:
        electrodes.setdefault((place, label.reference), label)
    for plus, minus in _PAIRS:
        for (place, reference), first in electrodes.items():
            second = electrodes.get((minus, reference))
            if place == plus and second is not None:
                return _pair(first, second)
    return None


def _inputs(labels: list[Label]) -> DerivationSource | None:
    """Subtract the two inputs of an amplifier that were kept as channels: EMG+ and EMG-."""
    for plus in (label for label in labels if label.sign == "+"):
        for minus in labels:
            if minus.is_other_input(plus):
                return _pair(plus, minus)
    return None


def _pair(first: Label, second: Label) -> DerivationSource:
    text = f"{first.text} - {second.text}"
    return DerivationSource(Derivation.CHIN, first.index, second.index, text, "bipolar")


def _plain_emg(labels: list[Label]) -> DerivationSource | None:
    plain = [label for label in labels if label.kind == "EMG" and not label.electrode]
    return _inputs(plain) or next((_single(label, label.reference) for label in plain), None)


def _numbered(labels: list[Label]) -> DerivationSource | None:
    """Take EMG1, EMG2 and EMG3 for electrodes at the chin, unless there are more of them."""
    emg = [label for label in labels if label.kind == "EMG" and not is_elsewhere(label)]
    numbered = [(label, label.electrode) for label in emg if label.electrode.isdigit()]
    if any(number not in _NUMBERED for _, number in numbered):
        return None
    for label, _ in numbered:
        if label.reference in _NUMBERED:
            return _single(label, "bipolar", is_assumed=True)
    source = _inputs([label for label, _ in numbered]) or _difference(numbered)
    if source is None and len(numbered) == 1 and numbered[0][1] == "1":
        return _single(numbered[0][0], numbered[0][0].reference, is_assumed=True)
    return source and DerivationSource(
        source.derivation,
        source.positive,
        source.negative,
        source.label,
        source.reference,
        is_assumed=True,
    )


def _single(label: Label, reference: str, *, is_assumed: bool = False) -> DerivationSource:
    return DerivationSource(
        Derivation.CHIN, label.index, None, label.text, reference, is_assumed=is_assumed
    )
