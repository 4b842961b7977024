"""Words for events that are no stages. Only these names are ever kept, never a file's own text."""

from __future__ import annotations

import re

from psg.stagefiles.facts import EventKind
from psg.stagefiles.words import folded

# The first that fits names the event. Parts of words count, since programs add sides, causes and
# channels; the name that is kept comes from here.
_WORDS: tuple[tuple[str, EventKind, str], ...] = (
    (r"\brera\b", EventKind.RESPIRATORY, "RERA"),
    (r"arousal|micro ?eveil|weckreaktion|micro ?despertar|micro ?risveglio", EventKind.AROUSAL,
     "arousal"),
    (r"obstr.*h[iy]popn|h[iy]popn.*obstr", EventKind.RESPIRATORY, "obstructive hypopnea"),
    (r"[cz]entr.*h[iy]popn|h[iy]popn.*[cz]entr", EventKind.RESPIRATORY, "central hypopnea"),
    (r"h[iy]p+opn|ipopnea", EventKind.RESPIRATORY, "hypopnea"),
    (r"obstr.*apn|apn.*obstr", EventKind.RESPIRATORY, "obstructive apnea"),
    (r"[cz]entr.*apn|apn.*[cz]entr", EventKind.RESPIRATORY, "central apnea"),
    (r"(mixed|gemischt|mixt|mist|gemengd).*apn|apn.*(mixed|gemischt|mixt|mist|gemengd)",
     EventKind.RESPIRATORY, "mixed apnea"),
    (r"apn(o|e|é)", EventKind.RESPIRATORY, "apnea"),
    (r"cheyne|periodic breathing|csr\b", EventKind.RESPIRATORY, "periodic breathing"),
    (r"desat|entsatt|ent ?satur|desaturac|saturation drop|sao2|spo2", EventKind.DESATURATION,
     "desaturation"),
    (r"\bplms?\b|periodic (leg|limb)|plm", EventKind.LIMB, "periodic limb movement"),
    (r"(leg|limb) mov|beinbeweg|mouvement.*jambe|movimiento.*pierna|movimento.*(perna|gamb|arto)"
     r"|beenbeweg|\blm\b", EventKind.LIMB, "limb movement"),
    (r"snor|schnarch|ronfl|ronqu|russ(are|amento)|ronco|snurk", EventKind.OTHER, "snore"),
    (r"art[ei]fa[ck]t|artefacto|artefatto|bad (electrode|channel|signal)|bad acq|^bad\b",
     EventKind.ARTEFACT, "artefact"),
    (r"brux|teeth grind", EventKind.OTHER, "bruxism"),
    (r"spindle|spindel|fuseau|huso|fuso", EventKind.OTHER, "spindle"),
    (r"k complex|k komplex|complexe k|kcomplex", EventKind.OTHER, "K complex"),
    (r"slow wave$|sawtooth|rapid eye movements$", EventKind.OTHER, "wave"),
    (r"supine|prone|left side|right side|upright|body pos|ruckenlage|bauchlage|seitenlage|position",
     EventKind.OTHER, "body position"),
    (r"calibrat|kalibr|impedan|biocal|recording start|start of recording|recording end",
     EventKind.OTHER, "recording"),
    (r"brady|tachy|heart ?rate|asystol|ecg event|arrhyth", EventKind.OTHER, "heart"),
    (r"cpap|bipap|titration|pressure", EventKind.OTHER, "pressure"),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), kind, name) for pattern, kind, name in _WORDS)
_LONGEST = 200


def known_event(text: str) -> tuple[EventKind, str] | None:
    """Read the kind and the known name of an event; None where the text names none that is known.

    >>> known_event("Obstructive Apnea (nasal)")
    (<EventKind.RESPIRATORY: 'respiratory'>, 'obstructive apnea')
    """
    words = folded(text[:_LONGEST])
    return next(((kind, name) for pattern, kind, name in _PATTERNS if pattern.search(words)), None)


# Labels of channels, word by word: a label with any other word is not kept.
_CHANNEL_WORD = re.compile(
    r"eeg|e[omc]g|ekg|fp?[z\d]\d?|fpz|[acotpm][z\d]\d?|e[12]|[lr](oc|eog|at|eg|leg)|ref|le|cle|"
    r"chin\d?|leg|arm|tib|tibialis|left|right|nasal|oral|flow|airflow|pressure|therm|thermistor|"
    r"cannula|thor|thorax|thoracic|chest|abd|abdo|abdomen|abdominal|effort|sum|rip|spo2|sao2|pulse|"
    r"pleth|ppg|hr|snore|snoring|mic|pos|position|cpap|mask|ptaf|\d",
    re.IGNORECASE,
)


def known_channel(label: str) -> str:
    """Return the label of a channel where all its words are known ones; else an empty text."""
    words = re.findall(r"\w+", label)
    is_known = len(label) <= 40 and all(_CHANNEL_WORD.fullmatch(word) for word in words)
    return label.strip() if words and is_known else ""
