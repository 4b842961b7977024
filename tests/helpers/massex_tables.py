"""Nights in MASS-EX form, for imports."""

from collections.abc import Sequence

FINE = "custom_id,Subject,N,Stage,reasoning_text,applicable_rules\n"
COARSE = "custom_id,Subject,N,Stage,applicable_rules\n"
RULES = {"W": "W.1", "N1": "N1.1", "N2": "N2.1", "N3": "N3.1", "R": "R.1"}


def night_csv(subject: str, stages: Sequence[str | None]) -> str:
    """A fine table whose N are the places in `stages`; None is left out."""
    return FINE + "".join(
        f"{subject}#{n}_{stage},{subject},{n},{stage},Seen in {n}.,{RULES[stage]}\n"
        for n, stage in enumerate(stages)
        if stage
    )


def changing(count: int) -> list[str]:
    """Stages that change often enough to tell where a night belongs."""
    course = ["W"] * 5 + ["N1"] * 2 + ["N2"] * 7 + ["N3"] * 4 + ["R"] * 3
    return [course[n % len(course)] for n in range(count)]
