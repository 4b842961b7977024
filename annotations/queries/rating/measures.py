"""The measures of agreement by name, and what each of them asks."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class MeasureWords:
    """A measure of `psg.ratings`, for people."""

    name: str
    title: str
    asks: str


AGREEMENT: Final = (
    MeasureWords("icc_a1", "ICC(A,1)", "one rater, absolute: a harsher rater counts as error"),
    MeasureWords("icc_ak", "ICC(A,k)", "mean over an item's raters, absolute"),
    MeasureWords("icc_c1", "ICC(C,1)", "one rater, consistency: harsher all along costs nothing"),
    MeasureWords("icc_ck", "ICC(C,k)", "mean over an item's raters, consistency"),
    MeasureWords("alpha_ordinal", "Krippendorff's alpha", "ordinal, corrected for chance"),
    MeasureWords("ac2", "Gwet's AC2", "ordinal weights; holds where most scores are high"),
    MeasureWords("weighted_kappa", "Weighted kappa", "quadratic, mean over pairs of raters"),
    MeasureWords("within_one", "Within one point", "share of pairs of ratings"),
    MeasureWords("identical", "The same score", "share of pairs of ratings"),
)
REPEATS: Final = (
    MeasureWords("within_one", "Within one point", "share of second looks"),
    MeasureWords("identical", "The same score", "share of second looks"),
    MeasureWords("weighted_kappa", "Weighted kappa", "quadratic, second look against first"),
    MeasureWords("shift", "Second less first", "mean difference in points"),
)
