"""Units of voltage in the spellings that recorders write."""

from __future__ import annotations

import re
import unicodedata

# µ as it looks when a header in the code of DOS (E6), Shift-JIS (83 CA), Chinese or Korean is read
# as Latin-1, or one in UTF-8 was encoded twice. All in lower case and after NFKC.
_MICRO = ("u", "μ", "micro", "mikro", "mc", "mk", "æ", "ê", "¦ì", "¥ì", "âμ", "î1⁄4")
_UV_PER_PREFIX = {
    "": 1e6,
    "m": 1e3,
    "milli": 1e3,
    "n": 1e-3,
    "nano": 1e-3,
    **dict.fromkeys(_MICRO, 1.0),
}
# Words may be cut off, as the unit of EDF has eight bytes: “microvol”.
_VOLTAGE = re.compile(r"[\[(]?(.*?)[\s-]*v(?:o(?:l(?:t(?:s|ios?)?)?)?)?[\])]?")
_CYRILLIC = str.maketrans("вмк", "vmk")


def uv_per_unit(text: str) -> float | None:
    """Give the uV in a unit; None where the text is no known unit of voltage.

    ``.V`` and ``?V`` are not known: they may be a µ that was lost, or not.
    """
    plain = unicodedata.normalize("NFKC", text.strip()).lower().translate(_CYRILLIC)
    match = _VOLTAGE.fullmatch(plain)
    return _UV_PER_PREFIX.get(match.group(1).strip()) if match else None


# Units of what is no voltage: such a channel is no EEG, whatever its label.
_OTHER_UNITS = (
    "% bpm 1/min /min degc °c c k mmhg cmh2o mbar hpa pa l/s l/min lpm ml l hz deg ° g lux lx db"
    " dba dbspl s ms ohm kohm kω ω rpm m mm cm kg w"
)
_OTHER = frozenset(_OTHER_UNITS.split())


def is_other_unit(text: str) -> bool:
    """Whether a text is a known unit of something else than a voltage."""
    return text.strip().lower().replace(" ", "") in _OTHER


# What may be kept of a unit that is no voltage. The field is free text, and a name fits into it.
_PREFIX = "(?:da|[yzafpnuµμmcdhkMGT])?"
_BASE = (
    "(?:mmHg|cmH2O|H2O|Hg|bpm|rpm|lpm|degC|deg|°C|°|dBA?|Hz|Pa|bar|Ohms?|Ω|ohms?|mol|min|sec"
    "|[VAWmsgLlSCFKJNTh]|%|a\\.?u\\.?|ADU|counts?|bits?|LSB|raw|digits?|[Bb]oolean|bool|none|n/a)"
)
# A voltage that is asked about: “0.1uV”, “uVrms”.
_FACTOR, _KIND = r"(?:\d{1,4}(?:[.,]\d{1,3})?\s?)?", "(?:rms|pp|p-p|peak)?"
_POWER = rf"{_PREFIX}{_BASE}\^?-?\d?"
_UNIT = re.compile(rf"{_FACTOR}[\[(]?{_POWER}(?:[*·/.]{_POWER}){{0,3}}{_KIND}[\])]?", re.IGNORECASE)
# A voltage whose prefix was lost, such as .V, is asked about by its text.
_DAMAGED_VOLTAGE = re.compile(r"\W{0,3}[Vv]")
_MAX_UNIT_CHARACTERS = 12
UNKNOWN_UNIT = "?"


def kept_unit(text: str) -> str:
    """Give a unit as it may be stored and shown: `UNKNOWN_UNIT` for a text that is none."""
    text = text.strip()
    is_unit = len(text) <= _MAX_UNIT_CHARACTERS and (
        _UNIT.fullmatch(text) or _DAMAGED_VOLTAGE.fullmatch(text)
    )
    return text if is_unit or not text else UNKNOWN_UNIT
