"""The names by which waveforms go in the field."""

from __future__ import annotations

from psg.claims.words import phrase_table
from psg.events import (
    alpha,
    arousal,
    blink,
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

TONE, LAMF, EYE_MOVEMENT = "tone", "lamf", "eye_movement"
ATONIA = "atonia"
"""Read as low tone."""

_NAMES: dict[str, tuple[str, ...]] = {
    spindle.KIND: ("spindle", "sleep spindle", "sigma"),
    k_complex.KIND: ("k complex", "kcomplex", "kc"),
    slow_wave.KIND: (
        "slow wave",
        "slow wave activity",
        "slow oscillation",
        "delta",
        "delta wave",
        "delta activity",
        "swa",
    ),
    alpha.KIND: (
        "alpha",
        "alpha rhythm",
        "posterior dominant rhythm",
        "dominant posterior rhythm",
        "pdr",
    ),
    theta.KIND: ("theta", "theta activity"),
    vertex_wave.KIND: (
        "vertex wave",
        "vertex sharp wave",
        "sharp vertex wave",
        "vertex sharp transient",
        "v wave",
    ),
    sawtooth.KIND: ("sawtooth", "saw tooth", "sawtooth wave", "saw tooth wave"),
    rapid_eye_movement.KIND: (
        "rapid eye movement",
        "fast eye movement",
        "saccadic eye movement",
        "saccade",
    ),
    slow_eye_movement.KIND: (
        "slow eye movement",
        "slow rolling eye movement",
        "rolling eye movement",
        "sem",
    ),
    blink.KIND: ("blink", "eye blink", "eyeblink"),
    EYE_MOVEMENT: ("eye movement", "ocular movement"),
    arousal.KIND: (
        "arousal",
        "micro arousal",
        "microarousal",
        "abrupt shift of eeg frequency",
        "abrupt frequency shift",
        "frequency shift abruptly",
    ),
    movement.KIND: (
        "movement",
        "body movement",
        "major body movement",
        "gross body movement",
        "movement artefact",
        "movement artifact",
    ),
    TONE: (
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
    ATONIA: ("atonia", "muscle atonia", "rem atonia", "chin atonia"),
    LAMF: (
        "low amplitude mixed frequency",
        "low amplitude mixed frequency activity",
        "low amplitude mixed frequency eeg",
        "low voltage mixed frequency",
        "low amplitude and mixed frequency",
        "mixed frequency",
        "mixed frequency activity",
        "lamf",
        "lamf activity",
    ),
}
_PAIRS = (
    ("rapid or slow eye movement", (rapid_eye_movement.KIND, slow_eye_movement.KIND)),
    ("slow or rapid eye movement", (slow_eye_movement.KIND, rapid_eye_movement.KIND)),
)
_BANDS = tuple(
    f"{wave} {word}"
    for wave in ("alpha", "delta", "theta", "sigma", "spindle", "slow wave")
    for word in ("range", "band", "frequency", "power", "frequency range", "frequency band")
)
_NO_KINDS = (
    *_BANDS,
    "rem sleep",
    "stage rem",
    "nrem",
    "rem stage",
    "rem epoch",
    "rem period",
    "rem latency",
    "rem rule",
    "slow wave sleep",
    "delta sleep",
    "alpha producer",
    "alpha non producer",
    "alpha generator",
    "movement time",
    "spindle criterion",
    "arousal index",
    "arousal criterion",
)

_KINDS: list[tuple[str, tuple[str, ...]]] = [
    *((name, (kind,)) for kind, names in _NAMES.items() for name in names),
    *_PAIRS,
    # Stages and habits of a sleeper that have the name of a wave in theirs.
    *((words, ()) for words in _NO_KINDS),
]
KINDS = phrase_table(_KINDS)

RHYTHMS = frozenset({slow_wave.KIND, alpha.KIND, theta.KIND, LAMF, movement.KIND, sawtooth.KIND})
"""Kinds of which one says how much of an epoch they fill."""

# "REM" alone is the stage as often as the movement; these words before it make it the movement.
REM_AS_MOVEMENT = frozenset(
    {"a", "an", "any", "no", "without", "single", "one", "isolated", "phasic", "each"}
)
REM = rapid_eye_movement.KIND
