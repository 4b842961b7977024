"""Labels in MASS-EX layout: ``fine/*.csv``, ``coarse/*.csv``, and ``epochs.csv`` if there is one.

N counts the epochs that were kept, so a place on the recording's grid comes from the sidecar; else
from the stage file beside the night, whose N-th staged epoch is N; else N must be declared to be
the place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from inference.prompts import Track
from inference.training.data import EpochLabel, LabelledNight, TrainingData
from inference.training.data_recordings import Recordings, StoredNight
from inference.training.data_settings import DataSettings
from inference.training.errors import TrainingError
from inference.training.massex_rows import Place, read_places, read_table
from psg.epochs import EpochGrid, HasOnset
from psg.massex import MassexRow
from psg.rules.editions import DEFAULT_EDITION
from psg.stagefiles import StageEntry, place_on_grid, read_stage_file
from psg.stages import EPOCH_S, Stage

EPOCHS = "epochs.csv"


def read_massex_folder(settings: DataSettings) -> TrainingData:
    """Read the nights of a folder; the subject of a night is the Subject of its table."""
    recordings = Recordings(settings.recordings, settings.cache)
    nights = [
        _night(name, track, rows, places, recordings, settings)
        for name, track, rows, places in massex_tables(settings.folder)
    ]
    return TrainingData(
        nights,
        rule_edition=settings.rule_edition or DEFAULT_EDITION,
        about=f"{settings.folder.name}, {len(nights)} nights in MASS-EX layout",
    )


Places = Mapping[tuple[str, int], Place]


def massex_tables(folder: Path) -> Iterator[tuple[str, Track, list[MassexRow], Places]]:
    """Give the name, track, rows and known places of each night, in order of files."""
    inside, files = _tables_in(folder)
    if not files:
        raise TrainingError(
            "There are no labels in MASS-EX layout",
            where=str(folder),
            advice="Expected fine/*.csv or coarse/*.csv.",
        )
    places = read_places(inside / EPOCHS) if (inside / EPOCHS).is_file() else {}
    for track, path in files:
        by_night: dict[str, list[MassexRow]] = defaultdict(list)
        for row in read_table(path):
            by_night[row.subject].append(row)
        for name, its in by_night.items():
            yield name, track, its, places


def has_tables(folder: Path) -> bool:
    """Whether there is a table of either track."""
    return bool(_tables_in(folder)[1])


def _tables_in(folder: Path) -> tuple[Path, list[tuple[Track, Path]]]:
    inside = folder / "annotations" if (folder / "annotations").is_dir() else folder
    return inside, [(t, path) for t in Track for path in sorted((inside / t).glob("*.csv"))]


def placed_labels(
    rows: Sequence[MassexRow], epochs: Mapping[int, int], where: str
) -> list[EpochLabel]:
    """Lay rows on the grid; ``epochs`` gives the place of each N."""
    missing = [row.number for row in rows if row.number not in epochs]
    if missing:
        raise TrainingError(
            f"N {missing[0]} has no place on the grid",
            where=where,
            advice=f"Is {EPOCHS} or the stage file that of this night?",
        )
    labels = [
        EpochLabel(epochs[row.number], Stage(row.stage), row.rules, row.rationale) for row in rows
    ]
    return sorted(labels, key=lambda label: label.epoch)


def _night(
    name: str,
    track: Track,
    rows: list[MassexRow],
    places: Places,
    recordings: Recordings,
    settings: DataSettings,
) -> LabelledNight:
    signals, epochs = _opened(name, rows, places, recordings, settings)
    return LabelledNight(
        subject=name,
        recording=name,
        scorer="",
        part="",
        track=track,
        signals=signals,
        labels=placed_labels(rows, epochs, name),
    )


def _opened(
    name: str,
    rows: list[MassexRow],
    places: Places,
    recordings: Recordings,
    settings: DataSettings,
) -> tuple[StoredNight, dict[int, int]]:
    """The night, and the place of each N on its grid."""
    placed = {number: place for (subject, number), place in places.items() if subject == name}
    if placed:
        first = next(iter(placed.values()))
        signals = recordings.open(name, epoch0_s=first.onset_s - EPOCH_S * first.epoch)
        return signals, {number: place.epoch for number, place in placed.items()}
    base = recordings.find(name).with_name(f"{name} Base.edf")
    if base.is_file():
        entries = read_stage_file(base)
        onsets: list[HasOnset] = list(entries)
        signals = recordings.open(name, stage_entries=onsets)
        return signals, _numbered(entries, signals, rows, name)
    if settings.n_is_epoch:
        signals = recordings.open(name, epoch0_s=settings.epoch0_s)
        return signals, {row.number: row.number for row in rows}
    raise TrainingError(
        f"It is not known where N lies in {name}",
        where=str(settings.folder),
        advice=f"Add {EPOCHS}, put “{name} Base.edf” beside the recording, or declare"
        " n_is_epoch = true and epoch0_s under [data].",
    )


def _numbered(
    entries: Sequence[StageEntry], signals: StoredNight, rows: list[MassexRow], name: str
) -> dict[int, int]:
    stages = place_on_grid(entries, EpochGrid(signals.epoch0_s, signals.epoch_count))
    kept = [epoch for epoch, stage in enumerate(stages) if stage is not None]
    for row in rows:
        if row.number < len(kept) and stages[kept[row.number]] != row.stage:
            raise TrainingError(
                f"N {row.number} is {row.stage} in the table and {stages[kept[row.number]]} in"
                " the stage file",
                where=name,
                advice="Were they made of the same night?",
            )
    return dict(enumerate(kept))
