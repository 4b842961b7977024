"""Images of epochs as the model sees them, each once however many samples name it.

Only a release whose study lets images leave has them; elsewhere samples name images that whoever
has the signals can draw, and know by the hash of their pixels.
"""

import csv
from collections.abc import Callable, Sequence

from annotations.exports.sinks import Checksummed, Spool
from annotations.queries.epoch_images import epoch_pixels, open_signals
from annotations.releases.formats.format import Format, Manifest
from annotations.releases.image_names import image_name, image_stems, window
from annotations.releases.nights import Night
from psg.render import pixel_sha256, png_bytes
from psg.signalstore import SignalStore
from recordings.models import Recording
from studies.models import Study

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

    def add(self, night: Night) -> None:
        entry = night.entry
        if entry.recording != self._recording:  # scorings of one recording follow each other
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
