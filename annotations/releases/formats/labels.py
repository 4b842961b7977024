"""Labels as MASS-EX csv, as yasa's text and as EDF+ annotations."""

import tempfile
from pathlib import Path

from annotations.downloads import Checksummed
from annotations.exchange.archive import PLAIN_FORM, MassexFolder
from annotations.exchange.massex_tables import FileStems
from annotations.releases.formats.format import Format
from annotations.releases.manifest import Manifest
from annotations.releases.nights import ReleaseNight
from psg.lights import Lights
from psg.stagefiles import CODE_MAPS, write_edf_stages
from psg.stagefiles.marks import mark_of
from psg.stages import Stage
from studies.models import Track


class MassexFormat(Format):
    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        super().__init__(files, manifest)
        self._folders: dict[str, MassexFolder] = {}

    def add(self, night: ReleaseNight) -> None:
        entry = night.entry
        folder = self._folders.get(entry.scorer)
        if folder is None:
            folder = MassexFolder(self.files, below=f"massex/{entry.scorer}/", forms=[PLAIN_FORM])
            self._folders[entry.scorer] = folder
        folder.add(
            entry.name,
            night.laid,
            track=Track(entry.track),
            own=Lights(*entry.scorer_lights),
            recording=Lights(*entry.lights),
        )

    def finish(self) -> None:
        for folder in self._folders.values():
            folder.finish()

    def close(self) -> None:
        for folder in self._folders.values():
            folder.__exit__()


# Stages alone: text as yasa reads it, and EDF+ annotations.


YASA_UNSCORED = -2
_YASA_CODE = {stage: code for code, stage in CODE_MAPS["yasa"].items() if stage is not None}


def stages_of(night: ReleaseNight) -> list[Stage | None]:
    """Return the stage of every epoch of the grid, None where it is not in the release."""
    return [None if row.stage is None else Stage(row.stage) for row in night.laid]


class _FilePerNight(Format):
    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        super().__init__(files, manifest)
        self._stems = FileStems()

    def name(self, folder: str, night: ReleaseNight, ending: str) -> str:
        return f"{folder}/{night.entry.scorer}/{self._stems.of(night.entry.name)}.{ending}"


class YasaFormat(_FilePerNight):
    """An integer for each epoch of 30 s: 0 to 4 for W, N1, N2, N3, R, and -2 without a stage."""

    def add(self, night: ReleaseNight) -> None:
        with self.files.text(self.name("hypnograms", night, "txt")) as file:
            for stage in stages_of(night):
                file.write(f"{YASA_UNSCORED if stage is None else _YASA_CODE[stage]}\n")


class EdfFormat(_FilePerNight):
    """EDF+ annotations at the seconds of the recording; `?` where there is no stage."""

    def add(self, night: ReleaseNight) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "stages.edf"
            stages = stages_of(night)
            mark = str(mark_of(night.entry.kind, stages)) if self.manifest.has_marks else ""
            write_edf_stages(path, stages, night.entry.grid, mark=mark)
            with self.files.binary(self.name("edf", night, "edf")) as file:
                file.write(path.read_bytes())
