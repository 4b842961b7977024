"""Counts of a night by a reference, which add up over nights and subjects.

A reference holds the stage of each epoch by an expert or the simulator. The answers of a reader are
compared with it by stages, cited rules and events in rationales, and their claims are checked
against the signal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.adapters import NightToScore
from inference.training.data.nights import LabelledNight
from inference.training.evaluation.certainty import CertaintySums, certainty_sums
from inference.training.evaluation.readers import NightAnswers
from inference.training.evaluation.rule_overlap import RuleSums, overlap_sums
from psg.agreement import at_transition
from psg.agreement.reference import tested_confusion
from psg.agreement.sums import Floats, RecordingSums
from psg.claims import OTHER_EPOCH, Claim, MeasuredNight, Span, check, claims_of, read_claims
from psg.claims.aspects import NEAR_S
from psg.events.measures import HALF_S
from psg.rules.editions import RuleEdition
from psg.simulate import SimulatedEvent
from psg.simulate.night import ALSO_RIGHT, KINDS, LASTING, events_by_kind
from psg.stages import EPOCH_S, UNSCORED_CODE, stage_codes

Events = Mapping[str, Sequence[SimulatedEvent]]


@dataclass(frozen=True)
class ReferenceNight:
    """Stages, rules and events of a night by an expert, or by the simulator.

    Attributes
    ----------
    subject
        The person: intervals are drawn over subjects, not over nights.
    night
        Signals and a unique name, the input of readers.
    codes
        Stage codes, -1 where the reference gives no stage: such epochs are not judged; (n_epochs,).
    rules
        Cited rules of each epoch; None where this reference cites none in the whole night.
    events
        Every event of the night by kind, in seconds from the first epoch; None where unknown.
    is_simulated
        Whether the simulator made the night.
    """

    subject: str
    night: NightToScore
    codes: NDArray[np.int8]
    rules: Sequence[Sequence[str]] | None
    events: Events | None
    is_simulated: bool = False

    @property
    def epoch_count(self) -> int:
        return len(self.codes)


def reference_of(labelled: LabelledNight) -> ReferenceNight:
    """Lay the labels of a night out on its epochs."""
    count = labelled.signals.epoch_count
    codes = np.full(count, UNSCORED_CODE, dtype=np.int8)
    codes[[label.epoch for label in labelled.labels]] = stage_codes(
        [label.stage for label in labelled.labels]
    )
    rules: list[Sequence[str]] = [()] * count
    for label in labelled.labels:
        rules[label.epoch] = label.rules
    return ReferenceNight(
        subject=labelled.subject,
        night=NightToScore(labelled.recording, labelled.signals, labelled.is_simulated),
        codes=codes,
        rules=rules if any(rules) else None,
        events=events_by_kind(labelled.events) if labelled.events else None,
        is_simulated=labelled.is_simulated,
    )


@dataclass(frozen=True)
class StageSums(RecordingSums):
    """Epochs by the reference's stage and the reader's; the last column is "no stage read"."""

    all: Floats
    """(..., 5, 6)."""
    beside_change: Floats
    """Only epochs beside a change of the reference's stage; (..., 5, 6)."""


def stage_sums(night: ReferenceNight, answers: NightAnswers) -> StageSums:
    """Sums of a night over the epochs that were answered."""
    reference = np.where(answers.covered, night.codes, UNSCORED_CODE)
    beside = at_transition(night.codes[:, None])
    return StageSums(
        all=tested_confusion(reference, answers.codes),
        beside_change=tested_confusion(np.where(beside, reference, UNSCORED_CODE), answers.codes),
    )


def rule_sums(night: ReferenceNight, answers: NightAnswers, edition: RuleEdition) -> RuleSums:
    """Sums of a night; all zero where its reference cites no rules."""
    if night.rules is None:
        return RuleSums(np.zeros(3), np.zeros(3))
    given: list[Sequence[str]] = [()] * len(night.rules)
    for epoch, reply in answers.parsed.items():
        given[epoch] = (*reply.rules, *reply.unknown_rules)
    counted = answers.covered & (night.codes != UNSCORED_CODE)
    is_read = answers.codes != UNSCORED_CODE
    return overlap_sums(night.rules, given, counted, is_read, edition)


MOMENTARY = tuple(kind for kind in KINDS if kind not in LASTING)
Stretch = tuple[float, float]
"""Start and end in seconds of the epoch at hand; either may lie outside it."""


@dataclass(frozen=True)
class EventSums(RecordingSums):
    """Counts by kind, in the order of MOMENTARY, and seconds by kind, in that of LASTING."""

    claimed: Floats
    """Times in rationales; (..., n)."""
    claimed_right: Floats
    """Of those, with an event of their own there; (..., n)."""
    present: Floats
    """Events in the epochs that were answered; (..., n)."""
    present_claimed: Floats
    """Of those, claimed with their time; (..., n)."""
    claimed_s: Floats
    present_s: Floats
    shared_s: Floats
    """Seconds of rhythms claimed, present, and both; (..., m)."""


def event_sums(night: ReferenceNight, answers: NightAnswers) -> EventSums | None:
    """Compare the rationales of a night with its events; None where those are not known.

    An event counts as claimed where a time in the rationale lies within a second of it, and each
    event stands for a single time. An epoch whose reply could not be read claims nothing.
    """
    if night.events is None:
        return None
    inside = {kind: _by_epoch(events, night.epoch_count) for kind, events in night.events.items()}
    counts, seconds = np.zeros((4, len(MOMENTARY))), np.zeros((3, len(LASTING)))
    parsed = answers.parsed
    for epoch in answers.by_epoch:
        claims = claims_of(parsed[epoch].rationale) if epoch in parsed else []
        times = {kind: _times(claims, kind) for kind in KINDS}
        here = {kind: epochs[epoch] for kind, epochs in inside.items()}
        counts += np.array([_counts(times[kind], here, kind) for kind in MOMENTARY]).T
        seconds += np.array([_shared_seconds(times[kind], here[kind]) for kind in LASTING]).T
    return EventSums(*counts, *seconds)


def _times(claims: Sequence[Claim], kind: str) -> list[Span]:
    """Return the times at which a kind is claimed; a repeated time counts once.

    "In the first half" is too long for the time of a momentary event and is left out.
    """
    longest_s = EPOCH_S if kind in LASTING else HALF_S - 0.1
    spans = [s for claim in claims if claim.kind == kind and not claim.absent for s in claim.spans]
    times = [span for span in spans if span.duration_s <= longest_s]
    return list({(span.start_s, span.end_s): span for span in times}.values())


def _by_epoch(events: Sequence[SimulatedEvent], epoch_count: int) -> list[list[Stretch]]:
    """Return the events in or near each epoch, in seconds from its start."""
    inside: list[list[Stretch]] = [[] for _ in range(epoch_count)]
    for event in events:
        first = max(int((event.start_s - NEAR_S) // EPOCH_S), 0)
        last = min(int((event.end_s + NEAR_S) // EPOCH_S), epoch_count - 1)
        for epoch in range(first, last + 1):
            onset_s = epoch * EPOCH_S
            inside[epoch].append((event.start_s - onset_s, event.end_s - onset_s))
    return inside


def _counts(
    times: Sequence[Span], here: Mapping[str, Sequence[Stretch]], kind: str
) -> tuple[int, int, int, int]:
    """Count claimed times, correct times, present events and claimed events of a kind."""
    extra = [stretch for also in ALSO_RIGHT.get(kind, ()) for stretch in here[also]]
    events = [*here[kind], *extra]
    own = [place for place, event in enumerate(here[kind]) if 0 <= sum(event) / 2 < EPOCH_S]
    matched = _match(times, events)
    return len(times), len(matched), len(own), len(matched.intersection(own))


def _match(times: Sequence[Span], events: Sequence[Stretch]) -> set[int]:
    """Match times and events, nearest pairs first; return the places of matched events."""
    pairs = sorted(
        (abs(time.start_s - event[0]), place, number)
        for place, event in enumerate(events)
        for number, time in enumerate(times)
        if _fits(time, event)
    )
    matched: set[int] = set()
    used: set[int] = set()
    for _, place, number in pairs:
        if place not in matched and number not in used:
            matched.add(place)
            used.add(number)
    return matched


def _fits(time: Span, event: Stretch) -> bool:
    """Whether a time lies within the event and a second around it."""
    return time.start_s >= event[0] - NEAR_S and time.end_s <= event[1] + NEAR_S


def _shared_seconds(
    times: Sequence[Span], present: Sequence[Stretch]
) -> tuple[float, float, float]:
    """Return the seconds of an epoch that are claimed, present, and both."""
    claimed = _filled([(span.start_s, span.end_s) for span in times])
    true = _filled(present)
    return claimed.sum() / 10, true.sum() / 10, (claimed & true).sum() / 10


def _filled(stretches: Sequence[Stretch]) -> NDArray[np.bool_]:
    """Which tenths of a second of the epoch are covered; (300,)."""
    mask = np.zeros(int(10 * EPOCH_S), dtype=np.bool_)
    for start_s, end_s in stretches:
        mask[max(round(10 * start_s), 0) : max(round(10 * end_s), 0)] = True
    return mask


def claim_outcomes(measured: MeasuredNight, answers: NightAnswers) -> Counter[str]:
    """Count claims by outcome. Statements on another epoch are counted as ``of_another_epoch``,
    statements that were not understood as ``unread``."""
    outcomes: Counter[str] = Counter()
    for epoch, reply in answers.parsed.items():
        text = read_claims(reply.rationale)
        elsewhere = sum(part.reason == OTHER_EPOCH for part in text.unread)
        outcomes["of_another_epoch"] += elsewhere
        outcomes["unread"] += len(text.unread) - elsewhere
        outcomes.update(check(claim, measured, epoch).outcome.value for claim in text.claims)
    return outcomes


@dataclass(frozen=True)
class NightSums:
    """Sums of a night by a reference; None for rules and events that cannot be compared."""

    night: str
    subject: str
    stages: StageSums
    rules: RuleSums | None
    events: EventSums | None
    certainty: CertaintySums


@dataclass(frozen=True)
class NightCounts:
    """Counts of a reader in a night, by a reference.

    ``outcomes`` are those of claims in rationales, ``stages`` those given, ``faults`` those of
    replies without a stage.
    """

    sums: NightSums
    outcomes: Counter[str]
    stages: Counter[str]
    faults: Counter[str]
    seconds: float
    answered: int


def count_night(
    night: ReferenceNight,
    answers: NightAnswers,
    measured: MeasuredNight,
    *,
    edition: RuleEdition,
    gives_words: bool,
) -> NightCounts:
    """Compare the answers to a night with its reference, and their claims with the signal."""
    return NightCounts(
        sums=NightSums(
            night=night.night.key,
            subject=night.subject,
            stages=stage_sums(night, answers),
            rules=rule_sums(night, answers, edition) if gives_words else None,
            events=event_sums(night, answers) if gives_words else None,
            certainty=certainty_sums(night.codes, answers),
        ),
        outcomes=claim_outcomes(measured, answers) if gives_words else Counter(),
        stages=Counter(reply.stage.value for reply in answers.parsed.values()),
        faults=answers.faults,
        seconds=answers.seconds,
        answered=len(answers.by_epoch),
    )
