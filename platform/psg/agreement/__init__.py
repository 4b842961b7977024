"""Agreement: of scorings epoch by epoch, and of ratings, with intervals over recordings.

Every measure here is a function of sums that add up over recordings. A bootstrap over recordings
is then one matrix product of how often each was drawn and its sums, instead of a thousand loops
over epochs.
"""

from psg.agreement.bootstrap import Bootstrap, Interval, draw_recordings
from psg.agreement.chance import (
    category_weights,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    observed_agreement,
)
from psg.agreement.components import (
    ReliabilitySums,
    VarianceComponents,
    variance_components,
)
from psg.agreement.counts import CategorySums, category_counts
from psg.agreement.nights import NightSums, mean_pair_kappa
from psg.agreement.pairs import (
    PairKappa,
    Stages,
    agreement_rate,
    cohen_kappa,
    confusion,
    kappa_of_confusion,
    mean_pairwise_kappa,
    pairwise_kappas,
    weighted_kappa,
)
from psg.agreement.planning import ExpectedWidths, ScoreModel, expected_widths

__all__ = [
    "Bootstrap",
    "CategorySums",
    "ExpectedWidths",
    "Interval",
    "NightSums",
    "PairKappa",
    "ReliabilitySums",
    "ScoreModel",
    "Stages",
    "VarianceComponents",
    "agreement_rate",
    "category_counts",
    "category_weights",
    "cohen_kappa",
    "confusion",
    "draw_recordings",
    "expected_widths",
    "fleiss_kappa",
    "gwet_ac",
    "kappa_of_confusion",
    "krippendorff_alpha",
    "mean_pair_kappa",
    "mean_pairwise_kappa",
    "observed_agreement",
    "pairwise_kappas",
    "variance_components",
    "weighted_kappa",
]
