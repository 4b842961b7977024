"""The kinds of events: an entry for each kind, from which every list of kinds is taken.

Detection, candidates, the words of claims, the slots of phrases and the browser read
``EVENT_KINDS`` whenever they need it. A new kind is its detector, a module in this folder with
``KIND`` and ``find``, and its entry here. A kind without a detector is marked by people alone.
"""

from __future__ import annotations

from psg.events import (
    alpha,
    arousal,
    blink,
    chin_tone,
    k_complex,
    movement,
    rapid_eye_movement,
    sawtooth,
    slow_eye_movement,
    slow_wave,
    spindle,
    theta,
    vertex_wave,
)
from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.kind import EventKind, OnRealMarks, Trust
from psg.events.kind_json import KindForBrowser, as_json
from psg.montage import EOG_DERIVATIONS, Derivation

_F4, _C4, _O2, _CHIN = Derivation.F4, Derivation.C4, Derivation.O2, Derivation.CHIN
_FREQUENCY, _SIZE = "frequency", "size"
_REM_TRUST = Trust(0.96, 0.51, None, 0.31, 0.51)

# In the order in which the page lists them.
EVENT_KINDS: tuple[EventKind, ...] = (
    EventKind(
        spindle.KIND,
        "spindle",
        names=("spindle", "sleep spindle", "sigma"),
        derivations=(_C4,),
        band_hz=spindle.BAND_HZ,
        find=spindle.find,
        # Precision and recall of other nights (seeds from 1000 on), where they are lower.
        trust=Trust(0.93, 0.82, 0.36, 0.20, 0.31),
        on_real_marks=OnRealMarks(0.69, 0.65),
        letter="S",
        measures=(_FREQUENCY, _SIZE),
    ),
    EventKind(
        k_complex.KIND,
        "K complex",
        names=("k complex", "kcomplex", "kc"),
        derivations=(_F4,),
        else_in=_C4,
        band_hz=k_complex.BAND_HZ,
        find=k_complex.find,
        trust=Trust(0.31, 0.83, None, 0.12, 0.11),
        on_real_marks=OnRealMarks(0.27, 0.25),
        letter="K",
        measures=(_SIZE,),
    ),
    EventKind(
        slow_wave.KIND,
        "slow wave",
        names=(
            "slow wave",
            "slow wave activity",
            "slow oscillation",
            "delta",
            "delta wave",
            "delta activity",
            "swa",
        ),
        derivations=(_F4,),
        else_in=_C4,
        band_hz=slow_wave.BAND_HZ,
        find=slow_wave.find,
        trust=Trust(0.77, 0.94, None, 0.22, 0.21),
        on_real_marks=OnRealMarks(0.73, 0.74, 3.3),
        letter="D",
        measures=(_FREQUENCY, _SIZE),
        is_rhythm=True,
    ),
    EventKind(
        alpha.KIND,
        "alpha",
        names=(
            "alpha",
            "alpha rhythm",
            "posterior dominant rhythm",
            "dominant posterior rhythm",
            "pdr",
        ),
        derivations=(_O2,),
        band_hz=alpha.BAND_HZ,
        find=alpha.find,
        trust=Trust(0.98, 0.65, 0.32, 0.89, 4.4),
        letter="A",
        measures=(_FREQUENCY, _SIZE),
        is_lasting=True,
        is_rhythm=True,
    ),
    EventKind(
        theta.KIND,
        "theta",
        names=("theta", "theta activity"),
        derivations=(_C4,),
        band_hz=theta.BAND_HZ,
        find=theta.find,
        measures=(_FREQUENCY, _SIZE),
        is_offered=False,
        is_lasting=True,
        is_rhythm=True,
    ),
    EventKind(
        vertex_wave.KIND,
        "vertex sharp wave",
        names=(
            "vertex wave",
            "vertex sharp wave",
            "sharp vertex wave",
            "vertex sharp transient",
            "v wave",
        ),
        derivations=(_C4,),
        band_hz=vertex_wave.BAND_HZ,
        find=vertex_wave.find,
        trust=Trust(0.93, 0.42, None, 0.12, 0.05),
        label="vertex wave",
        heading="Vertex wave",
        letter="X",
        measures=(_SIZE,),
        loose_names=("vertex",),
    ),
    EventKind(
        rapid_eye_movement.KIND,
        "rapid eye movement",
        names=(
            "rapid eye movement",
            "fast eye movement",
            "saccadic eye movement",
            "saccade",
        ),
        derivations=EOG_DERIVATIONS,
        band_hz=rapid_eye_movement.BAND_HZ,
        find=rapid_eye_movement.find,
        trust=_REM_TRUST,
        on_real_marks=OnRealMarks(0.54, 0.52),
        label="REM",
        letter="R",
        measures=(_SIZE,),
        loose_names=("rem",),
    ),
    EventKind(
        slow_eye_movement.KIND,
        "slow eye movement",
        names=(
            "slow eye movement",
            "slow rolling eye movement",
            "rolling eye movement",
            "sem",
        ),
        derivations=EOG_DERIVATIONS,
        band_hz=(0.15, 1.5),
        find=slow_eye_movement.find,
        trust=Trust(0.82, 0.64, None, 0.40, 1.5),
        label="SEM",
        letter="L",
        measures=(_SIZE,),
    ),
    EventKind(
        "eye_movement",
        "eye movement",
        names=("eye movement", "ocular movement"),
        derivations=EOG_DERIVATIONS,
        band_hz=rapid_eye_movement.BAND_HZ,
        trust=_REM_TRUST,
        parts=(rapid_eye_movement.KIND, slow_eye_movement.KIND),
    ),
    EventKind(
        blink.KIND,
        "blink",
        names=("blink", "eye blink", "eyeblink"),
        derivations=(Derivation.E2, _F4),
        band_hz=(0.8, 10.0),
        find=blink.find,
        trust=Trust(0.94, 0.91, None, 0.29, 0.10),
        letter="B",
        measures=(_SIZE,),
    ),
    EventKind(
        sawtooth.KIND,
        "train of sawtooth waves",
        names=("sawtooth", "saw tooth", "sawtooth wave", "saw tooth wave"),
        derivations=(_C4,),
        band_hz=sawtooth.BAND_HZ,
        find=sawtooth.find,
        trust=Trust(1.00, 0.20, 0.22, 0.10, 2.4),
        label="sawtooth",
        heading="Sawtooth waves",
        letter="T",
        measures=(_FREQUENCY, _SIZE),
        is_rhythm=True,
    ),
    EventKind(
        arousal.KIND,
        "arousal",
        names=(
            "arousal",
            "micro arousal",
            "microarousal",
            "abrupt shift of eeg frequency",
            "abrupt frequency shift",
            "frequency shift abruptly",
        ),
        derivations=(_C4,),
        band_hz=(8.0, 30.0),
        find=arousal.find,
        trust=Trust(0.48, 0.76, None, None, 2.3),
        letter="U",
        measures=(_FREQUENCY,),
    ),
    EventKind(
        chin_tone.KIND,
        "rise of chin tone",
        names=(
            "tone",
            "chin tone",
            "muscle tone",
            "emg tone",
            "chin emg",
            "chin emg tone",
            "chin muscle tone",
            "chin emg activity",
            "chin activity",
            "submental emg",
            "submental emg tone",
            "emg",
            "emg activity",
            "emg amplitude",
            "muscle activity",
            "chin",
        ),
        derivations=(_CHIN,),
        band_hz=(10.0, 45.0),
        find=chin_tone.find,
        label="chin tone",
        heading="Chin tone",
        letter="C",
        measures=(_SIZE,),
        is_offered=False,
        # Marks and slots of phrases were called "tone", detected rises "tone_rise".
        former_ids=("tone", "tone_rise"),
    ),
    EventKind(
        movement.KIND,
        "body movement",
        names=(
            "movement",
            "body movement",
            "major body movement",
            "gross body movement",
            "movement artefact",
            "movement artifact",
        ),
        derivations=(_C4,),
        band_hz=(0.3, 35.0),
        find=movement.find,
        trust=Trust(0.97, 0.38, None, None, 4.4),
        on_real_marks=OnRealMarks(0.65, 0.75, 4.2),
        label="movement",
        heading="Movement",
        letter="M",
        is_lasting=True,
        is_rhythm=True,
    ),
    EventKind(
        "artefact",
        "artefact",
        names=(),
        derivations=(),
        letter="F",
        is_offered=False,
    ),
)


def event_kind(kind_id: str) -> EventKind | None:
    """The kind with this id, or with this id formerly; None for a kind of other software."""
    for kind in EVENT_KINDS:
        if kind_id == kind.id or kind_id in kind.former_ids:
            return kind
    return None


def current_id(kind_id: str) -> str:
    """The present id of a stored kind, whose id may be a former id."""
    kind = event_kind(kind_id)
    return kind.id if kind else kind_id


def proven_ids() -> frozenset[str]:
    """Ids of the kinds whose detections are known to be mostly right in real recordings."""
    return frozenset(kind.id for kind in EVENT_KINDS if kind.on_real_marks.is_good)


def rarely_missed_ids() -> frozenset[str]:
    """Ids of the kinds of which most events in real recordings are known to be detected."""
    return frozenset(kind.id for kind in EVENT_KINDS if kind.on_real_marks.is_rarely_missed)


def detect_events(night: ContinuousNight) -> dict[str, list[DetectedEvent]]:
    """Run all detectors over a night: events by kind, each list in order of time."""
    return {kind.id: night.find_once(kind.find) for kind in EVENT_KINDS if kind.find}


def offered_ids() -> frozenset[str]:
    """Ids of the kinds whose events are offered to scorers as candidates."""
    return frozenset(kind.id for kind in EVENT_KINDS if kind.find and kind.is_offered)


def marked_ids() -> tuple[str, ...]:
    """Ids of the kinds that people mark, which are the slots of phrases too."""
    return tuple(kind.id for kind in EVENT_KINDS if kind.letter)


def for_browser() -> list[KindForBrowser]:
    """Return all kinds as plain values for JSON, in the order in which the page lists them."""
    return [as_json(kind) for kind in EVENT_KINDS]
