"""The rule by which a majority of scorings settles epochs, computed without the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from psg.agreement import at_transition, category_counts
from psg.stages import STAGES, UNSCORED_CODE

Codes = NDArray[np.int8]

LEAST_PERCENT, MOST_PERCENT = 51, 100
FEWEST_SIDES = 2


class Stays(StrEnum):
    """Why an epoch is not settled by the rule; the first that applies."""

    REOPENED = "reopened"
    FEW = "few"
    SPLIT = "split"
    FLAGGED = "flagged"
    TRANSITION = "transition"


STAYS_WORDS = {
    Stays.REOPENED: "their decision was withdrawn by hand",
    Stays.FEW: "too few scorings have a stage",
    Stays.SPLIT: "the majority is smaller or missing",
    Stays.FLAGGED: "flagged unsure or artefact",
    Stays.TRANSITION: "beside a transition",
}


@dataclass(frozen=True)
class MajorityRule:
    """When the stage of a majority settles an epoch."""

    percent: int = 75
    """The least share of the voting scorings, 51 to 100; a scoring without a stage counts too."""
    least_sides: int = 3
    """How many voting scorings must have a stage."""
    with_models: bool = False
    """Whether scorings by models vote."""
    beside_transitions: bool = False
    """Whether epochs beside a transition of the consensus are settled."""
    where_flagged: bool = False
    """Whether epochs are settled that a scoring flags as unsure or artefact."""

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    @property
    def words(self) -> str:
        """The definition as a sentence for people."""
        return (
            f"Stage of at least {self.percent} % of the scorings,"
            f" {'models included' if self.with_models else 'without models'},"
            f" of which at least {self.least_sides} have a stage"
            f"{'' if self.beside_transitions else '; not beside transitions'}"
            f"{'' if self.where_flagged else '; not where flagged unsure or artefact'}."
        )


def usual_rule(side_count: int) -> MajorityRule:
    """Return the rule that is offered first: half of the scorings must have a stage.

    Never so few that two could outvote a third.
    """
    most = MajorityRule().least_sides
    return MajorityRule(least_sides=max(min(most, side_count), (side_count + 1) // 2))


@dataclass(frozen=True)
class Votes:
    """What the sides of an adjudication say, in the order of their places."""

    codes: Codes
    """(n_epochs, n_sides), -1 without a stage."""
    is_model: NDArray[np.bool_]
    """(n_sides,)"""
    is_flagged: NDArray[np.bool_]
    """(n_epochs,): whether any side flags the epoch as unsure or artefact."""


@dataclass(frozen=True)
class Standing:
    """What is decided so far, by epoch."""

    codes: Codes
    """(n_epochs,) of settled stages, -1 elsewhere."""
    is_open: NDArray[np.bool_]
    """(n_epochs,): not settled."""
    is_reopened: NDArray[np.bool_]
    """(n_epochs,): an adjudicator withdrew a decision of this epoch by hand."""


@dataclass(frozen=True)
class Outcome:
    """What a rule does: the stage of each epoch that it settles, and why others stay open."""

    settles: dict[int, str]
    stays: dict[int, Stays]

    @property
    def by_stage(self) -> dict[str, int]:
        counts = Counter(self.settles.values())
        return {stage.value: counts[stage.value] for stage in STAGES}

    @property
    def by_reason(self) -> dict[str, int]:
        counts = Counter(self.stays.values())
        return {reason.value: counts[reason] for reason in Stays}


def voters(rule: MajorityRule, votes: Votes) -> NDArray[np.bool_]:
    """Mark the sides that vote."""
    return np.ones_like(votes.is_model) if rule.with_models else ~votes.is_model


def apply_rule(rule: MajorityRule, votes: Votes, standing: Standing) -> Outcome:
    """Return what the rule settles of the open epochs, and why the others stay open."""
    codes = votes.codes[:, voters(rule, votes)]
    counts = category_counts(codes, len(STAGES))
    winner, largest, given = counts.argmax(axis=1), counts.max(axis=1), counts.sum(axis=1)
    checks = (
        (Stays.REOPENED, standing.is_reopened),
        (Stays.FEW, given < rule.least_sides),
        (Stays.SPLIT, 100 * largest < rule.percent * codes.shape[1]),
        (Stays.FLAGGED, votes.is_flagged & ~np.bool_(rule.where_flagged)),
        (Stays.TRANSITION, _beside(counts, standing) & ~np.bool_(rule.beside_transitions)),
    )
    settles: dict[int, str] = {}
    stays: dict[int, Stays] = {}
    for epoch in map(int, np.flatnonzero(standing.is_open)):
        reason = next((reason for reason, holds in checks if holds[epoch]), None)
        if reason is None:
            settles[epoch] = STAGES[winner[epoch]].value
        else:
            stays[epoch] = reason
    return Outcome(settles, stays)


def _beside(counts: NDArray[np.int64], standing: Standing) -> NDArray[np.bool_]:
    """Mark epochs beside a transition of the consensus as it would be.

    It has the settled stage of an epoch, and elsewhere the most frequent stage. Where two stages
    are equally frequent a transition may lie on either side, so both neighbours are marked.
    """
    largest = counts.max(axis=1)
    is_tied = (counts == largest[:, None]).sum(axis=1) > 1
    prevailing = np.where(is_tied | (largest == 0), UNSCORED_CODE, counts.argmax(axis=1))
    consensus = np.where(standing.is_open, prevailing, standing.codes)
    is_unclear = standing.is_open & is_tied & (largest > 0)
    beside = at_transition(consensus[:, None])
    beside[1:] |= is_unclear[:-1]
    beside[:-1] |= is_unclear[1:]
    return beside


def examples(epochs: Sequence[int], most: int) -> list[int]:
    """Return up to `most` epochs, spread over the night."""
    if len(epochs) <= most:
        return list(epochs)
    return [epochs[(2 * n + 1) * len(epochs) // (2 * most)] for n in range(most)]
