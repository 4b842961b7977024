"""The files of a release, written from its manifest and its nights.

The same manifest and rows always give the same bytes.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from django.utils.module_loading import import_string

from annotations.downloads import Checksummed, Sink, Table, write_csv
from annotations.releases.card import citation, dataset_card
from annotations.releases.croissant import NAME as CROISSANT
from annotations.releases.croissant import croissant
from annotations.releases.datasheet import datasheet
from annotations.releases.formats.format import Format
from annotations.releases.formats.published import PublishedFormat
from annotations.releases.formats.signals import (
    ImagesFormat,
    SignalsFormat,
    open_store,
    open_whole_night,
)
from annotations.releases.manifest import Manifest
from annotations.releases.nights import ReleaseNight
from studies.models import Study

# By path: only the process that makes a release loads what its formats are written with.
FORMATS = (
    "annotations.releases.formats.rowlist.RowListFormat",
    "annotations.releases.formats.labels.MassexFormat",
    "annotations.releases.formats.labels.YasaFormat",
    "annotations.releases.formats.labels.EdfFormat",
    "annotations.releases.formats.bids.BidsFormat",
    "annotations.releases.formats.parquet.ParquetFormat",
    "annotations.releases.formats.sft.SftFormat",
)
MANIFEST = "manifest.json"
SPLITS = "splits.csv"
RATINGS = "ratings.csv"


def write_release(
    sink: Sink,
    *,
    study: Study,
    manifest: Manifest,
    nights: Iterable[ReleaseNight],
    ratings: Table,
    on_night: Callable[[int], None] = lambda done: None,
) -> dict[str, str]:
    """Write every file with a single night in memory; return the checksums by name.

    Of `study` only signals are read, where the release contains images or signals. `on_night`
    is called with the number of nights that are done, repeatedly while a night takes long.
    """
    manifest = manifest.in_order()
    files = Checksummed(sink)
    progress = _Progress(on_night)
    with ExitStack() as stack:
        formats = [
            stack.enter_context(form) for form in _formats(files, manifest, study, progress.beat)
        ]
        for night in nights:
            for form in formats:
                form.add(night)
            progress.done += 1
            progress.beat()
        for form in formats:
            form.finish()
    _write_tables(files, manifest, ratings)
    _write_texts(files, manifest)
    files.write_checksums()
    return files.sums


@dataclass
class _Progress:
    report: Callable[[int], None]
    done: int = 0

    def beat(self) -> None:
        self.report(self.done)


def _formats(
    files: Checksummed, manifest: Manifest, study: Study, beat: Callable[[], None]
) -> Iterator[Format]:
    for path in FORMATS:
        yield import_string(path)(files, manifest)
    if manifest.composition.with_published:
        yield PublishedFormat(files, manifest, open_store=partial(open_store, study), beat=beat)
    if manifest.carries.images:
        yield ImagesFormat(files, manifest, open_store=partial(open_store, study), beat=beat)
    if manifest.carries.signals:
        of_night = partial(open_whole_night, study)
        yield SignalsFormat(files, manifest, open_store=of_night, beat=beat)


def _write_tables(files: Checksummed, manifest: Manifest, ratings: Table) -> None:
    parts = sorted({(night.subject, night.recording, night.part) for night in manifest.nights})
    with files.text(SPLITS) as file:
        write_csv(file, Table(("subject", "recording", "part"), parts))
    if manifest.composition.with_ratings:
        with files.text(RATINGS) as file:
            write_csv(file, ratings)


def _write_texts(files: Checksummed, manifest: Manifest) -> None:
    for name, text in {
        MANIFEST: manifest.text(),
        "README.md": dataset_card(manifest, names=files.sums),
        "datasheet.md": datasheet(manifest),
        "CITATION.cff": citation(manifest),
        "LICENCE.txt": f"{manifest.licence}\n\n{manifest.data_terms}".rstrip() + "\n",
    }.items():
        with files.text(name) as file:
            file.write(text)
    with files.text(CROISSANT) as file:
        file.write(croissant(manifest, files.sums))
