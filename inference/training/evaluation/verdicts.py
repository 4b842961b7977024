"""What the signal itself says of the claims in rationales: no known events are needed."""

from __future__ import annotations

from collections import Counter

from inference.training.evaluation.answers import Answers
from psg.claims import OTHER_EPOCH, MeasuredNight, check, read_claims


def verdict_counts(measured: MeasuredNight, answers: Answers) -> Counter[str]:
    """Claims by outcome. What is said of another epoch is no claim about this one and is counted
    apart, ``of_another_epoch``; statements that were not understood are ``unread``."""
    found: Counter[str] = Counter()
    for epoch, reply in answers.parsed.items():
        text = read_claims(reply.rationale)
        elsewhere = sum(one.reason == OTHER_EPOCH for one in text.unread)
        found["of_another_epoch"] += elsewhere
        found["unread"] += len(text.unread) - elsewhere
        found.update(check(claim, measured, epoch).outcome.value for claim in text.claims)
    return found
