"""The ``[data]`` part of a configuration: where nights and labels come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from inference.bundles.table import Table

SOURCES = ("release", "massex", "simulated")


@dataclass(frozen=True)
class DataSettings:
    """Where nights and labels come from.

    Parameters
    ----------
    source : str
        ``release`` (an unpacked release), ``massex`` (a folder in MASS-EX layout) or
        ``simulated``.
    folder : Path
        Of the release, or the MASS-EX folder.
    recordings : Path
        Folder of the nights, .edf or .epw, named as their recordings.
    cache : Path
        Where nights are kept as they are read: prepared signals, drawn images.
    n_is_epoch : bool
        For MASS-EX tables without epochs.csv and without a stage file beside the night: declares
        that N is the index on the grid.
    epoch0_s : float
        Start of that grid, in seconds of the recording.
    shares : dict of part to share
        Split by subjects, where the data brings none; or ``subjects``, which names them.
    subjects : dict of part to subjects
    seed : int
        Of the split.
    train, validation, test : int
        Simulated nights of each part.
    hours : float
        Length of a simulated night.
    rule_edition : str
        Of MASS-EX tables, which name none.
    """

    source: str
    folder: Path = Path()
    recordings: Path = Path()
    cache: Path | None = None
    n_is_epoch: bool = False
    epoch0_s: float = 0.0
    shares: dict[str, float] = field(default_factory=dict)
    subjects: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seed: int = 1
    train: int = 0
    validation: int = 0
    test: int = 0
    hours: float = 8.0
    rule_edition: str = ""


def read_data_settings(table: Table, *, beside: Path) -> DataSettings:
    """Read ``[data]``; paths are relative to ``beside``, the folder of the configuration."""
    source = table.choice("source", list(SOURCES), "release")
    settings = DataSettings(
        source=source,
        folder=beside / table.text("folder", ""),
        recordings=beside / table.text("recordings", ""),
        cache=beside / table.text("cache", "") if table.text("cache", "") else None,
        n_is_epoch=table.flag("n_is_epoch", False),
        epoch0_s=table.decimal("epoch0_s", 0.0),
        shares=_shares(table.table("shares")),
        subjects=_subjects(table.table("subjects")),
        seed=table.number("seed", 1, 2**31),
        train=table.number("train", 0, 100_000, least=0),
        validation=table.number("validation", 0, 100_000, least=0),
        test=table.number("test", 0, 100_000, least=0),
        hours=table.decimal("hours", 8.0),
        rule_edition=table.text("rule_edition", ""),
    )
    table.refuse_unknown()
    return settings


def _shares(table: Table) -> dict[str, float]:
    found = {part: table.decimal(part, 0.0) for part in ("train", "validation", "test")}
    table.refuse_unknown()
    return {part: share for part, share in found.items() if share > 0}


def _subjects(table: Table) -> dict[str, tuple[str, ...]]:
    found = {part: table.texts(part, ()) for part in ("train", "validation", "test")}
    table.refuse_unknown()
    return {part: names for part, names in found.items() if names}
