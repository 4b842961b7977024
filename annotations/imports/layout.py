"""What each file of a folder in MASS-EX layout is: tables of nights, and what lies beside them.

Known are `annotations/fine|coarse/NIGHT.csv` with `epochs.csv` and `lights.csv`, anywhere in a
folder or zip, several of them as `massex/SCORER/annotations/` in a release, and bare csv files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from annotations.exports.sinks import CHECKSUMS
from annotations.imports.files import NamedFile
from studies.models import Track

ANNOTATIONS, SPREADSHEET, RELEASE = "annotations", "spreadsheet", "massex"
EPOCHS, LIGHTS = "epochs.csv", "lights.csv"
_TRACKS = {str(track) for track in Track}


@dataclass
class Bundle:
    """The tables of one scorer that share their sidecars; `scorer` is named by a release only."""

    scorer: str = ""
    tables: list[NamedFile] = field(default_factory=list)
    epochs: NamedFile | None = None
    lights: NamedFile | None = None


@dataclass(frozen=True)
class Layout:
    """Everything that was given, sorted: bundles, checksums, and what is not read with why."""

    bundles: Sequence[Bundle]
    checksums: Sequence[NamedFile]
    left_out: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class _Place:
    """A path taken apart: `base` is what comes before `annotations/` and the track's folder."""

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
    found = [bundle for bundle in bundles.values() if bundle.tables]
    return Layout(found, checksums, [out for out in left_out if out[1] != _SILENT])


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
