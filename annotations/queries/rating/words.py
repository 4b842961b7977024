"""What each score means, in words that raters read while they score."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DimensionWords:
    """A dimension, the question it asks, and its levels from 1 to 5."""

    name: str
    title: str
    question: str
    levels: tuple[str, str, str, str, str]

    @property
    def numbered(self) -> list[tuple[int, str]]:
        return list(enumerate(self.levels, start=1))


DIMENSION_WORDS = {
    words.name: words
    for words in (
        DimensionWords(
            name="factual_accuracy",
            title="Factual accuracy",
            question="Does the signal show what the text says?",
            levels=(
                "the feature that decides the stage is made up",
                "several errors, or one that bears on the stage",
                "one error that does not decide the stage",
                "only a detail of time, size or channel is off",
                "every waveform claim can be found in the signal",
            ),
        ),
        DimensionWords(
            name="evidence_comprehensiveness",
            title="Evidence",
            question="Is all that the cited rules need there?",
            levels=(
                "the evidence that decides the stage is missing",
                "a cited rule is left without support",
                "the main evidence is there, negatives or context are missing",
                "one minor feature or negative is missing",
                "all that the cited rules need, with negatives and context",
            ),
        ),
        DimensionWords(
            name="logical_coherence",
            title="Coherence",
            question="Does the evidence lead to the rules, and the rules to the stage?",
            levels=(
                "contradicts the stage it is given for",
                "rules or stage do not follow from the evidence",
                "the stage follows, one step is missing or circular",
                "follows, with a loose or needless step",
                "evidence leads to rules, and rules to the stage",
            ),
        ),
    )
}
