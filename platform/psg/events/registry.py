"""The kinds of events: an entry for each kind, from which every list of kinds is taken.

Detection, candidates, the words of claims, the slots of phrases and the browser read
``EVENT_KINDS`` whenever they need it. A new kind is its detector, a module in this folder with
``KIND`` and ``find``, and its entry here. A kind without a detector is marked by people alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TypedDict

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
from psg.montage import EOG_DERIVATIONS, Derivation

Detector = Callable[[ContinuousNight], list[DetectedEvent]]


@dataclass(frozen=True)
class Trust:
    """Precision and recall of a detector, and standard errors of its measures.

    Measured by ``python -m benchmarks.claims`` over simulated nights (8 nights of 4 h, seeds from
    200 on). They decide how much a detection weighs in a verdict, never what is detected. A kind
    that the simulator does not record has no figures, and no claim is contradicted on it.
    In real recordings `OnRealMarks` takes the place of precision and recall.

    Attributes
    ----------
    precision
        Share of detections that are real.
    recall
        Share of real events that are detected.
    frequency_error_hz
        Error of the frequency.
    size_error
        Error of the peak-to-peak size, relative to the size.
    time_error_s
        Error of the seconds filled in an epoch for lasting kinds, of the duration for others.
    """

    precision: float | None = None
    recall: float | None = None
    frequency_error_hz: float | None = None
    size_error: float | None = None
    time_error_s: float | None = None

    def is_there(self, detections: int) -> float:
        """Return the probability that some of so many detections are real."""
        return 0.0 if self.precision is None else 1 - (1 - self.precision) ** detections

    def is_not_there(self, claimed: int) -> float:
        """Return the probability that some of so many real events would be detected."""
        return 0.0 if self.recall is None else 1 - (1 - self.recall) ** claimed


@dataclass(frozen=True)
class OnRealMarks:
    """Precision and recall of a detector on marks in real recordings.

    Lower ends of 95 % intervals, measured by ``python -m benchmarks.evidence``; None where too few
    marks are at hand. Figures of the simulator are no substitute: it was written by us.

    Attributes
    ----------
    seconds_error_s
        Error of the seconds that a rhythm fills in an epoch, which takes the place of
        ``Trust.time_error_s``.
    """

    precision_at_least: float | None = None
    recall_at_least: float | None = None
    seconds_error_s: float | None = None

    @property
    def is_good(self) -> bool:
        """Whether most detections are surely right, so that they may serve as evidence."""
        return self.precision_at_least is not None and self.precision_at_least >= 0.5


# Compared by identity, so that tables made from a tuple of kinds are looked up fast.
@dataclass(frozen=True, eq=False)
class EventKind:
    """A kind of event, with everything that the platform knows of it.

    Attributes
    ----------
    id
        Its name in evidence, JSON and the slots of phrases.
    noun
        Its name in a sentence, in the singular.
    names
        Names by which people and models write it: lower case, singular, without hyphens.
    derivations
        Derivations that its detector needs; its size is measured in the first.
    else_in
        The derivation in which it is searched where the first is missing; None where it then is
        not searched.
    band_hz
        Band in which its size is compared between derivations.
    find
        Its detector; None for a kind that only people mark.
    trust
        Figures of its detector on simulated nights.
    on_real_marks
        Figures of its detector on real recordings.
    label
        Short name on buttons and marks; the noun where empty.
    heading
        First words of the phrase of a mark; the noun with a capital where empty.
    letter
        Key that starts a mark of it on the page; empty for a kind that nobody marks.
    measures
        Measures that the phrase of a mark gives: ``"frequency"``, ``"size"``.
    loose_names
        Words that mean it only beside its time, since they have other meanings as well.
    is_offered
        Its events are offered to scorers as candidates; background and tone are judged instead.
    is_lasting
        It goes on for seconds: a verdict compares how much of a stretch it fills.
    is_rhythm
        A rationale may give how much of the epoch it fills.
    parts
        Kinds whose events count as events of this kind.
    former_ids
        Names of it in evidence and phrases that were stored earlier.
    """

    id: str
    noun: str
    names: tuple[str, ...]
    derivations: tuple[Derivation, ...]
    band_hz: tuple[float, float] | None = None
    find: Detector | None = None
    trust: Trust = Trust()
    on_real_marks: OnRealMarks = OnRealMarks()
    label: str = ""
    heading: str = ""
    letter: str = ""
    measures: tuple[str, ...] = ()
    loose_names: tuple[str, ...] = ()
    is_offered: bool = True
    is_lasting: bool = False
    is_rhythm: bool = False
    parts: tuple[str, ...] = ()
    former_ids: tuple[str, ...] = ()
    else_in: Derivation | None = None

    def in_derivations(self, present: Collection[Derivation]) -> EventKind:
        """This kind, as it is searched in a recording with these derivations."""
        if self.else_in is None or self.derivations[0] in present or self.else_in not in present:
            return self
        return replace(self, derivations=(self.else_in, *self.derivations[1:]))

    def in_real_recordings(self) -> EventKind:
        """This kind, trusted as far as marks in real recordings allow."""
        real = self.on_real_marks
        trust = replace(
            self.trust,
            precision=real.precision_at_least,
            recall=real.recall_at_least,
            time_error_s=real.seconds_error_s if self.is_rhythm else self.trust.time_error_s,
        )
        return replace(self, trust=trust)

    @property
    def event_ids(self) -> tuple[str, ...]:
        """Ids of the events that count as this kind."""
        return self.parts or (self.id,)

    @property
    def searched(self) -> tuple[Derivation, ...]:
        """Derivations in which its events are searched: the first, or both eyes."""
        if set(EOG_DERIVATIONS) & set(self.derivations):
            return tuple(dict.fromkeys((*EOG_DERIVATIONS, *self.derivations[:1])))
        return self.derivations[:1]


_F4, _C4, _O2, _CHIN = Derivation.F4, Derivation.C4, Derivation.O2, Derivation.CHIN
_FREQUENCY, _SIZE = "frequency", "size"
_REM_TRUST = Trust(0.92, 0.58, None, 0.33, 0.47)

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
        on_real_marks=OnRealMarks(0.00, 0.00),
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
        on_real_marks=OnRealMarks(0.34, 0.73),
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
        trust=Trust(0.74, 0.71, None, 0.40, 1.5),
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


def detect_events(night: ContinuousNight) -> dict[str, list[DetectedEvent]]:
    """Run all detectors over a night: events by kind, each list in order of time."""
    return {kind.id: night.find_once(kind.find) for kind in EVENT_KINDS if kind.find}


def offered_ids() -> frozenset[str]:
    """Ids of the kinds whose events are offered to scorers as candidates."""
    return frozenset(kind.id for kind in EVENT_KINDS if kind.find and kind.is_offered)


def marked_ids() -> tuple[str, ...]:
    """Ids of the kinds that people mark, which are the slots of phrases too."""
    return tuple(kind.id for kind in EVENT_KINDS if kind.letter)


class TrustForBrowser(TypedDict):
    """The figures of `Trust` as plain values for JSON; None where unknown."""

    precision: float | None
    recall: float | None
    frequency_error_hz: float | None
    size_error: float | None
    time_error_s: float | None


class KindForBrowser(TypedDict):
    """A kind of event as plain values for JSON.

    ``letter`` and ``slot`` (its name in the braces of a phrase) are None where nobody marks it.
    ``names`` includes the loose names; ``derivations`` are those in which it is searched;
    ``band_hz`` is None or two numbers.
    """

    id: str
    former_ids: list[str]
    noun: str
    label: str
    heading: str
    letter: str | None
    slot: str | None
    names: list[str]
    measures: list[str]
    derivations: list[str]
    band_hz: list[float] | None
    is_detected: bool
    is_offered: bool
    is_lasting: bool
    trust: TrustForBrowser


def for_browser() -> list[KindForBrowser]:
    """Return all kinds as plain values for JSON, in the order in which the page lists them."""
    return [_as_json(kind) for kind in EVENT_KINDS]


def _as_json(kind: EventKind) -> KindForBrowser:
    return {
        "id": kind.id,
        "former_ids": list(kind.former_ids),
        "noun": kind.noun,
        "label": kind.label or kind.noun,
        "heading": kind.heading or f"{kind.noun[:1].upper()}{kind.noun[1:]}",
        "letter": kind.letter or None,
        "slot": kind.id if kind.letter else None,
        "names": [*kind.names, *kind.loose_names],
        "measures": list(kind.measures),
        "derivations": [derivation.value for derivation in kind.searched],
        "band_hz": list(kind.band_hz) if kind.band_hz else None,
        "is_detected": kind.find is not None,
        "is_offered": kind.find is not None and kind.is_offered,
        "is_lasting": kind.is_lasting,
        "trust": _trust_as_json(kind.trust),
    }


def _trust_as_json(trust: Trust) -> TrustForBrowser:
    return {
        "precision": trust.precision,
        "recall": trust.recall,
        "frequency_error_hz": trust.frequency_error_hz,
        "size_error": trust.size_error,
        "time_error_s": trust.time_error_s,
    }
