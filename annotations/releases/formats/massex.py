"""MASS-EX csv: one folder a scorer, the tables that exports write."""

from annotations.exports.archive import PLAIN_FORM, MassexFolder
from annotations.exports.sinks import Checksummed
from annotations.releases.formats.format import Format, Manifest
from annotations.releases.nights import Night
from psg.lights import Lights
from studies.models import Track


class MassexFormat(Format):
    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        super().__init__(files, manifest)
        self._folders: dict[str, MassexFolder] = {}

    def add(self, night: Night) -> None:
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
