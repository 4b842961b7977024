"""What the signal says of a claim."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from psg.claims.claim import Claim
from psg.events import Event


class Outcome(StrEnum):
    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Measured:
    """A value with half the width of its 95 % interval, both in ``unit``."""

    name: str
    value: float
    uncertainty: float
    unit: str


@dataclass(frozen=True)
class Finding:
    """What one aspect of a claim (when, how many, how large) came to."""

    outcome: Outcome
    reason: str
    measured: Measured | None = None


@dataclass(frozen=True)
class Verdict:
    """Outcome over all aspects of a claim, with the reasons that decided.

    ``events`` are those that were compared, so that they can be shown.
    """

    claim: Claim
    outcome: Outcome
    reason: str
    measured: tuple[Measured, ...] = ()
    events: tuple[Event, ...] = ()


def verdict_of(claim: Claim, findings: list[Finding], events: tuple[Event, ...]) -> Verdict:
    """One contradicted aspect contradicts the claim; one that cannot be told leaves it open."""
    outcomes = {finding.outcome for finding in findings}
    ranked = (Outcome.CONTRADICTED, Outcome.CANNOT_TELL, Outcome.SUPPORTED)
    outcome = next((one for one in ranked if one in outcomes), Outcome.CANNOT_TELL)
    reasons = [finding.reason for finding in findings if finding.outcome is outcome]
    measured = tuple(finding.measured for finding in findings if finding.measured)
    return Verdict(claim, outcome, " ".join(reasons), measured, events)
