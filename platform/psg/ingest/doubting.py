"""The doubts about the channels of a recording, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psg.doubts import Choice, Doubt
from psg.montage import Derivation, DerivationSource
from psg.units import UNKNOWN_UNIT

EEG_ADVICE = "At least one of F4, C4, O2 (or F3, C3, O1) is needed."
_UNITS = tuple(Choice(unit, unit) for unit in ("uV", "mV", "V", "nV"))
_MAINS = (Choice("50", "50 Hz"), Choice("60", "60 Hz"))
_LINE = "-Hz interference"
_LOST = "No channel was found for "


def notes_of(doubts: Iterable[Doubt]) -> list[str]:
    """Say what was assumed, a sentence each; what is missing without a trace is said in one."""
    assumed = [doubt for doubt in doubts if not doubt.is_open]
    lost = [doubt for doubt in assumed if _is_lost(doubt)]
    sentences = [str(doubt) for doubt in assumed if not _is_lost(doubt)]
    if len(lost) < 2:
        return sentences + [str(doubt) for doubt in lost]
    names = [doubt.what.removeprefix(_LOST) for doubt in lost]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return [*sentences, f"{_LOST}{listed}. The recording has none of them."]


def _is_lost(doubt: Doubt) -> bool:
    return doubt.what.startswith(_LOST) and not doubt.where


# Units. `name` is that of a channel.


def unknown_unit(name: str, unit: str, *, is_needed: bool) -> Doubt:
    """Ask for a unit that is not known; a channel that is not needed is left out."""
    quoted = "The unit" if unit == UNKNOWN_UNIT else f"The unit “{unit}”"
    assumed = "" if is_needed else "It is left out."
    return _unit(name, f"{quoted} of {name} is unknown", assumed, such_as="uV")


def no_unit(name: str) -> Doubt:
    return _unit(name, f"{name} gives no unit", "Its values were taken as uV.", such_as="mV")


def no_unit_of_microvolts(name: str, amplitude: float) -> Doubt:
    """Ask for a unit that is not given and cannot be uV."""
    what = f"{name} gives no unit, and its range of {amplitude:.3g} cannot be in uV"
    return _unit(name, what, "", such_as="mV")


def implausible_unit(name: str, amplitude_uv: float) -> Doubt:
    """Ask for a unit that the file states and that cannot be."""
    what = (
        f"The range of {name} is {amplitude_uv:.3g} uV in the unit of the file, outside that of any"
        " electrode signal"
    )
    return _unit(name, what, "", such_as="uV")


def _unit(name: str, what: str, assumed: str, *, such_as: str) -> Doubt:
    option = f'--unit "{name}={such_as}"'
    return Doubt(f"unit_{name}", what, assumed, choices=_UNITS, option=option)


# Derivations.


def no_eeg(names: Sequence[str], *, where: str) -> Doubt:
    """Ask for a channel map; `names` are those of the channels that it can have."""
    return Doubt(
        "channels",
        f"No EEG channel for staging was found. {EEG_ADVICE}",
        where=where,
        choices=tuple(Choice(name, name) for name in names),
        option='--channel "C4-M1=LABEL"',
    )


def missing(derivation: Derivation, *, problem: str, may_be: Sequence[str]) -> Doubt:
    """Say that a derivation is missing, why, and which channels may be it."""
    name = derivation.value
    words = "chin EMG" if derivation is Derivation.CHIN else name
    return Doubt(
        f"missing_{derivation.name.lower()}",
        f"{name} was left out: {problem}" if problem else f"{_LOST}{name}",
        assumed=f"The recording has no {words}.",
        where=f"it may be {', '.join(may_be)}" if may_be else "",
        choices=tuple(Choice(label, label) for label in may_be),
        option=f'--channel "{name}={may_be[0] if may_be else "LABEL"}"',
    )


def assumed_meaning(source: DerivationSource) -> Doubt:
    """Say what labels allow but do not say."""
    if source.derivation is Derivation.CHIN:
        what = f"The label {source.label} names no muscle"
        assumed, where = "It was used as the chin EMG.", ""
    else:
        what = f"Only one of the two labels of {source.derivation.value} gives a reference"
        assumed, where = "The same reference was assumed for both.", source.label
    return Doubt(
        f"assumed_{source.derivation.name.lower()}",
        what,
        assumed=assumed,
        where=where,
        option=f'--channel "{source.derivation.value}=none"',
    )


# The mains.


def line_words(line_hz: float, derivations: Sequence[Derivation]) -> str:
    verb = "contains" if len(derivations) == 1 else "contain"
    return f"{', '.join(derivations)} {verb} strong {line_hz:g}{_LINE}"


def is_of_line(note: str) -> bool:
    """Whether a note is about a line of the mains, which depends on the notch."""
    return _LINE in note


def other_mains(line_hz: float, derivations: Sequence[Derivation]) -> Doubt:
    return Doubt(
        "mains",
        line_words(line_hz, derivations),
        assumed="A mains frequency of 50 Hz was assumed, as in the published images.",
        choices=_MAINS,
        option=f"--mains {line_hz:g}",
    )
