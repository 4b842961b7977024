"""How far scorings agree: of one night, of a study, of one scorer with another."""

from annotations.queries.agreement.one_night import (
    Agreement,
    Pair,
    ScoredNight,
    agreement,
    disagreements,
    epochs_scored_by_all,
    label_of,
    scored_nights,
)
from annotations.queries.agreement.pair import pair_report
from annotations.queries.agreement.report import agreement_report
from annotations.queries.agreement.sheet import Column, Sheet, compared_columns, sheet_of

__all__ = [
    "Agreement",
    "Column",
    "Pair",
    "ScoredNight",
    "Sheet",
    "agreement",
    "agreement_report",
    "compared_columns",
    "disagreements",
    "epochs_scored_by_all",
    "label_of",
    "pair_report",
    "scored_nights",
    "sheet_of",
]
