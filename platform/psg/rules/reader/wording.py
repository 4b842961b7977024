"""The rationale: what was found, where the night stands, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence

from psg.rules.reader.calibration import Calibration
from psg.rules.reader.conclusions import Case, conclude
from psg.rules.reader.deciding import Decision
from psg.rules.reader.findings import findings
from psg.rules.reader.phrases import sentence
from psg.rules.reader.signs import Signs


def rationale_of(
    epoch: int,
    decisions: Sequence[Decision],
    signs: Sequence[Signs],
    calibration: Calibration,
) -> str:
    """The rationale of one epoch in plain sentences."""
    case = Case(
        here=signs[epoch],
        decision=decisions[epoch],
        before=decisions[epoch - 1] if epoch else None,
        after=decisions[epoch + 1] if epoch + 1 < len(decisions) else None,
        calibration=calibration,
    )
    seen = [text for text in findings(case.here, calibration) if text]
    return " ".join([*seen, _context(case), *_conclusion(case)])


def _context(case: Case) -> str:
    if case.before is None:
        return "This is the first epoch of the night."
    return f"The epoch before is {case.before.stage}."


def _conclusion(case: Case) -> list[str]:
    reasons = [sentence(conclude(case, rule_id)) for rule_id in case.decision.rules]
    if not reasons:
        reasons = ["No sign of sleep has appeared yet, so the epoch stays as it was."]
    return [*reasons, f"Stage {case.decision.stage}."]
