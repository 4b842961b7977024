"""Filtered signals of every night, only where the study lets signals leave."""

from collections.abc import Callable

from annotations.exports.sinks import Checksummed
from annotations.queries.epoch_images import open_signals
from annotations.releases.formats.format import Format, Manifest
from annotations.releases.image_names import image_stems
from annotations.releases.nights import Night
from psg.edf.writing import write_store_as_edf
from psg.signalstore import SignalStore
from recordings.models import Recording
from studies.models import Study


def open_whole_night(study: Study, recording: str) -> SignalStore | None:
    """Open the signals of a night; None where there are labels only."""
    found = Recording.objects.get(study=study, name=recording)
    return open_signals(found) if found.has_signals else None


class SignalsFormat(Format):
    """signals/<recording>.edf, whole nights once each; those without signals have no file."""

    def __init__(
        self,
        files: Checksummed,
        manifest: Manifest,
        *,
        open_store: Callable[[str], SignalStore | None],
        beat: Callable[[], None],
    ) -> None:
        super().__init__(files, manifest)
        self._open_store = open_store
        self._beat = beat
        self._stems = image_stems(manifest)
        self._recording = ""

    def add(self, night: Night) -> None:
        recording = night.entry.recording
        if recording == self._recording:  # scorings of one recording follow each other
            return
        self._recording = recording
        store = self._open_store(recording)
        if store is None:
            return
        with store, self.files.binary(f"signals/{self._stems[recording]}.edf") as file:
            write_store_as_edf(store, file, beat=self._beat)
