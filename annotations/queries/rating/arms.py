"""Arms as letters: which sources a form proposes to pool, and what a pool is called."""

from annotations.models import RatingArm, RatingStudy, Scorer
from annotations.queries.rating.sources import Source

ARM_LETTERS = "ABCDEFGH"
LABEL_LENGTH = 120


def arm_label(members: list[Source]) -> str:
    """Name an arm after who is in it."""
    if len(members) > 1 and all(one.scorer.kind == Scorer.Kind.HUMAN for one in members):
        return f"Experts: {', '.join(one.label for one in members)}"[:LABEL_LENGTH]
    return " + ".join(map(str, members))[:LABEL_LENGTH]


def first_arms(sources: list[Source]) -> dict[str, str]:
    """Propose arms: experts together, everything else by itself.

    Left out are a consensus, for its words are those of its originals, and who has finished
    nothing yet.
    """
    letters: dict[str, str] = {}
    known: dict[object, str] = {}
    for source in sources:
        if source.scorer.kind == Scorer.Kind.CONSENSUS or source.unfinished == source.nights:
            continue
        group = source.scorer.kind == Scorer.Kind.HUMAN or source.key
        if group in known or len(known) < len(ARM_LETTERS):
            letters[source.key] = known.setdefault(group, ARM_LETTERS[len(known)])
    return letters


def arms_of(draft: RatingStudy, sources: list[Source]) -> dict[str, str]:
    arms = [arm for arm in draft.design["arms"] if arm["kind"] == RatingArm.Kind.SOURCE]
    return {
        source.key: letter
        for source in sources
        for letter, arm in zip(ARM_LETTERS, arms, strict=False)
        if {scoring.pk for scoring in source.scorings} & set(arm["scorings"])
    }
