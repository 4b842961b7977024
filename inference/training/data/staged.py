"""Recordings with stage files: stages without rules and rationales.

A stage file belongs to the recording whose name its own name begins with: ``SN1_scorer3.edf`` is a
scoring of ``SN1.edf``, and ``01-03-0001 Base.edf`` a scoring of ``01-03-0001 PSG.edf``. A recording
may have several. Such nights serve to evaluate a model, not to train it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from inference.prompts import Track
from inference.training.data.nights import TEST, EpochLabel, LabelledNight, TrainingData
from inference.training.data.recordings import Recordings, StoredNight
from inference.training.errors import TrainingError, with_file
from psg.doubts import refuse_open
from psg.edf import EdfFile
from psg.epochs import EpochGrid, HasOnset
from psg.errors import PsgError
from psg.rules.editions import DEFAULT_EDITION
from psg.stagefiles import (
    Aligned,
    NightTimes,
    StageOptions,
    align,
    origin_entries,
    place_aligned,
    read_single,
)

_STAGE_SUFFIXES = {".edf", ".xml", ".csv", ".tsv", ".txt", ".json"}
_MASS = " PSG"
_SIMULATED_EVENTS = " events.csv"


def staged_data(
    folder: Path | None,
    *,
    recordings: Path,
    cache: Path | None = None,
    codes: str = "",
) -> TrainingData:
    """Read the recordings of a folder with the stage files of another, or of the same.

    Parameters
    ----------
    folder : Path, optional
        Folder of stage files, at any depth. Without it, every recording is without stages.
    codes : str, optional
        Name of the map of integers in stage files (`psg.stagefiles.CODE_MAPS`).

    Raises
    ------
    TrainingError
        When there is no recording, none has a stage file, or a stage file does not fit its night.
    """
    names = recording_names(recordings)
    if not names:
        raise TrainingError("There is no recording", where=str(recordings), advice="Name another.")
    store = Recordings(recordings, cache)
    files = _stage_files(folder, names) if folder is not None else {}
    if folder is not None and not files:
        raise TrainingError(
            "There are no labels of these recordings",
            where=str(folder),
            advice="Expected an unpacked release, fine/*.csv or coarse/*.csv, or stage files whose"
            f" names begin as those of the recordings, such as “{names[0]} scorer 1.edf”.",
        )
    used = names if folder is None else [name for name in names if name in files]
    nights = [
        night for name in used for night in _scorings(name, files.get(name, ()), store, codes)
    ]
    scorings = f"stage files: {len(nights)}" if files else "no stages"
    return TrainingData(
        nights,
        rule_edition=DEFAULT_EDITION,
        about=f"recordings of {recordings.resolve().name}: {len(used)}, {scorings}",
    )


def recording_names(folder: Path) -> list[str]:
    """Names of the signal stores and EDF recordings in a folder, in order."""
    stores = {path.stem for path in folder.glob("*.epw")}
    edfs = {path.stem.removesuffix(_MASS) for path in _edf_files(folder) if _has_signals(path)}
    return sorted(stores | edfs)


def _edf_files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.glob("*") if path.suffix.lower() == ".edf")


def _has_signals(path: Path) -> bool:
    """False for a file that holds only annotations."""
    return bool(EdfFile.open(path).channels)


def _stage_files(folder: Path, names: Sequence[str]) -> Mapping[str, list[Path]]:
    """Stage files by recording."""
    by_recording: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in _STAGE_SUFFIXES or path.name.endswith(_SIMULATED_EVENTS):
            continue
        name = _name_of(path, names)
        if name and not (path.suffix.lower() == ".edf" and _has_signals(path)):
            by_recording.setdefault(name, []).append(path)
    return by_recording


def _name_of(path: Path, names: Sequence[str]) -> str:
    """Return the recording with which the name of a file begins; “SN12.xml” is not of “SN1”."""
    fitting = [
        name
        for name in names
        if path.stem.startswith(name) and not path.stem[len(name) : len(name) + 1].isalnum()
    ]
    return max(fitting, key=len, default="")


def _scorings(
    name: str, files: Sequence[Path], store: Recordings, codes: str
) -> Iterator[LabelledNight]:
    """Yield the night once for each of its stage files; the first decides the grid.

    Stages are placed by clock where both files have one, as everywhere.
    """
    if not files:
        yield _night(name, "", store.open(name), [])
        return
    times = store.times(name)
    aligned = [(path, _aligned(path, times, codes)) for path in files]
    origins: list[HasOnset] = list(origin_entries(aligned[0][1].table))
    signals = store.open(name, stage_entries=origins)
    night = replace(times, grid=EpochGrid(signals.epoch0_s, signals.epoch_count))
    for path, its in aligned:
        yield _night(name, path.stem, signals, _labels(its, night, path))


def _night(
    name: str, scorer: str, signals: StoredNight, labels: Sequence[EpochLabel]
) -> LabelledNight:
    return LabelledNight(
        subject=name,
        recording=name,
        scorer=scorer,
        part=TEST,
        track=Track.COARSE,
        signals=signals,
        labels=labels,
    )


def _aligned(path: Path, night: NightTimes, codes: str) -> Aligned:
    options = StageOptions(codes=codes)
    try:
        aligned = align(read_single(path, options), night, options)
        refuse_open(aligned.doubts)
    except PsgError as error:
        raise with_file(path, error) from None
    return aligned


def _labels(aligned: Aligned, night: NightTimes, path: Path) -> list[EpochLabel]:
    try:
        stages = place_aligned(aligned, night).stages
    except PsgError as error:
        raise with_file(path, error) from None
    return [EpochLabel(epoch, stage) for epoch, stage in enumerate(stages) if stage is not None]
