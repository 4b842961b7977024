"""Verdicts on true and false claims about simulated nights."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.claims.known_nights import KnownNight
from psg.claims import Claim, ClaimOutcome, Range, Span, check, claims_of
from psg.rules.reader import read_night
from psg.simulate import SimulatedEvent
from psg.simulate.night import KINDS, LASTING
from psg.stages import EPOCH_S

_CLAIMS_A_KIND = 60
_FAR_S = 3.0


@dataclass(frozen=True)
class Case:
    """A claim about an epoch, whether it is true, and the sort of statement."""

    claim: Claim
    epoch: int
    is_true: bool
    sort: str


@dataclass
class VerdictScore:
    """Outcomes of true and false claims, by kind of event and sort of statement."""

    counts: dict[tuple[str, str, bool], Counter] = field(default_factory=dict)

    def add(self, kind: str, sort: str, is_true: bool, outcome: ClaimOutcome) -> None:
        self.counts.setdefault((kind, sort, is_true), Counter())[outcome.value] += 1

    def as_json(self) -> dict:
        """Outcomes by kind and by sort, and the shares of right verdicts."""
        return {
            "by_kind": self._grouped(0),
            "by_sort": self._grouped(1),
            "all": {"true": dict(self._total(True)), "false": dict(self._total(False))},
            "of_contradicted_false": self._share(ClaimOutcome.CONTRADICTED, is_true=False),
            "of_supported_true": self._share(ClaimOutcome.SUPPORTED, is_true=True),
        }

    def _grouped(self, by: int) -> dict:
        groups: dict[str, dict[str, Counter]] = {}
        for key, counts in self.counts.items():
            truth = "true" if key[2] else "false"
            groups.setdefault(str(key[by]), {}).setdefault(truth, Counter()).update(counts)
        return {name: {t: dict(c) for t, c in truths.items()} for name, truths in groups.items()}

    def _total(self, is_true: bool) -> Counter:
        return sum((c for key, c in self.counts.items() if key[2] is is_true), Counter())

    def _share(self, outcome: ClaimOutcome, *, is_true: bool) -> float | None:
        right, wrong = self._total(is_true)[outcome.value], self._total(not is_true)[outcome.value]
        return round(right / (right + wrong), 3) if right + wrong else None


def score_verdicts(nights: Iterable[KnownNight]) -> VerdictScore:
    score = VerdictScore()
    for number, night in enumerate(nights):
        rng = random.Random(number)
        for kind in KINDS:
            cases = list(_cases(night, kind, rng))
            for case in rng.sample(cases, min(len(cases), 4 * _CLAIMS_A_KIND)):
                verdict = check(case.claim, night.measured, case.epoch)
                score.add(kind, case.sort, case.is_true, verdict.outcome)
    return score


def score_rationales(nights: Iterable[KnownNight]) -> dict[str, dict[str, int]]:
    """Verdicts on claims in rationales of the rule reader, on their own and on another epoch."""
    outcomes: dict[str, Counter] = {"own epoch": Counter(), "another epoch": Counter()}
    for number, night in enumerate(nights):
        rng = random.Random(number)
        for epoch, reading in enumerate(read_night(night.measured.signals)):
            other = rng.randrange(night.epoch_count)
            for claim in claims_of(reading.rationale):
                outcomes["own epoch"][check(claim, night.measured, epoch).outcome.value] += 1
                outcomes["another epoch"][check(claim, night.measured, other).outcome.value] += 1
    return {name: dict(counts) for name, counts in outcomes.items()}


def _cases(night: KnownNight, kind: str, rng: random.Random) -> Iterator[Case]:
    epochs = rng.sample(range(night.epoch_count), night.epoch_count)
    with_any = [epoch for epoch in epochs if night.inside(kind, epoch)]
    without = [epoch for epoch in epochs if not night.inside(kind, epoch)]
    for epoch in with_any[:_CLAIMS_A_KIND]:
        events = night.inside(kind, epoch)
        yield from _of_event(rng.choice(events), kind, epoch, rng)
        yield Case(Claim(kind, absent=True), epoch, False, "absent")
        if kind in (*LASTING, "slow_wave"):
            yield from _of_share(events, kind, epoch)
        if (wrong := _free_time(events, rng)) is not None:
            claim = Claim(kind, spans=(Span(wrong, wrong),))
            yield Case(claim, epoch, False, "when")
    for epoch in without[:_CLAIMS_A_KIND]:
        yield Case(Claim(kind, absent=True), epoch, True, "absent")
        yield Case(Claim(kind), epoch, False, "seen")


def _of_event(event: SimulatedEvent, kind: str, epoch: int, rng: random.Random) -> Iterator[Case]:
    yield Case(Claim(kind), epoch, True, "seen")
    middle_s = round(min((event.start_s + event.end_s) / 2, EPOCH_S), 1)
    at = (Span(middle_s, middle_s),)
    yield Case(Claim(kind, spans=at), epoch, True, "when")
    for name, sort, factor in (
        ("frequency_hz", "frequency", 1.35),
        ("peak_to_peak_uv", "size", 2.5),
    ):
        value = event.parameters.get(name)
        if value:
            for claimed, is_true in ((value, True), (value * factor, False)):
                limits = Range(round(claimed, 1), round(claimed, 1))
                claim = (
                    Claim(kind, spans=at, frequency_hz=limits)
                    if sort == "frequency"
                    else Claim(kind, spans=at, amplitude_uv=limits)
                )
                yield Case(claim, epoch, is_true, sort)


def _of_share(events: Sequence[SimulatedEvent], kind: str, epoch: int) -> Iterator[Case]:
    share = round(min(sum(e.end_s - e.start_s for e in events) / EPOCH_S, 1.0), 2)
    wrong = share + 0.4 if share < 0.5 else share - 0.4
    yield Case(Claim(kind, share=Range(share, share)), epoch, True, "share")
    yield Case(Claim(kind, share=Range(wrong, wrong)), epoch, False, "share")


def _free_time(events: Sequence[SimulatedEvent], rng: random.Random) -> float | None:
    """Return a time of the epoch that is some seconds away from all these events, or None."""
    for _ in range(20):
        time_s = round(rng.uniform(1, EPOCH_S - 1), 1)
        if all(not e.start_s - _FAR_S < time_s < e.end_s + _FAR_S for e in events):
            return time_s
    return None
