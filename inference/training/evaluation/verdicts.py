"""What the signal itself says of the claims in rationales: no known events are needed."""

from __future__ import annotations

from collections import Counter

from inference.training.evaluation.answers import Answers
from psg.claims import MeasuredNight, check, read_claims


def verdict_counts(measured: MeasuredNight, answers: Answers) -> Counter[str]:
    """Claims by outcome, and statements that were not understood as ``unread``."""
    found: Counter[str] = Counter()
    for epoch, reply in answers.parsed.items():
        text = read_claims(reply.rationale)
        found["unread"] += len(text.unread)
        found.update(check(claim, measured, epoch).outcome.value for claim in text.claims)
    return found
