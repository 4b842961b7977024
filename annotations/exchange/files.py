"""Files to import: read within limits, never unpacked, and sorted by the MASS-EX layout."""

import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Generic, TypeVar

from annotations.downloads import CHECKSUMS
from annotations.exchange.massex_files import (
    NightLights,
    bounded_bytes,
    read_lights_table,
)
from jobs.reader import Reader
from psg.errors import PsgError, StageFileError
from psg.massex import LIMIT_BYTES, Sidecar, read_epochs
from psg.zips import ZipBounds, faults_refused, files_in, open_zip
from studies.models import Track

MOST_FILES = 5_000
MOST_BYTES = 512 * 2**20
LONGEST_NAME = 300
_BOUNDS = ZipBounds(
    StageFileError,
    most_files=2 * MOST_FILES,  # with folders
    most_list_bytes=2 * 2**20,
    advice=f"At most {MOST_FILES:,} are looked at. Of a release, massex/ is enough.",
    methods=frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}),
)


@dataclass(frozen=True)
class NamedFile:
    """A file among the given files, by its path; read on request."""

    path: str
    read: Callable[[], bytes]


def files_of_zip(file: IO[bytes], *, whole: bool = False) -> list[NamedFile]:
    """List the files of a zip; nothing of it is unpacked to disk.

    Their sizes are bounded together: those of csv files, or with `whole` of all.

    Raises
    ------
    StageFileError
        When it is damaged, a bomb, encrypted, or has paths that lead out of it.
    """
    archive = open_zip(file, _BOUNDS)
    entries = files_in(archive, _BOUNDS)
    _check_entries(entries, [e for e in entries if whole or e.filename.casefold().endswith(".csv")])
    return [NamedFile(entry.filename, _reader(archive, entry)) for entry in entries]


def files_of_paths(paths: Iterable[Path], *, base: Path | None = None) -> list[NamedFile]:
    """List files and those below folders, without links.

    Their paths begin with the name of the folder that is given, or below `base`.
    """
    files: list[NamedFile] = []
    for given in (path.absolute() for path in paths):
        below = sorted(given.rglob("*")) if given.is_dir() else [given]
        files += [
            NamedFile(path.relative_to(base or given.parent).as_posix(), _path_reader(path))
            for path in below
            if path.is_file() and not path.is_symlink()
        ]
    check_names([file.path for file in files])
    return files


def check_names(names: Sequence[str]) -> None:
    """Refuse names that lead elsewhere, name something twice, or are too many.

    Raises
    ------
    StageFileError
    """
    if len(names) > MOST_FILES:
        raise StageFileError(
            f"There are {len(names):,} files",
            advice=f"At most {MOST_FILES:,} are looked at. Of a release, massex/ is enough.",
        )
    for name in names:
        parts = name.split("/")
        is_odd = not name.isprintable() or "\\" in name or ":" in parts[0]
        if is_odd or len(name) > LONGEST_NAME or {"", ".", ".."} & set(parts):
            raise StageFileError(
                "A file has a path that leads elsewhere",
                where=repr(name[:80]),
                advice="Nothing was read. Pack the folder again.",
            )
    name, times = Counter(names).most_common(1)[0] if names else ("", 0)
    if times > 1:
        raise StageFileError("A file is there twice", where=name[:80], advice="Pack it again.")


def _check_entries(entries: Sequence[zipfile.ZipInfo], read: Sequence[zipfile.ZipInfo]) -> None:
    check_names([entry.filename for entry in entries])
    # Images and other formats of a release may be large: they are never unpacked.
    if sum(entry.file_size for entry in read) > MOST_BYTES:
        raise StageFileError(
            "The unpacked zip is too large",
            where=f"over {MOST_BYTES // 2**20} MiB",
            advice="Import fewer recordings at a time.",
        )
    for entry in entries:
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise StageFileError(
                "The zip holds a link", where=entry.filename[:80], advice="Pack the file itself."
            )


def _reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        with faults_refused(_BOUNDS), archive.open(entry) as file:
            return file.read(LIMIT_BYTES + 1)

    return read


def _path_reader(path: Path) -> Callable[[], bytes]:
    return lambda: bounded_bytes(path)


# The MASS-EX layout: `annotations/fine|coarse/NIGHT.csv` with `epochs.csv` and `lights.csv`,
# anywhere in a folder or zip; in a release as `massex/SCORER/annotations/`; and single csv files.


ANNOTATIONS, SPREADSHEET, RELEASE = "annotations", "spreadsheet", "massex"
EPOCHS, LIGHTS = "epochs.csv", "lights.csv"
_TRACKS = {str(track) for track in Track}


@dataclass
class Bundle:
    """The tables of a scorer with common sidecars; `scorer` is empty outside of releases."""

    scorer: str = ""
    tables: list[NamedFile] = field(default_factory=list)
    epochs: NamedFile | None = None
    lights: NamedFile | None = None


@dataclass(frozen=True)
class Layout:
    """All given files: bundles, lists of checksums, and files that are not read with a reason."""

    bundles: Sequence[Bundle]
    checksums: Sequence[NamedFile]
    left_out: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class _Place:
    """The pieces of a path; `base` is the part before `annotations/` and the track's folder."""

    base: tuple[str, ...]
    is_annotations: bool
    name: str


def lay_out(files: Iterable[NamedFile]) -> Layout:
    """Sort files into bundles, in order of their paths."""
    known = sorted(files, key=lambda file: file.path)
    checksums = [file for file in known if file.path.rpartition("/")[2] == CHECKSUMS]
    places = {file.path: _place(file.path) for file in known}
    below_only = any(place.is_annotations for place in places.values())
    bundles: dict[tuple[str, ...], Bundle] = {}
    left_out: list[tuple[str, str]] = []
    for file in known:
        place = places[file.path]
        if why := _why_not(file, place, below_only=below_only):
            left_out.append((file.path, why))
            continue
        bundle = bundles.setdefault(place.base, Bundle(scorer=_scorer(place.base)))
        if place.name.casefold() == EPOCHS:
            bundle.epochs = file
        elif place.name.casefold() == LIGHTS:
            bundle.lights = file
        else:
            bundle.tables.append(file)
    with_tables = [bundle for bundle in bundles.values() if bundle.tables]
    return Layout(with_tables, checksums, [out for out in left_out if out[1] != _SILENT])


_SILENT = "-"


def _why_not(file: NamedFile, place: _Place, *, below_only: bool) -> str:
    folders = {*place.base}
    if (
        place.name.startswith(".")
        or "__MACOSX" in folders
        or place.name in (CHECKSUMS, "README.txt")
    ):
        return _SILENT
    if SPREADSHEET in folders:
        return "the form for spreadsheets; annotations/ is read"
    if not place.name.casefold().endswith(".csv"):
        return "not a csv file"
    if below_only and not place.is_annotations:
        return "not in a folder annotations/"
    return ""


def _place(path: str) -> _Place:
    *folders, name = path.split("/")
    if folders and folders[-1].casefold() in _TRACKS:
        folders.pop()
    is_annotations = bool(folders) and folders[-1].casefold() == ANNOTATIONS
    return _Place(tuple(folders[:-1] if is_annotations else folders), is_annotations, name)


def _scorer(base: Sequence[str]) -> str:
    return base[-1] if len(base) > 1 and base[-2] == RELEASE else ""


T = TypeVar("T")


class Beside:
    """The sidecars of a bundle. An error in a sidecar is an error of every night beside it."""

    def __init__(self, bundle: Bundle, reader: Reader) -> None:
        self._epochs = _Sidecars(bundle.epochs, read_epochs, reader)
        self._lights = _Sidecars(bundle.lights, read_lights_table, reader)

    def sidecar(self, subject: str) -> Sidecar | None:
        """Return the times of a night; None without an epochs.csv.

        Raises
        ------
        PsgError
        """
        nights = self._epochs.nights()
        return None if nights is None else nights.get(subject, Sidecar())

    def lights(self, subject: str) -> NightLights | None:
        """Return the lights of a night; None where there are none."""
        return (self._lights.nights() or {}).get(subject)


class _Sidecars(Generic[T]):
    """A sidecar, read when it is first needed, and only once, also when it is refused."""

    def __init__(
        self, file: NamedFile | None, read: Callable[[bytes], dict[str, T]], reader: Reader
    ) -> None:
        self._file, self._read, self._reader = file, read, reader
        self._nights: dict[str, T] | None = None
        self._refused: PsgError | None = None

    def nights(self) -> dict[str, T] | None:
        """Return the content by subject; None if there is no such file.

        Raises
        ------
        PsgError
        """
        if self._refused is not None:
            raise self._refused
        if self._file is not None and self._nights is None:
            try:
                self._nights = _named(self._file, self._read, self._reader)
            except PsgError as error:
                self._refused = error
                raise
        return self._nights


def _named(file: NamedFile, read: Callable[[bytes], dict[str, T]], reader: Reader) -> dict[str, T]:
    try:
        return reader.read(lambda _: read(file.read()))
    except PsgError as error:
        raise StageFileError(
            f"{file.path}: {error.what}", where=error.where, advice=error.advice
        ) from None
