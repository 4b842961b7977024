"""Agreement: of scorings epoch by epoch, and of ratings, with intervals over subjects.

Every measure here is a function of sums that add up over recordings. A bootstrap over subjects
is then a matrix product of how often each was drawn and its sums, instead of a thousand loops
over epochs.
"""

from psg.agreement.bootstrap import Bootstrap, Interval, draw_subjects
from psg.agreement.chance import (
    category_weights,
    each_against_rest,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    observed_agreement,
    specific_agreement,
)
from psg.agreement.components import (
    ReliabilitySums,
    VarianceComponents,
    variance_components,
)
from psg.agreement.pairs import (
    AgreementSums,
    PairKappa,
    Stages,
    agreement_rate,
    cohen_kappa,
    confusion,
    kappa_of_confusion,
    mean_pair_kappa,
    mean_pairwise_kappa,
    pair_tables,
    pairwise_kappas,
    weighted_kappa,
)
from psg.agreement.planning import ExpectedWidths, ScoreModel, expected_widths
from psg.agreement.rationales import OverlapSums, jaccard, jaccard_with_empty, rule_sums
from psg.agreement.reference import DifferenceSums, bias, limits, spread
from psg.agreement.sums import CategorySums, at_transition, category_counts, only_where

__all__ = [
    "AgreementSums",
    "Bootstrap",
    "CategorySums",
    "DifferenceSums",
    "ExpectedWidths",
    "Interval",
    "OverlapSums",
    "PairKappa",
    "ReliabilitySums",
    "ScoreModel",
    "Stages",
    "VarianceComponents",
    "agreement_rate",
    "at_transition",
    "bias",
    "category_counts",
    "category_weights",
    "cohen_kappa",
    "confusion",
    "draw_subjects",
    "each_against_rest",
    "expected_widths",
    "fleiss_kappa",
    "gwet_ac",
    "jaccard",
    "jaccard_with_empty",
    "kappa_of_confusion",
    "krippendorff_alpha",
    "limits",
    "mean_pair_kappa",
    "mean_pairwise_kappa",
    "observed_agreement",
    "only_where",
    "pair_tables",
    "pairwise_kappas",
    "rule_sums",
    "specific_agreement",
    "spread",
    "variance_components",
    "weighted_kappa",
]
