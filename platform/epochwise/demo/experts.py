"""Stages, rules and rationales of the simulated experts of the demo.

The rationales are written from the simulated events, not from the signals, so they do not depend
on the model that pre-scores the same recording.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from annotations.scoring.scores import ScoreContent
from psg.simulate import SimulatedEvent, SimulatedNight, scorer_labels
from psg.stages import EPOCH_S, Stage

MOST_EVENTS_NAMED = 2
ALPHA_HALF_S = EPOCH_S / 2


@dataclass(frozen=True)
class EpochEvents:
    """The events that begin in an epoch, in seconds from its start."""

    onset_s: float
    events: Sequence[SimulatedEvent]

    def of(self, *kinds: str) -> list[SimulatedEvent]:
        return [event for event in self.events if event.kind in kinds]

    def seconds(self, kind: str) -> float:
        return sum(event.end_s - event.start_s for event in self.of(kind))

    def places(self, *kinds: str) -> str:
        """Return the onsets of events in words, for example "at 3.1 and 14.0 s"."""
        named = self.of(*kinds)[:MOST_EVENTS_NAMED]
        return "at " + " and ".join(f"{e.start_s - self.onset_s:.1f}" for e in named) + " s"


def expert_contents(
    night: SimulatedNight, *, scorer_seed: int, terse: bool
) -> Iterator[tuple[int, ScoreContent]]:
    """Yield epoch number and score (stage, rules, rationale) of a simulated expert."""
    stages = scorer_labels(night, scorer_seed)
    for epoch, stage in enumerate(stages):
        if stage is not None:
            seen = _events_of(night, epoch)
            before = stages[epoch - 1] if epoch else None
            yield epoch, _content(stage, before, seen, terse=terse)


def _events_of(night: SimulatedNight, epoch: int) -> EpochEvents:
    onset_s = night.grid.onset_s(epoch)
    inside = [e for e in night.events if onset_s <= e.start_s < onset_s + EPOCH_S]
    return EpochEvents(onset_s, inside)


def _content(stage: Stage, before: Stage | None, seen: EpochEvents, *, terse: bool) -> ScoreContent:
    rule, finding, context = _READERS[stage](seen, before)
    text = finding if terse else f"{finding} {context}"
    return ScoreContent(stage=stage, rules=[rule], rationale=text)


Reading = tuple[str, str, str]


def _wake(seen: EpochEvents, before: Stage | None) -> Reading:
    quiet = "Chin tone is waking tone and there is no sleep spindle or K complex."
    if seen.seconds("alpha") > ALPHA_HALF_S:
        return "W.1", "Alpha rhythm fills more than half of the epoch in O2-M1.", quiet
    if seen.of("blink"):
        return "W.2", f"Eye blinks {seen.places('blink')} in E1-M2 and E2-M2.", quiet
    if seen.of("waking_rem"):
        return (
            "W.3",
            f"Rapid eye movements {seen.places('waking_rem')} with raised chin tone.",
            quiet,
        )
    return "W.1", "Alpha rhythm in O2-M1 for most of the epoch.", quiet


def _n1(seen: EpochEvents, before: Stage | None) -> Reading:
    context = "Neither spindle nor K complex ends this stage yet."
    if seen.of("vertex_wave", "sem"):
        places = seen.places("vertex_wave", "sem")
        return "N1.2", f"Slowing with vertex waves or slow eye movements {places}.", context
    return "N1.1", "Alpha gives way to low-amplitude mixed-frequency activity.", context


def _n2(seen: EpochEvents, before: Stage | None) -> Reading:
    context = "Slow waves stay under a fifth of the epoch, so N3 is not met."
    if seen.of("spindle"):
        return "N2.1", f"Sleep spindle {seen.places('spindle')} in C4-M1.", context
    if seen.of("k_complex"):
        return "N2.1", f"K complex {seen.places('k_complex')} in F4-M1.", context
    if before is Stage.N3:
        return "N2.3", "Slow waves have become too few for N3, and neither W nor R is met.", context
    return "N2.2", "The N2 pattern goes on without arousal since the last spindle.", context


def _n3(seen: EpochEvents, before: Stage | None) -> Reading:
    return (
        "N3.1",
        f"Slow waves above 75 uV in F4-M1 add up to {seen.seconds('slow_wave'):.0f} s.",
        "They reach a fifth of the epoch; the eyes show only the waves of the EEG.",
    )


def _rem(seen: EpochEvents, before: Stage | None) -> Reading:
    context = "Chin tone is at its lowest of the night; no spindle and no K complex."
    if seen.of("rem"):
        return "R.1", f"Rapid eye movements {seen.places('rem')} with low chin tone.", context
    return "R.2", "The REM pattern goes on beside an epoch with rapid eye movements.", context


_READERS = {
    Stage.W: _wake,
    Stage.N1: _n1,
    Stage.N2: _n2,
    Stage.N3: _n3,
    Stage.R: _rem,
}
