"""Labels in MASS-EX layout: tables in a folder, or those of an unpacked release.

N counts only the epochs that were kept. The index of N on the recording's grid comes from the file
``epochs.csv``; without it, from the stage file beside the night, whose N-th staged epoch is N;
without both, the settings must declare that N is the index. A release names its nights, scorers and
parts in its manifest.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from inference.prompts import Track
from inference.training.data.nights import EpochLabel, LabelledNight, TrackPrompt, TrainingData
from inference.training.data.recordings import Recordings, StoredNight
from inference.training.errors import TrainingError, with_file
from inference.training.settings import DataSettings
from psg import massex
from psg.epochs import EpochGrid, HasOnset
from psg.errors import StageFileError
from psg.manifest import NightEntry, PublishedManifest, published_manifest
from psg.massex import MassexRow, Placed, Problems, read_epochs
from psg.rules.editions import DEFAULT_EDITION
from psg.stagefiles import StageEntry, align, place_on_grid, read_single
from psg.stages import EPOCH_S, Stage


def read_table(path: Path) -> list[MassexRow]:
    """Read a fine or a coarse table of a night or of several nights.

    Raises
    ------
    TrainingError
        When columns, ids, numbers or stages are not those of MASS-EX, with file and line.
    """
    problems = Problems()
    try:
        rows, _ = massex.read_table(path.read_bytes(), problems, limit_bytes=None)
        problems.raise_first()
    except StageFileError as error:
        raise with_file(path, error) from None
    return rows


def read_places(path: Path) -> dict[tuple[str, int], Placed]:
    """Read ``epochs.csv``: places on the grid by subject and N."""
    try:
        nights = read_epochs(path.read_bytes(), limit_bytes=None)
    except StageFileError as error:
        raise with_file(path, error) from None
    return {
        (subject, number): place
        for subject, night in nights.items()
        for number, place in night.kept.items()
    }


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


Places = Mapping[tuple[str, int], Placed]


def massex_tables(folder: Path) -> Iterator[tuple[str, Track, list[MassexRow], Places]]:
    """Yield the name, track, rows and known places of each night, in order of files."""
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
    """Return the night, and the index of each N on its grid."""
    placed = {number: place for (subject, number), place in places.items() if subject == name}
    if placed:
        first = next(iter(placed.values()))
        signals = recordings.open(name, epoch0_s=first.onset_s - EPOCH_S * first.epoch)
        return signals, {number: place.epoch for number, place in placed.items()}
    base = recordings.find(name).with_name(f"{name} Base.edf")
    if base.is_file():
        entries = align(read_single(base), recordings.times(name)).table.entries
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
    staged = [epoch for epoch, stage in enumerate(stages) if stage is not None]
    for row in rows:
        if row.number < len(staged) and stages[staged[row.number]] != row.stage:
            raise TrainingError(
                f"N {row.number} is {row.stage} in the table and {stages[staged[row.number]]} in"
                " the stage file",
                where=name,
                advice="Were they made of the same night?",
            )
    return dict(enumerate(staged))


MANIFEST = "manifest.json"


def read_release(settings: DataSettings) -> TrainingData:
    """Read the nights of an unpacked release, each with the labels that were frozen."""
    manifest = _manifest(settings.folder)
    entries = {(night.scorer, night.name): night for night in manifest.nights}
    if not entries:
        raise TrainingError(
            "The release has no night", where=settings.folder.name, advice="Freeze another."
        )
    recordings = Recordings(settings.recordings, settings.cache)
    nights = [
        _released_night(entries[scorer, name], track, rows, places, recordings)
        for scorer in sorted({scorer for scorer, _ in entries})
        for name, track, rows, places in massex_tables(settings.folder / "massex" / scorer)
    ]
    editions = manifest.rule_editions
    if len(editions) > 1:
        raise TrainingError(
            "The release mixes rule editions: " + ", ".join(editions),
            advice="Train on nights of the same edition.",
        )
    return TrainingData(
        nights,
        rule_edition=editions[0] if editions else DEFAULT_EDITION,
        prompts=_prompts(manifest),
        about=f"{manifest.title} {manifest.version} ({manifest.study}), licence"
        f" {manifest.licence}, {len(nights)} scorings",
    )


def _manifest(folder: Path) -> PublishedManifest:
    try:
        return published_manifest(json.loads((folder / MANIFEST).read_bytes()))
    except FileNotFoundError:
        raise TrainingError(
            f"There is no {MANIFEST}", where=str(folder), advice="Unpack the release there."
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise TrainingError(f"{MANIFEST} is not valid JSON", where=str(folder)) from None
    except (AttributeError, TypeError, ValueError) as error:
        raise TrainingError(
            f"{MANIFEST} is not that of a release: {error}", where=str(folder)
        ) from None


def _released_night(
    entry: NightEntry,
    track: Track,
    rows: Sequence[MassexRow],
    places: Places,
    recordings: Recordings,
) -> LabelledNight:
    epochs = {
        number: place.epoch for (night, number), place in places.items() if night == entry.name
    }
    return LabelledNight(
        subject=entry.subject,
        recording=entry.recording,
        scorer=entry.scorer,
        part=entry.part,
        track=track,
        signals=recordings.open(entry.recording, epoch0_s=entry.epoch0_s),
        labels=placed_labels(rows, epochs, entry.recording),
    )


def _prompts(manifest: PublishedManifest) -> dict[Track, TrackPrompt]:
    return {
        track: TrackPrompt(prompt.system, prompt.labels, prompt.keys, prompt.fence)
        for track in Track
        if (prompt := manifest.prompts.get(track.value))
    }
