"""From the labels of a file to the six derivations that staging reads.

The true reference is kept beside the derivation: a linked-ear or Cz reference is read as
``F4-M1`` by models trained on it, but it is recorded for what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Derivation(StrEnum):
    """The six derivations, in the fixed order of bands from top to bottom."""

    F4 = "F4-M1"
    C4 = "C4-M1"
    O2 = "O2-M1"
    E1 = "E1-M2"
    E2 = "E2-M2"
    CHIN = "Chin"


DERIVATIONS: tuple[Derivation, ...] = tuple(Derivation)
EEG_DERIVATIONS = (Derivation.F4, Derivation.C4, Derivation.O2)
EOG_DERIVATIONS = (Derivation.E1, Derivation.E2)


@dataclass(frozen=True)
class DerivationSource:
    """The source of a derivation: a channel of the file, or the difference of two."""

    derivation: Derivation
    positive: int
    negative: int | None
    label: str
    reference: str
    is_backup: bool


@dataclass(frozen=True)
class MontageMatch:
    """The derivations of a file with their sources, those missing, and notes for people."""

    sources: dict[Derivation, DerivationSource] = field(default_factory=dict)
    missing: tuple[Derivation, ...] = ()
    notes: tuple[str, ...] = ()


# Electrode names as they appear after normalisation (upper case, no blanks), best first.
_ELECTRODES: dict[Derivation, tuple[str, ...]] = {
    Derivation.F4: ("F4",),
    Derivation.C4: ("C4",),
    Derivation.O2: ("O2",),
    Derivation.E1: ("E1", "LOC", "EOG1", "EOGL", "LEFTHORIZ", "LEOG", "LEFT", "L", "EOGLEFT"),
    Derivation.E2: ("E2", "ROC", "EOG2", "EOGR", "RIGHTHORIZ", "REOG", "RIGHT", "R", "EOGRIGHT"),
}
_BACKUPS: dict[Derivation, str] = {
    Derivation.F4: "F3",
    Derivation.C4: "C3",
    Derivation.O2: "O1",
}
# Best reference first; contralateral mastoid or ear, then what MASS and others use.
_RIGHT_REFERENCES = ("M1", "A1", "LER", "CLE", "LE", "A1A2", "M1M2", "AVG", "REF")
_LEFT_REFERENCES = ("M2", "A2", "LER", "CLE", "LE", "A1A2", "M1M2", "AVG", "REF")
_EOG_REFERENCES = ("M2", "A2", "M1", "A1", "LER", "CLE", "LE", "A1A2", "M1M2", "AVG", "REF")
_REFERENCE_NOTES = {
    "LER": "linked ears",
    "LE": "linked ears",
    "A1A2": "linked ears",
    "M1M2": "linked mastoids",
    "CLE": "computed linked ears",
}
_CHIN_SINGLE = ("CHIN", "EMGCHIN", "EMGSUBMENTAL", "SUBMENTAL", "CHINEMG", "EMGSUBMENT", "EMG")
_CHIN_ELECTRODE = re.compile(r"^(?:EMG)?(?:CHIN|CHINEMG|CHN)([123LRCZ])$")
_CHIN_DIFFERENCE = re.compile(r"^(?:EMG)?(?:CHIN|CHN)[123LRCZ][-:/](?:EMG)?(?:CHIN|CHN)?[123LRCZ]$")
_CHIN_PAIRS = (("1", "2"), ("L", "R"), ("2", "1"), ("1", "3"), ("2", "3"), ("C", "L"), ("Z", "L"))
_TYPE_PREFIX = re.compile(r"^(?:EEG|EOG)(?=[\s:_-])[\s:_-]*")


@dataclass(frozen=True)
class _Label:
    index: int
    text: str
    electrode: str
    reference: str


def find_derivations(labels: Sequence[str]) -> MontageMatch:
    """Find the six derivations among the channel labels of a file.

    Parameters
    ----------
    labels : sequence of str
        Labels in file order; the indices of the result point into this sequence. Put an
        empty text in the place of a channel that must not be used.

    Returns
    -------
    MontageMatch
        Sources by derivation in the fixed order, missing derivations, and notes.
    """
    parsed = [_parse(index, text) for index, text in enumerate(labels) if text.strip()]
    sources: dict[Derivation, DerivationSource] = {}
    for derivation in DERIVATIONS:
        source = _find(derivation, parsed)
        if source is not None:
            sources[derivation] = source
    missing = tuple(derivation for derivation in DERIVATIONS if derivation not in sources)
    return MontageMatch(sources, missing, tuple(_notes(sources.values())))


def _find(derivation: Derivation, labels: list[_Label]) -> DerivationSource | None:
    if derivation is Derivation.CHIN:
        return _find_chin(labels)
    if derivation in EOG_DERIVATIONS:
        return _find_electrodes(derivation, _ELECTRODES[derivation], _EOG_REFERENCES, labels)
    best = _find_electrodes(derivation, _ELECTRODES[derivation], _RIGHT_REFERENCES, labels)
    return best or _find_electrodes(
        derivation, (_BACKUPS[derivation],), _LEFT_REFERENCES, labels, is_backup=True
    )


def _find_electrodes(
    derivation: Derivation,
    electrodes: tuple[str, ...],
    references: tuple[str, ...],
    labels: list[_Label],
    *,
    is_backup: bool = False,
) -> DerivationSource | None:
    for electrode in electrodes:
        candidates = [label for label in labels if label.electrode == electrode]
        referenced = [label for label in candidates if label.reference]
        if referenced:
            label = min(referenced, key=lambda item: _rank(item.reference, references))
            return _single(derivation, label, label.reference, is_backup=is_backup)
        if candidates:
            return _rereferenced(derivation, candidates[0], references, labels, is_backup)
    return None


def _rereferenced(
    derivation: Derivation,
    label: _Label,
    references: tuple[str, ...],
    labels: list[_Label],
    is_backup: bool,
) -> DerivationSource:
    """Subtract the mastoid when the file holds it as a channel of its own."""
    for name in references:
        for other in labels:
            if other.electrode == name and not other.reference and name[0] in "MA":
                return DerivationSource(
                    derivation,
                    label.index,
                    other.index,
                    f"{label.text} - {other.text}",
                    name,
                    is_backup,
                )
    return _single(derivation, label, "", is_backup=is_backup)


def _find_chin(labels: list[_Label]) -> DerivationSource | None:
    for label in labels:
        if _CHIN_DIFFERENCE.match(_squeeze(label.text)):
            return _single(Derivation.CHIN, label, "bipolar")
    electrodes: dict[str, _Label] = {}
    for label in labels:
        match = _CHIN_ELECTRODE.match(_squeeze(label.text))
        if match:
            electrodes.setdefault(match.group(1), label)
    for plus, minus in _CHIN_PAIRS:
        if plus in electrodes and minus in electrodes:
            first, second = electrodes[plus], electrodes[minus]
            text = f"{first.text} - {second.text}"
            return DerivationSource(
                Derivation.CHIN, first.index, second.index, text, "bipolar", False
            )
    for name in _CHIN_SINGLE:
        for label in labels:
            if _squeeze(label.text) == name:
                return _single(Derivation.CHIN, label, "")
    single = next(iter(electrodes.values()), None)
    return _single(Derivation.CHIN, single, "") if single else None


def _single(
    derivation: Derivation, label: _Label, reference: str, *, is_backup: bool = False
) -> DerivationSource:
    return DerivationSource(derivation, label.index, None, label.text, reference, is_backup)


def _notes(sources: Iterable[DerivationSource]) -> list[str]:
    notes = []
    for source in sources:
        name = source.derivation.value
        if source.is_backup:
            notes.append(f"{name} is missing; the backup {source.label} stands in for it.")
        elif source.derivation is Derivation.CHIN:
            if source.reference != "bipolar":
                notes.append(f"Chin comes from the single channel {source.label}.")
        elif not source.reference:
            notes.append(f"{name} comes from {source.label}; the file does not say its reference.")
        elif source.reference not in name and source.reference not in _usual(source.derivation):
            meaning = _REFERENCE_NOTES.get(source.reference, source.reference)
            notes.append(f"{name} comes from {source.label}, referenced to {meaning}.")
    return notes


def _usual(derivation: Derivation) -> tuple[str, str]:
    return ("M2", "A2") if derivation in EOG_DERIVATIONS else ("M1", "A1")


def _parse(index: int, text: str) -> _Label:
    upper = _TYPE_PREFIX.sub("", " ".join(text.upper().split()))
    electrode, reference = _split(upper)
    return _Label(index, text.strip(), electrode, reference)


def _split(upper: str) -> tuple[str, str]:
    """Split ``F4-M1``, ``F4:M1``, ``F4/A1`` or ``EOG(L)`` into electrode and reference."""
    plain = upper.replace("(", "").replace(")", "").replace(".", "").replace("_", "-")
    parts = [re.sub(r"[\s+]", "", part) for part in re.split(r"[-:/]", plain) if part.strip()]
    if not parts:
        return "", ""
    return parts[0], "".join(parts[1:])


def _squeeze(text: str) -> str:
    plain = re.sub(r"[\s._()]", "", text.upper())
    return re.sub(r"^(EMG|EOG|EEG)[-:]", r"\1", plain)


def _rank(reference: str, references: tuple[str, ...]) -> int:
    return references.index(reference) if reference in references else len(references)
