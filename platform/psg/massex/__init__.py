"""MASS-EX: tables of stages, rules and rationales, a line for each annotated epoch."""

from psg.massex.layout import (
    COARSE_COLUMNS,
    EPOCHS_COLUMNS,
    FINE_COLUMNS,
    LIGHTS_COLUMNS,
    UNSCORED_TEXT,
)
from psg.massex.problems import Problem, ProblemLevel, Problems
from psg.massex.rows import (
    FORMULA_STARTS,
    MassexRow,
    custom_id,
    seconds,
)
from psg.massex.sidecars import MOST_EPOCHS, Placed, Sidecar, checked_grid, read_epochs
from psg.massex.tables import LIMIT_BYTES, read_rows, read_table

__all__ = [
    "COARSE_COLUMNS",
    "EPOCHS_COLUMNS",
    "FINE_COLUMNS",
    "FORMULA_STARTS",
    "LIGHTS_COLUMNS",
    "LIMIT_BYTES",
    "MOST_EPOCHS",
    "UNSCORED_TEXT",
    "MassexRow",
    "Placed",
    "Problem",
    "ProblemLevel",
    "Problems",
    "Sidecar",
    "checked_grid",
    "custom_id",
    "read_epochs",
    "read_rows",
    "read_table",
    "seconds",
]
