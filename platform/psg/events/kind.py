"""What a kind of event is, and how far its detector is trusted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

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


LEAST_PRECISION = 0.6
"""From this lower end on, detections are held for right. Above a half, since marks are of few
recordings, and no interval tells how detectors err in others."""
LEAST_RECALL = 0.6
"""From this lower end on, what is not detected is held for absent."""
LEAST_SHARE = 0.5
"""With a lower end below, detections or their absence decide nothing, however many there are: the
errors of an epoch come together, so that several are hardly surer than one."""


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
        return self.precision_at_least is not None and self.precision_at_least >= LEAST_PRECISION

    @property
    def is_rarely_missed(self) -> bool:
        """Whether most events are surely detected, so that a text may say that there are none."""
        return self.recall_at_least is not None and self.recall_at_least >= LEAST_RECALL


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
            precision=_usable(real.precision_at_least),
            recall=_usable(real.recall_at_least),
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


def _usable(share: float | None) -> float | None:
    """Return a share that a verdict may rest on, 0 for one that is known but too small."""
    return 0.0 if share is not None and share < LEAST_SHARE else share
