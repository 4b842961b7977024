"""What a rule rests on without being known: named once, for the scorer to check by eye.

Events of kinds that are not trusted (`trusted`) are named as possible where a cited rule depends on
them. Where none was detected although the rule asks that there be none, that cannot be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from psg.events import (
    alpha,
    arousal,
    blink,
    chin_tone,
    k_complex,
    rapid_eye_movement,
    slow_eye_movement,
    slow_wave,
    theta,
    vertex_wave,
)
from psg.events.eyes import without_eeg
from psg.montage import EOG_DERIVATIONS, Derivation
from psg.rules.reader.clauses import Case
from psg.rules.reader.findings import events_text, joined, plural, sentence
from psg.rules.reader.signs import LEAST_THETA_S, N3_SECONDS
from psg.rules.reader.trusted import absence_is_fact, is_fact, known_kind
from psg.stages import Stage

_ALPHA, _AROUSAL, _K = alpha.KIND, arousal.KIND, k_complex.KIND
_REM, _SEM = rapid_eye_movement.KIND, slow_eye_movement.KIND
WITHOUT_RULE = ""

_ASKED_FOR: Mapping[str, tuple[str, ...]] = {
    WITHOUT_RULE: (_ALPHA, blink.KIND, _REM),
    "W.1": (_ALPHA,),
    "W.2": (blink.KIND,),
    "W.3": (_REM,),
    "N1.2": (theta.KIND, vertex_wave.KIND, _SEM),
    "N2.1": (_K, _AROUSAL),
    "N2.3": (blink.KIND, _AROUSAL),
    "N2.4": (_AROUSAL,),
    "R.1": (_REM, _K),
    "R.3": (_REM, _AROUSAL, chin_tone.KIND),
    "MBM.1": (_ALPHA,),
}
"""Kinds that speak for a rule, or against its stage, where they are there."""
_EXCLUDED: Mapping[str, tuple[str, ...]] = {
    "N1.1": (_ALPHA, _K),
    "N1.2": (_ALPHA, _K),
    "N2.2": (_ALPHA, _AROUSAL),
    "N2.3": (_ALPHA, _REM),
    "R.2": (_K, _AROUSAL),
    "MBM.2": (_ALPHA,),
}
"""Kinds that a rule asks not to be there, or not to prevail."""


def possible_events(case: Case) -> str:
    """Name the events that are no facts and on which the cited rules depend; or nothing."""
    calibration = replace(case.calibration, faulty=tuple(case.here.here.faults))
    seen = [kind for kind in _of_rules(case, _ASKED_FOR, _EXCLUDED) if _matters(kind, case)]
    texts = [events_text(kind, case.here.here, calibration) for kind in seen if not is_fact(kind)]
    return f"Check by eye: {'; '.join(texts)}." if texts else ""


def not_judged(case: Case) -> str:
    """Name the kinds that a cited rule asks not to be there, of which that is not known."""
    missing = [
        known_kind(kind)
        for kind in _of_rules(case, _EXCLUDED)
        if not absence_is_fact(kind) and not case.here.here.count(kind) and _is_read(kind, case)
    ]
    nouns = [kind.noun if kind.is_lasting else plural(kind.noun) for kind in missing]
    return f"{sentence(joined(nouns))[:-1]} cannot be judged: check by eye." if nouns else ""


def _of_rules(case: Case, *tables: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    rules = case.decision.rules or (WITHOUT_RULE,)
    return dict.fromkeys(kind for rule in rules for table in tables for kind in table.get(rule, ()))


def _matters(kind_id: str, case: Case) -> bool:
    if not case.here.here.count(kind_id):
        return False
    if kind_id == theta.KIND:
        return case.here.here.seconds(kind_id) >= LEAST_THETA_S
    if kind_id == _SEM:
        return case.here.rolling_eyes
    if kind_id == chin_tone.KIND:
        return bool(case.here.rem_arousals)
    if kind_id == _K and "N2.1" in case.decision.rules:
        # Beside a sign that is a fact nothing depends on it.
        return not any(is_fact(event.kind) for event in case.here.deciding_n2_signs)
    return True


def _is_read(kind_id: str, case: Case) -> bool:
    """Whether the kind could be looked for; where it could not, a sentence says so already."""
    if kind_id == _REM:
        is_possible = case.here.here.tone_is_low is not False  # else it is no R
        lost = [place for place in Derivation if case.is_lost(place)]
        present = [place for place in Derivation if place not in lost]
        return is_possible and not set(EOG_DERIVATIONS) & set(lost) and not without_eeg(present)
    places = {_K: case.calibration.frontal}
    return not case.is_lost(places.get(kind_id, known_kind(kind_id).searched[0]))


def near_n3(case: Case) -> str:
    """Say it when the seconds that count for N3 are nearer to those it needs than their error."""
    error_s = known_kind(slow_wave.KIND).on_real_marks.seconds_error_s
    is_measured = not case.here.hidden and not case.is_lost(case.calibration.frontal)
    if case.decision.stage not in (Stage.N2, Stage.N3) or not is_measured or error_s is None:
        return ""
    is_near = abs(case.here.slow_s - N3_SECONDS) < error_s
    return "This is close to the 6 s that N3 needs: check by eye." if is_near else ""
