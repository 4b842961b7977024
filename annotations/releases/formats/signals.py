"""Images of epochs as the model sees them, and filtered signals, where the study allows it."""

import csv
from collections.abc import Callable, Sequence

from annotations.downloads import Checksummed, Spool
from annotations.exchange.massex_tables import FileStems
from annotations.releases.formats.format import Format
from annotations.releases.manifest import Manifest
from annotations.releases.nights import ReleaseNight
from psg.edf.writing import write_store_as_edf
from psg.render import pixel_sha256, png_bytes
from psg.signalstore import SignalStore
from recordings.images import epoch_pixels, open_signals
from recordings.models import Recording
from studies.models import Study


def image_stems(manifest: Manifest) -> dict[str, str]:
    """Return the folder of each recording; it is the same in every format."""
    stems = FileStems()
    return {night.recording: stems.of(night.recording) for night in manifest.nights}


def image_name(stem: str, epoch: int) -> str:
    return f"images/{stem}/{epoch:04d}.png"


def window(epoch: int, epoch_count: int) -> tuple[int, int, int]:
    """Return an epoch between its neighbours; the first and last of a night occur twice."""
    return max(epoch - 1, 0), epoch, min(epoch + 1, epoch_count - 1)


# Images of epochs as the model sees them, each a single time for all samples that list it.
#
# Only a release whose study allows images contains them. Otherwise samples list images that can be
# drawn from the signals, and recognised by the hash of their pixels.


NAME = "images.csv"
COLUMNS = ("recording", "epoch", "file", "pixel_sha256")
IMAGES_A_BEAT = 500

OpenStore = Callable[[str], SignalStore]


def open_store(study: Study, recording: str) -> SignalStore:
    return open_signals(Recording.objects.get(study=study, name=recording))


class ImagesFormat(Format):
    """images/<recording>/<epoch>.png for every kept epoch and its neighbours, and their list."""

    def __init__(
        self,
        files: Checksummed,
        manifest: Manifest,
        *,
        open_store: OpenStore,
        beat: Callable[[], None],
    ) -> None:
        super().__init__(files, manifest)
        self._open_store = open_store
        self._beat = beat
        self._stems = image_stems(manifest)
        self._recording = ""
        self._drawn: set[int] = set()
        self._spool = Spool()
        self._list = csv.writer(self._spool.file, lineterminator="\n")
        self._list.writerow(COLUMNS)

    def add(self, night: ReleaseNight) -> None:
        entry = night.entry
        if entry.recording != self._recording:  # scorings of a recording follow each other
            self._recording, self._drawn = entry.recording, set()
        kept = [kept.row.epoch for kept in night.rows if kept.is_kept]
        wanted = {n for epoch in kept for n in window(epoch, entry.epoch_count)} - self._drawn
        if entry.has_images and wanted:
            self._draw(entry.recording, sorted(wanted))
            self._drawn |= wanted

    def finish(self) -> None:
        self._spool.copy_into(self.files, NAME)

    def close(self) -> None:
        self._spool.close()

    def _draw(self, recording: str, epochs: Sequence[int]) -> None:
        with self._open_store(recording) as store:
            for done, epoch in enumerate(epochs):
                if done % IMAGES_A_BEAT == 0:
                    self._beat()
                pixels = epoch_pixels(store, epoch)
                name = image_name(self._stems[recording], epoch)
                with self.files.binary(name) as file:
                    file.write(png_bytes(pixels))
                self._list.writerow((recording, epoch, name, pixel_sha256(pixels)))


# Filtered signals of every night, where the study allows them.


def open_whole_night(study: Study, recording: str) -> SignalStore | None:
    """Open the signals of a night; None where there are labels only."""
    night = Recording.objects.get(study=study, name=recording)
    return open_signals(night) if night.has_signals else None


class SignalsFormat(Format):
    """signals/<recording>.edf for every night with signals."""

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

    def add(self, night: ReleaseNight) -> None:
        recording = night.entry.recording
        if recording == self._recording:  # scorings of a recording follow each other
            return
        self._recording = recording
        store = self._open_store(recording)
        if store is None:
            return
        with store, self.files.binary(f"signals/{self._stems[recording]}.edf") as file:
            write_store_as_edf(store, file, beat=self._beat)
