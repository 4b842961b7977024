"""Words of rating: what each score and each measure means, and what was published for SleepVLM."""

from dataclasses import asdict, dataclass
from typing import Final


@dataclass(frozen=True)
class DimensionWords:
    """A dimension of ratings, its question, and the meaning of the scores 1 to 5.

    ``name`` is its column in the database, in exports and in JSON; ``short`` a single word for it.
    """

    name: str
    title: str
    short: str
    question: str
    levels: tuple[str, str, str, str, str]

    @property
    def numbered(self) -> list[tuple[int, str]]:
        return list(enumerate(self.levels, start=1))


# All dimensions. A new dimension is an entry here and a migration that adds its columns.
DIMENSION_WORDS = {
    words.name: words
    for words in (
        DimensionWords(
            name="factual_accuracy",
            title="Factual accuracy",
            short="accuracy",
            question="Does the signal show what the rationale states?",
            levels=(
                "the decisive feature is not in the signal",
                "several errors, or an error that affects the stage",
                "an error that does not affect the stage",
                "only a detail of time, size or channel is wrong",
                "all waveforms are visible in the signal as stated",
            ),
        ),
        DimensionWords(
            name="evidence_comprehensiveness",
            title="Evidence",
            short="evidence",
            question="Is all evidence for the cited rules given?",
            levels=(
                "the decisive evidence is missing",
                "a cited rule has no evidence",
                "main evidence given, negative findings or context missing",
                "a minor feature or negative finding is missing",
                "all evidence given, with negative findings and context",
            ),
        ),
        DimensionWords(
            name="logical_coherence",
            title="Coherence",
            short="coherence",
            question="Does the evidence lead to the rules, and the rules to the stage?",
            levels=(
                "contradicts the stage",
                "rules or stage do not follow from the evidence",
                "the stage follows, a step is missing or circular",
                "follows, with a weak or unnecessary step",
                "evidence leads to rules, and rules to the stage",
            ),
        ),
    )
}


def dimensions_for_browser() -> list[dict[str, object]]:
    """All dimensions as plain values for JSON, in the order in which raters score them.

    Returns
    -------
    list of dict
        ``name``, ``title``, ``short``, ``question``, and ``levels``: five texts, of the scores 1
        to 5.
    """
    return [asdict(words) for words in DIMENSION_WORDS.values()]


# The measures of agreement


@dataclass(frozen=True)
class MeasureWords:
    """A measure of `psg.ratings`, for people."""

    name: str
    title: str
    asks: str


AGREEMENT: Final = (
    MeasureWords("icc_a1", "ICC(A,1)", "single rater, absolute agreement"),
    MeasureWords("icc_ak", "ICC(A,k)", "mean of the raters, absolute agreement"),
    MeasureWords("icc_c1", "ICC(C,1)", "single rater, consistency (ignores strictness)"),
    MeasureWords("icc_ck", "ICC(C,k)", "mean of the raters, consistency"),
    MeasureWords("alpha_ordinal", "Krippendorff's alpha", "ordinal, corrected for chance"),
    MeasureWords("ac2", "Gwet's AC2", "ordinal weights; suitable if most scores are high"),
    MeasureWords("fleiss_kappa", "Fleiss' kappa", "quadratic weights, for incomplete items"),
    MeasureWords("weighted_kappa", "Weighted kappa", "quadratic, mean over pairs of raters"),
    MeasureWords("within_one", "Within 1 point", "share of pairs of ratings"),
    MeasureWords("identical", "Same score", "share of pairs of ratings"),
)
REPEATS: Final = (
    MeasureWords("within_one", "Within 1 point", "share of hidden repeats"),
    MeasureWords("identical", "Same score", "share of hidden repeats"),
    MeasureWords("weighted_kappa", "Weighted kappa", "quadratic, repeat against first rating"),
    MeasureWords("shift", "Repeat minus first rating", "mean difference in points"),
)


# Published scores of SleepVLM, shown beside the results of a study


@dataclass(frozen=True)
class PublishedClaim:
    """A result from a version of the paper; `high` is None where the paper says "above"."""

    version: str
    label: str
    low: float
    high: float | None


SOURCE: Final = "arXiv 2603.26738"
PUBLISHED: Final = (
    PublishedClaim(
        version="v3",
        label="SleepVLM v3, two technologists: means 3.75 to 3.96",
        low=3.75,
        high=3.96,
    ),
    PublishedClaim(
        version="v1-v2",
        label="SleepVLM v1 and v2, abstract: above 4.0",
        low=4.0,
        high=None,
    ),
)
