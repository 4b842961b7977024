"""Which detectors answer for a kind of claim, and where they look."""

from __future__ import annotations

from dataclasses import dataclass

from psg.claims.vocabulary import EYE_MOVEMENT
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
from psg.montage import Derivation


@dataclass(frozen=True)
class Detection:
    """A kind as it is detected.

    Attributes
    ----------
    noun
        Its name in a sentence.
    needs
        Derivations without which nothing can be found; the first is where it is measured.
    band_hz
        In which its size is measured elsewhere.
    is_lasting
        It goes on for seconds, so that one asks how much of a stretch it fills.
    """

    noun: str
    kinds: tuple[str, ...]
    needs: tuple[Derivation, ...]
    band_hz: tuple[float, float]
    is_lasting: bool = False


_F4, _C4, _O2 = Derivation.F4, Derivation.C4, Derivation.O2
_EYES = (Derivation.E1, Derivation.E2)
_SPINDLE, _K_COMPLEX, _REM = spindle.KIND, k_complex.KIND, rapid_eye_movement.KIND
_SEM, _SLOW_WAVE, _MOVEMENT = slow_eye_movement.KIND, slow_wave.KIND, movement.KIND

DETECTIONS: dict[str, Detection] = {
    _SPINDLE: Detection("spindle", (_SPINDLE,), (_C4,), spindle.BAND_HZ),
    _K_COMPLEX: Detection("K complex", (_K_COMPLEX,), (_F4,), (0.3, 4.0)),
    _SLOW_WAVE: Detection("slow wave", (_SLOW_WAVE,), (_F4,), (0.3, 4.0)),
    alpha.KIND: Detection("alpha", (alpha.KIND,), (_O2,), alpha.BAND_HZ, is_lasting=True),
    theta.KIND: Detection("theta", (theta.KIND,), (_C4,), theta.BAND_HZ, is_lasting=True),
    vertex_wave.KIND: Detection("vertex wave", (vertex_wave.KIND,), (_C4,), vertex_wave.BAND_HZ),
    sawtooth.KIND: Detection("train of sawtooth waves", (sawtooth.KIND,), (_C4,), sawtooth.BAND_HZ),
    _REM: Detection("rapid eye movement", (_REM,), _EYES, rapid_eye_movement.BAND_HZ),
    _SEM: Detection("slow eye movement", (_SEM,), _EYES, (0.15, 1.5)),
    EYE_MOVEMENT: Detection("eye movement", (_REM, _SEM), _EYES, rapid_eye_movement.BAND_HZ),
    blink.KIND: Detection("blink", (blink.KIND,), (Derivation.E2, _F4), (0.8, 10.0)),
    arousal.KIND: Detection("arousal", (arousal.KIND,), (_C4,), (8.0, 30.0)),
    _MOVEMENT: Detection("body movement", (_MOVEMENT,), (_C4,), (0.3, 35.0), is_lasting=True),
    chin_tone.KIND: Detection(
        "rise of chin tone", (chin_tone.KIND,), (Derivation.CHIN,), (10.0, 45.0)
    ),
}
