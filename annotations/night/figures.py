"""Figures over the scorers of a recording: sleep statistics, and what a majority would settle."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from annotations.adjudication.majority import (
    MajorityRule,
    Standing,
    Votes,
    apply_rule,
    usual_rule,
)
from annotations.agreement.one_night import ScoredNight
from annotations.agreement.recording_scorings import RecordingScorings, recording_scorings
from annotations.agreement.sheet import PEOPLE, Column
from annotations.scoring.models import FINISHED, EpochScore, Scorer, Scoring
from psg.agreement import category_counts
from psg.stages import STAGES, UNSCORED_CODE, stage_codes
from recordings.models import Recording
from studies.models import User


@dataclass(frozen=True)
class Spread:
    """A sleep statistic over scorers; None where no scorer has it."""

    name: str
    unit: str
    consensus: float | None
    median: float | None
    low: float | None
    high: float | None
    scorers: int


@dataclass(frozen=True)
class Settled:
    """What the usual rule of a majority would settle at the start of an adjudication."""

    scorings: int
    """Finished scorings; copies and a consensus are none of them."""
    disputed: int
    """Epochs to which these give different stages: those that lists of differences show."""
    partial: int
    """Epochs with the same stage by some and none by others, which people settle as well."""
    epochs: int
    """Epochs of either kind that the rule would settle."""
    rule: str

    @property
    def to_settle(self) -> int:
        """Epochs with which an adjudication of these scorings begins."""
        return self.disputed + self.partial

    @property
    def words(self) -> str:
        which = "Both" if self.scorings == 2 else f"All {self.scorings}"
        if not self.to_settle:
            return f"{which} finished scorings agree on every epoch."
        verb = "has" if self.partial == 1 else "have"
        partial = f", {_epochs(self.partial)} {verb} no stage by some" if self.partial else ""
        return (
            f"The {self.scorings} finished scorings differ on {_epochs(self.disputed)}{partial};"
            f" settling by rule would settle {self.epochs}. Rule: {self.rule}"
        )


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count or 'no'} epochs"


@dataclass(frozen=True)
class Figures:
    """The scorings of a recording that a person may see, and figures over them."""

    recording: Recording
    scorings: RecordingScorings
    scorers: int
    """Scorings in the median and the range."""
    left_out: str
    """Which others are in none of them, in words; empty where there are none."""
    spreads: list[Spread]
    settled: Settled | None
    """None where fewer than two scorings are finished."""

    @property
    def has_consensus(self) -> bool:
        return any(entry.is_consensus for entry in self.scorings.hypnograms)

    @property
    def spread_words(self) -> str:
        if not self.scorers:
            return "no finished scoring of a scorer"
        return "of 1 scorer" if self.scorers == 1 else f"median and range of {self.scorers} scorers"


def figures_of(recording: Recording, user: User) -> Figures:
    """Gather what `user` may see of the scorings of a recording, with figures over them."""
    found = recording_scorings(recording, user)
    scorings = [entry.night.scoring for entry in found.hypnograms]
    reasons = left_out_of(scorings)
    return Figures(
        recording=recording,
        scorings=found,
        scorers=reasons.count(""),
        left_out=_left_out_words(reasons),
        spreads=_spreads(found, reasons),
        settled=_settled(recording, found.compared),
    )


# Whose statistics count

CONSENSUS = "consensus"
REASONS = {
    "unfinished": ("unfinished scoring", "unfinished scorings"),
    "copy": ("copy", "copies"),
    "helped": ("scoring with suggestions", "scorings with suggestions"),
    "model": ("model", "models"),
}


def left_out_of(scorings: Sequence[Scoring]) -> list[str]:
    """Return for each scoring why it does not count beside others, "" where it does.

    As on the page of agreement, finished scorings by people without help count; without any of
    these, all that are finished.
    """
    reasons = [_reason(scoring) for scoring in scorings]
    if "" in reasons:
        return reasons
    return ["" if reason in ("helped", "model") else reason for reason in reasons]


def _reason(scoring: Scoring) -> str:
    column = Column.of(scoring)
    checks = (
        (CONSENSUS, column.is_consensus),
        ("copy", scoring.is_copy),
        ("unfinished", scoring.state not in FINISHED),
        ("helped", column.helped),
        ("model", column.kind not in PEOPLE),
    )
    return next((reason for reason, holds in checks if holds), "")


def _left_out_words(reasons: Sequence[str]) -> str:
    counts = Counter(reasons)
    parts = [
        f"{counts[reason]} {one if counts[reason] == 1 else several}"
        for reason, (one, several) in REASONS.items()
        if counts[reason]
    ]
    return f"Not in these figures: {', '.join(parts)}." if parts else ""


def _spreads(found: RecordingScorings, reasons: Sequence[str]) -> list[Spread]:
    return [_spread(row.name, row.unit, row.values, reasons) for row in found.statistics]


def _spread(name: str, unit: str, values: Sequence[float | None], reasons: Sequence[str]) -> Spread:
    both = list(zip(values, reasons, strict=True))
    given = [value for value, reason in both if value is not None and not reason]
    of_consensus = [value for value, reason in both if reason == CONSENSUS]
    return Spread(
        name=name,
        unit=unit,
        consensus=of_consensus[0] if of_consensus else None,
        median=median(given) if given else None,
        low=min(given, default=None),
        high=max(given, default=None),
        scorers=len(given),
    )


# What a majority would settle


def _settled(recording: Recording, compared: Sequence[ScoredNight]) -> Settled | None:
    finished = [night for night in compared if night.scoring.state in FINISHED]
    if len(finished) < 2:
        return None
    rule = usual_rule(len(finished))
    flagged = (
        EpochScore.objects.filter(scoring__in=[night.scoring.pk for night in finished])
        .exclude(flags=[])
        .filter(epoch__lt=recording.epoch_count)
        .order_by()
        .values_list("epoch", flat=True)
        .distinct()
    )
    is_flagged = np.zeros(recording.epoch_count, dtype=np.bool_)
    is_flagged[list(flagged)] = True
    votes = Votes(
        codes=np.stack([stage_codes(night.stages) for night in finished], axis=-1),
        is_model=np.array([night.scoring.scorer.kind == Scorer.Kind.MODEL for night in finished]),
        is_flagged=is_flagged,
    )
    return settled_by(rule, votes)


def settled_by(rule: MajorityRule, votes: Votes) -> Settled:
    """Count what a rule settles where only the epochs on which all agree are settled."""
    codes = votes.codes
    is_open = (codes != codes[:, :1]).any(axis=1)
    counts = category_counts(codes, len(STAGES))
    is_disputed = counts.max(axis=1) < counts.sum(axis=1)
    standing = Standing(
        codes=np.where(is_open, UNSCORED_CODE, codes[:, 0]).astype(np.int8),
        is_open=is_open,
        is_reopened=np.zeros(len(codes), dtype=np.bool_),
    )
    settles = apply_rule(rule, votes, standing).settles
    return Settled(
        scorings=codes.shape[1],
        disputed=int(is_disputed.sum()),
        partial=int((is_open & ~is_disputed).sum()),
        epochs=sum(bool(is_open[epoch]) for epoch in settles),
        rule=rule.words,
    )
