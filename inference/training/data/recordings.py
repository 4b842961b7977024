"""Recordings on disk, by name: signal stores, and EDF files, which are prepared once."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.training.errors import TrainingError
from psg.doubts import refuse_open
from psg.edf import EdfFile
from psg.epochs import EpochGrid, HasOnset
from psg.ingest import (
    NightDecisions,
    inspect_night,
    night_before_stages,
    store_joined,
    store_signals,
)
from psg.montage import Derivation
from psg.signalstore import SignalStore
from psg.stagefiles import NightTimes

_NOT_IN_NAMES = re.compile(r"[^\w.-]")


class StoredNight:
    """A signal store that several processes may read; each opens the file itself.

    Its signals are those of models' images; `for_people` gives those that are measured.
    """

    def __init__(self, path: Path, *, as_people_see: bool = False) -> None:
        self.path = path
        self._as_people_see = as_people_see
        with SignalStore.open(path) as store:
            self.epoch_count = store.epoch_count
            self.derivations: tuple[Derivation, ...] = store.derivations
            self.epoch0_s = store.header.epoch0_s
        self._open: tuple[int, SignalStore] | None = None

    def read_uv(self, first: int, count: int) -> NDArray[np.float32]:
        if self._open is None or self._open[0] != os.getpid():
            self._open = (os.getpid(), SignalStore.open(self.path))
        store = self._open[1]
        return (store.for_people() if self._as_people_see else store).read_uv(first, count)

    def for_people(self) -> StoredNight:
        """Give what people see and detectors measure, with the notch of this night's mains."""
        return StoredNight(self.path, as_people_see=True)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_open": None}


class Recordings:
    """The nights of a folder.

    Parameters
    ----------
    folder : Path
        With ``<name>.epw`` (a signal store), ``<name>.edf`` or ``<name> PSG.edf``.
    cache : Path, optional
        Where prepared EDF files are stored; left out, in ``<folder>/.prepared``.
    """

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        if not folder.is_dir():
            raise TrainingError(
                "The folder of recordings is not there",
                where=str(folder),
                advice="Set “recordings” to the folder with the .edf or .epw files.",
            )
        self._folder = folder
        self._cache = cache or folder / ".prepared"

    def find(self, name: str) -> Path:
        """Return the file of a night.

        Raises
        ------
        TrainingError
            When there is none.
        """
        plain = _NOT_IN_NAMES.sub("_", name)
        tried = [f"{stem}{end}" for end in (".epw", ".edf", " PSG.edf") for stem in (name, plain)]
        for file_name in tried:
            if Path(file_name).name == file_name and (self._folder / file_name).is_file():
                return self._folder / file_name
        raise TrainingError(
            f"There is no recording of {name}",
            where=str(self._folder),
            advice=f"Put {name}.edf or {name}.epw there.",
        )

    def times(self, name: str) -> NightTimes:
        """Return the times of a night on which stages are placed; a signal store has no clock."""
        path = self.find(name)
        if path.suffix != ".epw":
            return night_before_stages(EdfFile.open(path), NightDecisions())
        stored = StoredNight(path)
        grid = EpochGrid(stored.epoch0_s, stored.epoch_count)
        return NightTimes(grid, grid.onset_s(grid.epoch_count))

    def open(
        self,
        name: str,
        *,
        epoch0_s: float | None = None,
        stage_entries: list[HasOnset] | None = None,
    ) -> StoredNight:
        """Open a night; ``epoch0_s`` (s) or the stage entries decide where its grid starts."""
        path = self.find(name)
        if path.suffix != ".epw":
            return StoredNight(self._prepared(path, epoch0_s, stage_entries))
        night = StoredNight(path)
        if epoch0_s is not None and abs(night.epoch0_s - epoch0_s) > 0.5:
            raise TrainingError(
                f"The epochs of {name} start at {night.epoch0_s:g} s, those of the labels at"
                f" {epoch0_s:g} s",
                advice="Use the recording that the labels were made on.",
            )
        return night

    def _make_cache(self) -> None:
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(
                f"Prepared nights cannot be stored: {error.strerror}",
                where=str(self._cache),
                advice="Name a folder for them as “cache”.",
            ) from None

    def open_joined(self, name: str, *, epoch0_s: float, epochs: Sequence[int]) -> StoredNight:
        """Open some epochs of a night alone, joined and then filtered, as in the published runs.

        Raises
        ------
        TrainingError
            When the night is a signal store: its signals are filtered already.
        """
        path = self.find(name)
        if path.suffix == ".epw":
            raise TrainingError(
                "A signal store cannot be put on the published grid: its signals are filtered",
                where=path.name,
                advice="Use the EDF file of the recording.",
            )
        edf = EdfFile.open(path)
        facts = inspect_night(edf, NightDecisions(epoch_start_s=epoch0_s))
        refuse_open(facts.doubts)
        stored = self._stored(path, f"{facts.grid} joined {list(epochs)}")
        if not stored.is_file():
            self._make_cache()
            store_joined(edf, facts, epochs, path=stored)
        return StoredNight(stored)

    def _stored(self, path: Path, how: str) -> Path:
        about = f"{path.stat().st_size} {path.stat().st_mtime_ns} {how}"
        key = hashlib.sha256(about.encode()).hexdigest()[:12]
        return self._cache / f"{path.stem}-{key}.epw"

    def _prepared(self, path: Path, epoch0_s: float | None, entries: list[HasOnset] | None) -> Path:
        edf = EdfFile.open(path)
        decisions = NightDecisions(epoch_start_s=epoch0_s)
        facts = inspect_night(edf, decisions, stage_entries=entries)
        refuse_open(facts.doubts)
        stored = self._stored(path, str(facts.grid))
        if not stored.is_file():
            self._make_cache()
            store_signals(edf, facts, signals_path=stored)
        return stored
