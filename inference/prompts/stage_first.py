"""The question for the stage before any word of a rationale.

A rationale commits its writer: behind it the stage is nearly certain, right or wrong. So the model
is given the beginning of a reply without a rationale, and the probabilities of what comes next are
read. Where the rules stand before the stage, that is the first rule, which supports a stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inference.parsing.reply import RULES_KEY, STAGE_KEY
from inference.prompts import Prompt
from psg.rules.editions import RuleEdition
from psg.stages import STAGES, Stage

GIVEN = "given the images alone"


@dataclass(frozen=True)
class StageQuestion:
    """The beginning of a reply, and its possible continuations.

    Parameters
    ----------
    opening : str
        The reply up to its first rule or, if that comes first, to its stage.
    answers : mapping of str to stages
        Continuation to the stages that it may stand for. Each of them gets an equal share.
    """

    opening: str
    answers: Mapping[str, tuple[Stage, ...]]

    def by_stage(self, shares: Mapping[str, float]) -> dict[str, float]:
        """Return the probability of each stage from that of each answer; the sum is 1."""
        weights = dict.fromkeys(STAGES, 0.0)
        for answer, stages in self.answers.items():
            for stage in stages:
                weights[stage] += shares.get(answer, 0.0) / len(stages)
        whole = sum(weights.values())
        return {str(stage): round(weight / whole, 6) for stage, weight in weights.items()}


def stage_question(prompt: Prompt, edition: RuleEdition) -> StageQuestion:
    """Return the question in the form of the replies to a prompt."""
    key = next(key for key in (*prompt.keys, STAGE_KEY) if key in {RULES_KEY, STAGE_KEY})
    fence = "```json\n" if prompt.fence else ""
    opening = f'{fence}{{\n  "{key}": '
    if key == STAGE_KEY:
        return StageQuestion(f'{opening}"', {str(stage): (stage,) for stage in STAGES})
    return StageQuestion(
        f'{opening}[\n    "', {rule.id: tuple(rule.supports) for rule in edition.rules}
    )
