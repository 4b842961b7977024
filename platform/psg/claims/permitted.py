"""What a text may state of an epoch, by what was measured: kinds, times, absences and numbers.

A kind whose detector is trusted may be named only where it was detected, and its absence only where
nothing was. A kind whose detector is not trusted is limited by what its verdicts contradict, and a
kind that is not read in the epoch is not limited at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, inf

import numpy as np

from psg.claims.aspects import FILLED_SLACK_S, VALUES, events_of, filled_s, is_near
from psg.claims.checking import check_epoch, why_not_measured
from psg.claims.claim import Claim, Range, Span
from psg.claims.measured import MeasuredEpoch
from psg.claims.reading import read_claims
from psg.claims.unread import not_read, searched_kind
from psg.claims.verdict import CONTRADICTED, SUPPORTED, compare
from psg.claims.vocabulary import TONE
from psg.events import DetectedEvent, EventKind, registry
from psg.events.kind import LEAST_PRECISION
from psg.stages import EPOCH_S

_HERTZ, _MICROVOLTS = VALUES


@dataclass(frozen=True)
class PermittedKind:
    """What may be stated of a kind in an epoch.

    Attributes
    ----------
    kind
        The kind of event.
    is_trusted
        Whether its detector is. Of other kinds only `present` and `absent` are limited.
    present, absent
        Whether a text may state that there are such events, and that there are none.
    events
        What was detected.
    filled_s
        Seconds of the epoch under such events.
    """

    kind: EventKind
    is_trusted: bool
    present: bool
    absent: bool
    events: tuple[DetectedEvent, ...]
    filled_s: float

    @property
    def seconds(self) -> tuple[int, ...]:
        """Whole seconds of the epoch at which such an event may be stated."""
        return tuple(s for s in range(round(EPOCH_S) + 1) if self.is_at(Span(s, s)))

    @property
    def seconds_of_events(self) -> tuple[tuple[int, ...], ...]:
        """Whole seconds at which each of the events may be stated, in the order of events.

        A second near several is that of the event with the nearest start, so that no second is
        stated twice.
        """
        own: dict[int, list[int]] = {}
        for second in self.seconds:
            near = [n for n, e in enumerate(self.events) if is_near(e, Span(second, second))]
            nearest = min(near, key=lambda n: abs(self.events[n].start_s - second))
            own.setdefault(nearest, []).append(second)
        return tuple(tuple(own[n]) for n in sorted(own))

    @property
    def filled_whole_s(self) -> tuple[int, ...]:
        """Whole numbers that may be given for the seconds filled; of rhythms alone."""
        if not self.kind.is_rhythm:
            return ()
        return _near(self.filled_s, FILLED_SLACK_S)

    @property
    def filled_percent(self) -> tuple[int, ...]:
        """Whole numbers that may be given for the share of the epoch; of rhythms alone."""
        if not self.kind.is_rhythm:
            return ()
        percent = 100 / EPOCH_S
        return tuple(
            n for n in _near(percent * self.filled_s, percent * FILLED_SLACK_S) if n <= 100
        )

    @property
    def hertz(self) -> tuple[int, ...]:
        """Whole numbers that may be given for the frequency."""
        known = [e.frequency_hz for e in self.events if e.frequency_hz is not None]
        return _near(float(np.median(known)), _HERTZ.least_slack) if known else ()

    @property
    def microvolts(self) -> tuple[int, ...]:
        """Whole numbers that may be given for the peak-to-peak size."""
        known = [e.peak_to_peak_uv for e in self.events if e.peak_to_peak_uv is not None]
        return _near(float(np.median(known)), _MICROVOLTS.least_slack) if known else ()

    def is_at(self, span: Span) -> bool:
        return any(is_near(event, span) for event in self.events)

    def permits(self, claim: Claim) -> bool:
        """Whether a claim of this kind keeps to what was measured; its values are not looked at."""
        if claim.absent:
            return self.absent or bool(claim.spans and not any(map(self.is_at, claim.spans)))
        at_times = not self.is_trusted or all(map(self.is_at, claim.spans))
        return self.present and at_times


def _near(value: float, slack: float) -> tuple[int, ...]:
    """Return the whole numbers to which a value may be rounded in a text."""
    candidates = range(max(floor(0.8 * value - slack), 0), ceil(1.2 * value + slack) + 1)
    return tuple(n for n in candidates if _is_rounded(value, n, slack))


def _is_rounded(value: float, number: int, slack: float) -> bool:
    return compare(value, 0.0, Range(number, number), least_slack=slack) is SUPPORTED


def permitted_kinds(epoch: MeasuredEpoch) -> tuple[PermittedKind, ...]:
    """Return the kinds of which a text of this epoch may not state everything."""
    found = (_permitted(kind, epoch) for kind in registry.EVENT_KINDS if kind.find)
    return tuple(
        its for its in found if its and (its.is_trusted or not (its.present and its.absent))
    )


def _permitted(kind: EventKind, epoch: MeasuredEpoch) -> PermittedKind | None:
    """Return what may be stated of a kind; None where it is not read, or is judged as a level."""
    claim = Claim(kind.id)
    if kind.id == TONE or not_read(claim, epoch) or why_not_measured(claim, epoch):
        return None
    kind = searched_kind(claim, kind, epoch)
    events = events_of(kind, epoch)
    is_trusted = _is_trusted(kind, epoch)
    absent = check_epoch(replace(claim, absent=True), epoch).outcome is not CONTRADICTED
    present = check_epoch(claim, epoch).outcome is not CONTRADICTED
    return PermittedKind(
        kind=kind,
        is_trusted=is_trusted,
        present=bool(events) if is_trusted else present,
        absent=absent and not (is_trusted and events),
        events=events,
        filled_s=filled_s(kind, epoch),
    )


def _is_trusted(kind: EventKind, epoch: MeasuredEpoch) -> bool:
    """Whether detections of a kind are known to be mostly right."""
    if epoch.is_simulated:
        return (kind.trust.precision or -inf) >= LEAST_PRECISION
    return kind.on_real_marks.is_good


@dataclass(frozen=True)
class ReadAgainstSignal:
    """A text, read and compared with its epoch.

    Attributes
    ----------
    claims
        How many statements could be checked.
    contradicted
        Statements that the measurements contradict, in the words of the text.
    not_permitted
        Statements that go beyond what was measured, contradicted or not, in the words of the text.
    """

    claims: int
    contradicted: tuple[str, ...]
    not_permitted: tuple[str, ...]


def read_against(
    text: str, epoch: MeasuredEpoch, permitted: Sequence[PermittedKind]
) -> ReadAgainstSignal:
    """Read a text and compare each of its statements with the epoch."""
    claims = read_claims(text).claims
    limits = {its.kind.id: its for its in permitted}
    contradicted, beyond = [], []
    for claim in claims:
        is_wrong = check_epoch(claim, epoch).outcome is CONTRADICTED
        limit = limits.get(claim.kind)
        if is_wrong:
            contradicted.append(claim.text)
        if is_wrong or (limit is not None and not limit.permits(claim)):
            beyond.append(claim.text)
    return ReadAgainstSignal(len(claims), tuple(contradicted), tuple(beyond))
