"""Find the six derivations among the labels of a file, and the labels that may be a missing one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from psg.montage.chin import find_chin, is_elsewhere
from psg.montage.derivations import (
    DERIVATIONS,
    EEG_DERIVATIONS,
    Derivation,
    DerivationSource,
    MontageMatch,
)
from psg.montage.labels import EYE_NAMES, Label, is_linked, is_scalp, parse_label

_LEFT_EARS, _RIGHT_EARS = ("M1", "A1", "TP9"), ("M2", "A2", "TP10")
# Left and right mastoid, where a file has both; LM alone is both of them linked.
_MASTOIDS = {"LM": "M1", "RM": "M2"}
# Electrodes of a net are E1 to E256, and its E1 is no eye.
_OF_A_NET = re.compile(r"E(?:[5-9]|\d{2,3})")
# Eyes in some laboratories, the throat in others.
_MAY_BE_EYES = ("PG1", "PG2")
_ELECTRODES = {Derivation.F4: "F4", Derivation.C4: "C4", Derivation.O2: "O2"}
_BACKUPS = {Derivation.F4: "F3", Derivation.C4: "C3", Derivation.O2: "O1"}
_SIDES = {Derivation.E1: "left", Derivation.E2: "right"}
# What AASM accepts where the recommended derivation is missing: electrode and its reference.
_ALTERNATIVES = {Derivation.F4: ("FZ", "CZ"), Derivation.O2: ("CZ", "OZ")}
_EYE_ALTERNATIVE = "FPZ"
_REFERENCE_NOTES = {"LER": "linked ears", "LE": "linked ears", "CLE": "computed linked ears"}
# A scalp electrode in the middle, such as Cz, is the reference of a whole recording where so many
# electrodes have it; in a chain of neighbours it is the reference of one or two.
_FEWEST_WITH_COMMON = 3
_MIDLINE = ("CZ", "FPZ", "FCZ", "FZ", "CPZ", "PZ", "AFZ")

# Ranks of a source, best first; the last good one is what AASM recommends or models are trained on.
_NAMED, _SUBTRACTED, _OTHER_SIDE, _LINKED, _OTHER_SUBTRACTED, _EYE_ACCEPTED = range(6)
_COMMON, _UNKNOWN = 6, 7
_LAST_GOOD = _LINKED

_MOST_CANDIDATES = 12
# Inputs of a head box that have only a number.
_BARE_ELECTRODE = re.compile(r"X?\d{1,3}")


def find_derivations(labels: Sequence[str]) -> MontageMatch:
    """Find the six derivations among the channel labels of a file.

    A label that names a mastoid wins. Else electrode and mastoid with the same reference, whatever
    that is called, are subtracted. Another electrode on the scalp, or the other eye, is no
    mastoid: a chain such as F4-C4 is no F4-M1.

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
    file = _File([parse_label(index, text) for index, text in enumerate(labels) if text.strip()])
    sources = {
        derivation: source for derivation in DERIVATIONS if (source := file.find(derivation))
    }
    missing = tuple(derivation for derivation in DERIVATIONS if derivation not in sources)
    return MontageMatch(sources, missing, tuple(source_notes(sources.values())))


@dataclass(frozen=True)
class _Ranked:
    rank: int
    source: DerivationSource


class _File:
    """The labels of a file, and the derivations that they make."""

    def __init__(self, labels: list[Label]) -> None:
        if any("RM" in (label.electrode, label.reference) for label in labels):
            labels = [_with_mastoids(label) for label in labels]
        self.labels = labels
        self.is_net = any(
            label.may_be_eeg and _OF_A_NET.fullmatch(label.electrode) for label in labels
        )
        shared: dict[str, set[str]] = {}
        for label in labels:
            if label.is_scalp or label.eye:
                shared.setdefault(label.reference, set()).add(label.electrode)
        self.common = {
            reference
            for reference, electrodes in shared.items()
            if reference in _MIDLINE and len(electrodes) >= _FEWEST_WITH_COMMON
        }

    def find(self, derivation: Derivation) -> DerivationSource | None:
        if derivation is Derivation.CHIN:
            return find_chin(self.labels)
        if derivation in _SIDES:
            eyes = [
                label
                for label in self.labels
                if label.eye == _SIDES[derivation] and not self._is_of_net(label)
            ]
            best = self._best(derivation, eyes, _RIGHT_EARS, _LEFT_EARS)
            return best.source if best else None
        main = self._electrode(derivation, _ELECTRODES[derivation], _LEFT_EARS, _RIGHT_EARS)
        backup = self._electrode(derivation, _BACKUPS[derivation], _RIGHT_EARS, _LEFT_EARS)
        found = [ranked for ranked in (main, backup) if ranked is not None]
        best = next((ranked for ranked in found if ranked.rank <= _LAST_GOOD), None)
        best = best or next(iter(found), None)
        if best is None:
            return self._alternative(derivation)
        return replace(best.source, is_backup=best is backup)

    def _is_of_net(self, label: Label) -> bool:
        is_plain = label.electrode in ("E1", "E2") and label.may_be_eeg
        return self.is_net and is_plain and label.reference not in _LEFT_EARS + _RIGHT_EARS

    def _electrode(
        self, derivation: Derivation, name: str, ears: tuple[str, ...], other: tuple[str, ...]
    ) -> _Ranked | None:
        labels = [label for label in self.labels if label.is_scalp and label.electrode == name]
        return self._best(derivation, labels, ears, other)

    def _best(
        self,
        derivation: Derivation,
        labels: list[Label],
        ears: tuple[str, ...],
        other: tuple[str, ...],
    ) -> _Ranked | None:
        ranked = [self._ranked(derivation, label, ears, other) for label in labels]
        found = [item for item in ranked if item is not None]
        return min(found, key=lambda item: item.rank, default=None)

    def _ranked(
        self,
        derivation: Derivation,
        label: Label,
        ears: tuple[str, ...],
        other: tuple[str, ...],
    ) -> _Ranked | None:
        """Say what a label is worth as the derivation; None where it is none."""
        alone = _single(derivation, label)
        other_input = next((o for o in self.labels if o.is_other_input(label)), None)
        if other_input and label.sign == "-":
            return None
        if label.reference in ears:
            return _Ranked(_NAMED, alone)
        if mastoid := self._with_reference_of(label, ears):
            return _Ranked(_SUBTRACTED, _difference(derivation, label, mastoid))
        if label.reference in other:
            return _Ranked(_OTHER_SIDE, alone)
        if is_linked(label.reference):
            return _Ranked(_LINKED, alone)
        if mastoid := self._with_reference_of(label, other) or self._linked_channel(label):
            return _Ranked(_OTHER_SUBTRACTED, _difference(derivation, label, mastoid))
        if derivation in _SIDES and (accepted := self._eye_alternative(derivation, label)):
            return _Ranked(_EYE_ACCEPTED, accepted)
        if other_input:
            both = replace(_difference(derivation, label, other_input), reference="")
            return _Ranked(_UNKNOWN, both)
        if not label.reference:
            return _Ranked(_UNKNOWN, alone)
        if self._is_neighbour(label):
            return None
        return _Ranked(_COMMON, alone)

    def _with_reference_of(self, label: Label, electrodes: Iterable[str]) -> Label | None:
        """Find an electrode that was recorded against the same reference as a label."""
        for name in electrodes:
            for other in self.labels:
                if other.may_be_eeg and other.electrode == name and self._agree(label, other):
                    return other
        return None

    def _agree(self, one: Label, other: Label) -> bool:
        """Whether two electrodes have the same reference.

        An electrode without a reference beside one with a reference that is no electrode, such as
        ``C4`` beside ``A1-Ref``, has the one common reference of the file.
        """
        if one.reference == other.reference:
            return True
        said = {one.reference, other.reference} - {""}
        is_named = one.is_scalp or one.electrode in EYE_NAMES
        return len(said) == 1 and is_named and said == self._common_names()

    def _common_names(self) -> set[str]:
        """The references of the file that are neither electrodes nor linked ears."""
        references = {
            label.reference
            for label in self.labels
            if label.is_scalp or label.is_ear or label.electrode in EYE_NAMES
        }
        return {
            reference
            for reference in references - {"", *_LEFT_EARS, *_RIGHT_EARS}
            if not is_scalp(reference) and not is_linked(reference)
        }

    def _linked_channel(self, label: Label) -> Label | None:
        eeg = [other for other in self.labels if other.may_be_eeg]
        linked = [o for o in eeg if is_linked(o.electrode) and o.electrode[0] in "MA"]
        return next((other for other in linked if self._agree(label, other)), None)

    def _is_neighbour(self, label: Label) -> bool:
        """Whether the reference is another electrode of a chain, or the other eye."""
        if label.reference in self.common:
            return False
        return is_scalp(label.reference) or bool(label.reference_eye)

    def _eye_alternative(self, derivation: Derivation, label: Label) -> DerivationSource | None:
        if label.reference == _EYE_ALTERNATIVE and _EYE_ALTERNATIVE not in self.common:
            return replace(_single(derivation, label), is_alternative=True)
        forehead = self._with_reference_of(label, [_EYE_ALTERNATIVE]) if label.reference else None
        if forehead is None:
            return None
        return replace(_difference(derivation, label, forehead), is_alternative=True)

    def _alternative(self, derivation: Derivation) -> DerivationSource | None:
        """Find what AASM accepts instead: as a channel, or as the difference of two."""
        if derivation not in _ALTERNATIVES:
            return None
        electrode, reference = _ALTERNATIVES[derivation]
        labels = [o for o in self.labels if o.is_scalp and o.electrode == electrode]
        for label in labels:
            if label.reference == reference:
                return replace(_single(derivation, label), is_alternative=True)
        for label in labels:
            if other := self._with_reference_of(label, [reference]):
                return replace(_difference(derivation, label, other), is_alternative=True)
        return None


def _with_mastoids(label: Label) -> Label:
    electrode = _MASTOIDS.get(label.electrode, label.electrode)
    return replace(
        label, electrode=electrode, reference=_MASTOIDS.get(label.reference, label.reference)
    )


def _single(derivation: Derivation, label: Label) -> DerivationSource:
    return DerivationSource(derivation, label.index, None, label.text, label.reference)


def _difference(derivation: Derivation, label: Label, other: Label) -> DerivationSource:
    return DerivationSource(
        derivation,
        label.index,
        other.index,
        f"{label.text} - {other.text}",
        other.electrode,
        is_assumed=label.reference != other.reference,
    )


# What people are told.


def source_notes(sources: Iterable[DerivationSource]) -> list[str]:
    """Say of each source what it is, where that is not what its derivation is called."""
    return [note for source in sources if (note := _note(source))]


def _note(source: DerivationSource) -> str:
    name = source.derivation.value
    if source.is_mapped:
        return f"{name} is {source.label}, as the channel map says."
    if source.is_backup:
        return f"{name} is missing; the backup {source.label} stands in for it."
    if source.is_alternative:
        return f"{name} is missing; {source.label} stands in for it, which AASM accepts."
    if source.derivation is Derivation.CHIN:
        is_single = source.reference != "bipolar"
        return f"Chin comes from the single channel {source.label}." if is_single else ""
    if not source.reference:
        return f"{name} comes from {source.label}; the file does not say its reference."
    usual = _LEFT_EARS if source.derivation in EEG_DERIVATIONS else _RIGHT_EARS
    if source.reference in usual[:2]:
        return ""
    return f"{name} comes from {source.label}, referenced to {_meaning(source.reference)}."


def _meaning(reference: str) -> str:
    if not is_linked(reference):
        return reference
    if reference in _REFERENCE_NOTES:
        return _REFERENCE_NOTES[reference]
    return "linked ears" if reference.startswith("A") else "linked mastoids"


def candidates(derivation: Derivation, labels: Sequence[str]) -> list[str]:
    """List the labels that may be a derivation although they do not say so."""
    parsed = [parse_label(index, text) for index, text in enumerate(labels) if text.strip()]
    return [label.text for label in parsed if _may_be(derivation, label)][:_MOST_CANDIDATES]


def _may_be(derivation: Derivation, label: Label) -> bool:
    if derivation is Derivation.CHIN:
        is_number = _BARE_ELECTRODE.fullmatch(label.text.upper()) is not None
        return (label.kind == "EMG" or is_number) and not is_elsewhere(label)
    if derivation in _SIDES:
        return label.kind == "EOG" or bool(label.eye) or label.electrode in _MAY_BE_EYES
    return (label.kind == "EEG" and not label.is_ear) or (not label.kind and label.is_scalp)
