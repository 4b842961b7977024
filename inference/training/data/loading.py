"""Read labelled nights from the source that the settings name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from inference.bundles.reading import Grid
from inference.training.data.nights import TRAIN, LabelledNight, TrainingData, checked_data
from inference.training.data.recordings import Recordings, StoredNight
from inference.training.data.simulated import simulated_data
from inference.training.data.staged import staged_data
from inference.training.data.tables import MANIFEST, has_tables, read_massex_folder, read_release
from inference.training.errors import TrainingError
from inference.training.settings import DataSettings, Part
from psg.splits import split_subjects
from psg.stages import STAGES

_READERS = {
    "release": read_release,
    "massex": read_massex_folder,
    "simulated": simulated_data,
}


def load_data(settings: DataSettings) -> TrainingData:
    """Read and check the data.

    Raises
    ------
    TrainingError
        When something is missing or does not fit.
    """
    data = _READERS[settings.source](settings)
    if settings.grid is Grid.PUBLISHED:
        if settings.source == "simulated":
            raise TrainingError(
                "Simulated nights have no published grid: they are made at 100 Hz",
                where="[data]",
                advice="Remove “grid”.",
            )
        data = joined_data(data, Recordings(settings.recordings, settings.cache))
    return checked_data(replace(data, nights=_in_parts(data.nights, settings)))


def data_in(
    folder: Path | None,
    *,
    recordings: Path,
    cache: Path | None = None,
    codes: str = "",
    grid: Grid = Grid.NIGHT,
) -> TrainingData:
    """Read a release, a MASS-EX folder or stage files, whichever is in the folder.

    Without a folder, the recordings have no labels.
    """
    if folder is None:
        return staged_data(None, recordings=recordings, cache=cache)
    settings = DataSettings(recordings=recordings, cache=cache, grid=grid, folder=folder)
    is_release = (folder / MANIFEST).is_file()
    if not is_release and not has_tables(folder):
        data = staged_data(folder, recordings=recordings, cache=cache, codes=codes)
        if grid is Grid.PUBLISHED:
            data = joined_data(data, Recordings(recordings, cache))
        return checked_data(data)
    source: Literal["release", "massex"] = "release" if is_release else "massex"
    return load_data(settings.model_copy(update={"source": source}))


def joined_data(data: TrainingData, recordings: Recordings) -> TrainingData:
    """Put nights on the published grid: labelled epochs alone, joined before they are filtered.

    Epochs are numbered anew, so that neighbours are the labelled epochs before and after.
    """
    scorers = Counter(night.recording for night in data.nights)
    nights = [
        _joined(night, recordings, is_alone=scorers[night.recording] == 1)
        for night in data.nights
        if night.labels
    ]
    return replace(data, nights=nights, about=f"{data.about}, on the published grid")


def _joined(night: LabelledNight, recordings: Recordings, *, is_alone: bool) -> LabelledNight:
    assert isinstance(night.signals, StoredNight)
    signals = recordings.open_joined(
        night.recording,
        epoch0_s=night.signals.epoch0_s,
        epochs=[label.epoch for label in night.labels],
    )
    return replace(
        night,
        # Other labelled epochs are another night: readers answer for a recording only once.
        recording=night.recording if is_alone else f"{night.recording} by {night.scorer}",
        signals=signals,
        labels=[replace(label, epoch=n) for n, label in enumerate(night.labels)],
    )


def _in_parts(nights: Sequence[LabelledNight], settings: DataSettings) -> list[LabelledNight]:
    """Assign parts: by named subjects, else by shares, else as in the data."""
    if settings.subjects:
        return _as_named(nights, settings.subjects)
    shares: dict[str, float] = {part: its for part, its in settings.shares.items() if its > 0}
    if shares:
        counts = {night.subject: [0] * len(STAGES) for night in nights}
        for night in nights:
            for label in night.labels:
                counts[night.subject][STAGES.index(label.stage)] += 1
        try:
            parts = split_subjects(counts, shares, seed=settings.seed)
        except ValueError as error:
            raise TrainingError(str(error), where="[data.shares]") from None
        return [replace(night, part=parts[night.subject]) for night in nights]
    return [night if night.part else replace(night, part=TRAIN) for night in nights]


def _as_named(
    nights: Sequence[LabelledNight], subjects: Mapping[Part, Sequence[str]]
) -> list[LabelledNight]:
    """Keep the nights of named subjects; a subject named for two parts comes in both."""
    known = {night.subject for night in nights}
    missing = sorted({name for names in subjects.values() for name in names} - known)
    if missing:
        raise TrainingError(
            f"{missing[0]} is not in the data", where="[data.subjects]", advice="Correct the name."
        )
    return [
        replace(night, part=part)
        for part, names in subjects.items()
        for night in nights
        if night.subject in names
    ]
