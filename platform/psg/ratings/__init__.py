"""Ratings on a scale of 1 to 5: statistics of items, of arms, and of raters.

As in `psg.agreement`, every measure is a function of sums that add up over recordings, and its
interval comes from drawing subjects again, with all that was rated of each. Arms are
numbers here: their sources are not known.
"""

from psg.ratings.comparing import ArmDifference, compare_arms, holm
from psg.ratings.controls import ControlResults, Noticed
from psg.ratings.items import LEVELS, Draws, RatedItems
from psg.ratings.reliability import MEASURES, Repeats, reliability, repeats
from psg.ratings.scores import DimensionScores, GroupScores, ItemSpread, group_scores, widest_spread
from psg.ratings.severity import SeveritySums, rater_offsets, severity
from psg.ratings.study import StudyStatistics, study_statistics

__all__ = [
    "LEVELS",
    "MEASURES",
    "ArmDifference",
    "ControlResults",
    "DimensionScores",
    "Draws",
    "GroupScores",
    "ItemSpread",
    "Noticed",
    "RatedItems",
    "Repeats",
    "SeveritySums",
    "StudyStatistics",
    "compare_arms",
    "group_scores",
    "holm",
    "rater_offsets",
    "reliability",
    "repeats",
    "severity",
    "study_statistics",
    "widest_spread",
]
