"""Reports of agreement in the order in which pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations.queries.agreement.epochs import NO_STAGE
from annotations.queries.agreement.measures import PLACES
from psg.stages import STAGES


@dataclass(frozen=True)
class MeasureRow:
    """One measure over all epochs, away from transitions and beside them."""

    name: str
    as_percent: bool
    places: list[Mapping[str, Any]]
    ceiling: float | None


@dataclass(frozen=True)
class MatrixRow:
    scorer: Mapping[str, Any]
    cells: list[tuple[Mapping[str, Any], Mapping[str, Any] | None]]
    """The other scorer, and the pair; None for the scorer beside itself."""


@dataclass(frozen=True)
class ConfusionCell:
    said: str
    count: int
    share: float | None
    """Of the epochs of the row."""


@dataclass(frozen=True)
class ConfusionRow:
    """The epochs of one stage by the reference."""

    stage: str
    total: int
    cells: list[ConfusionCell]


def measure_rows(report: Mapping[str, Any]) -> list[MeasureRow]:
    if not report["measures"]:
        return []
    human = report["human_ceiling"]
    kappa = human["kappa"]["value"]
    wanted = [
        ("agreement", "Two scorers say the same", True, human["agreement"]["value"]),
        ("mean_pairwise_kappa", "Cohen’s kappa, mean of pairs", False, kappa),
        ("fleiss_kappa", "Fleiss’ kappa", False, kappa),
        ("krippendorff_alpha", "Krippendorff’s alpha", False, None),
        ("ac1", "Gwet’s AC1", False, None),
    ]
    return [
        MeasureRow(name, percent, [report["measures"][p][key] for p in PLACES], ceiling)
        for key, name, percent, ceiling in wanted
    ]


def stage_rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The stages with what experts reach, where that was published."""
    human = report["human_ceiling"]["stages"]
    return [
        {**row, "human": human[row["stage"]]["value"] if row["stage"] in human else None}
        for row in report["stages"]
    ]


def matrix_of(report: Mapping[str, Any]) -> list[MatrixRow]:
    """Every scorer against every other."""
    pairs = {frozenset(pair["keys"]): pair for pair in report["pairs"]}
    scorers = report["scorers"]
    return [
        MatrixRow(one, [(two, pairs.get(frozenset((one["key"], two["key"])))) for two in scorers])
        for one in scorers
    ]


def confusion_rows(report: Mapping[str, Any]) -> list[ConfusionRow]:
    said = [*map(str, STAGES), NO_STAGE]
    return [
        ConfusionRow(
            stage=str(stage),
            total=sum(counts),
            cells=[
                ConfusionCell(name, count, count / sum(counts) if sum(counts) else None)
                for name, count in zip(said, counts, strict=True)
            ],
        )
        for stage, counts in zip(STAGES, report["confusion"], strict=True)
    ]
