"""EEGLAB sets in MATLAB's files of version 7.3, which are HDF5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from psg.errors import FaultError, RecordingFileError, fault_words
from psg.readers.formats.matfile import LargeArray

HDF5_MARK = b"\x89HDF\r\n\x1a\n"
_MAX_SMALL_BYTES = 2**20
_MAX_CHUNK_BYTES = 64 * 2**20
_MAX_ELEMENTS = 500_000
_BLOCK_BYTES = 32 * 2**20


def read_set_of_hdf5(path: Path, *, wanted: tuple[str, ...], spool: Path) -> dict[str, Any]:
    """Read the wanted fields of a set; the samples are copied to `spool`, block by block.

    Raises
    ------
    RecordingFileError
    """
    try:
        with h5py.File(path, "r") as file:
            root = _inside(file, "EEG") if "EEG" in file else file
            if not isinstance(root, h5py.Group) or "nbchan" not in root:
                raise RecordingFileError(
                    "This MATLAB file holds no EEGLAB set",
                    where="variables",
                    advice="Save the recording in EEGLAB with File > Save current dataset.",
                )
            return {
                name: _samples(_inside(root, name), spool)
                if name == "data"
                else _value(file, _inside(root, name))
                for name in wanted
                if name in root
            }
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, IndexError) as error:
        raise RecordingFileError(
            "This MATLAB file cannot be read",
            where=fault_words(error),
            advice="It is damaged or incomplete; save it again.",
        ) from error


def _inside(group: Any, name: str, *, called: str = "") -> Any:
    """Return a member that lies in the file itself: links can lead to any file of the server.

    Refusals call it by `called` where the file itself made up its name.
    """
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise FaultError(f"{called or name} is a link")
    member = group[name]
    if isinstance(member, h5py.Dataset) and (member.external or member.is_virtual):
        raise FaultError(f"{called or name} lies in another file")
    return member


def _value(file: Any, member: Any) -> Any:
    if isinstance(member, h5py.Group):
        return _structure(file, member)
    if member.dtype == h5py.ref_dtype or _is_empty(member):
        return []
    if member.size * member.dtype.itemsize > _MAX_SMALL_BYTES:
        raise FaultError("a value is too large")
    return _small(member)


def _is_empty(member: Any) -> bool:
    return "MATLAB_empty" in member.attrs and bool(member.attrs["MATLAB_empty"])


def _small(member: Any) -> Any:
    """Return a text, or a flat array of numbers."""
    if _is_empty(member):
        return np.empty(0)
    if member.size * member.dtype.itemsize > _MAX_SMALL_BYTES:
        raise FaultError("a value is too large")
    values = np.asarray(member[()]).reshape(-1)
    kind = member.attrs.get("MATLAB_class", b"")
    if kind == b"char":
        return "".join(chr(int(code)) for code in values)
    return values


def _structure(file: Any, group: Any) -> Any:
    """Return a structure as a dictionary, or a list of structures as a list of them."""
    members = {name: _inside(group, name, called="a member") for name in group}
    lists = {
        name: member
        for name, member in members.items()
        if isinstance(member, h5py.Dataset) and member.dtype == h5py.ref_dtype
    }
    if not lists:
        return {
            name: _small(member)
            for name, member in members.items()
            if isinstance(member, h5py.Dataset)
        }
    count = max(member.size for member in lists.values())
    if count > _MAX_ELEMENTS:
        raise FaultError(f"a list of {count:,}")
    columns = {
        name: [_at(file, reference) for reference in np.asarray(member[()]).reshape(-1)]
        for name, member in lists.items()
        if name in ("labels", "type", "latency", "duration")
    }
    return [
        {name: values[index] for name, values in columns.items() if index < len(values)}
        for index in range(count)
    ]


def _at(file: Any, reference: Any) -> Any:
    member = file[reference]
    if not isinstance(member, h5py.Dataset) or member.external or member.is_virtual:
        return None
    return None if member.dtype == h5py.ref_dtype else _small(member)


def _samples(member: Any, spool: Path) -> Any:
    """Copy the samples, (samples, channels) as HDF5 turns them, into a flat file."""
    if member.attrs.get("MATLAB_class", b"") == b"char":
        return _small(member)
    if member.ndim > 2 or member.dtype.kind not in "fiu":
        raise FaultError("the samples are no table of numbers")
    chunk = np.prod(member.chunks or (1,), dtype=object) * member.dtype.itemsize
    row_bytes = int(np.prod(member.shape[1:], dtype=object)) * member.dtype.itemsize
    if chunk > _MAX_CHUNK_BYTES or not 0 < row_bytes <= _BLOCK_BYTES:
        raise FaultError("the samples lie in pieces that are too large")
    rows = member.shape[0]
    # Whole chunks at once: each is unpacked as a whole.
    height = member.chunks[0] if member.chunks else 1
    at_once = max(height, _BLOCK_BYTES // row_bytes // height * height)
    path = spool / "samples"
    with path.open("wb") as out:
        for first in range(0, rows, at_once):
            out.write(np.ascontiguousarray(member[first : first + at_once]).tobytes())
    shape = (int(np.prod(member.shape[1:], dtype=object)), rows)
    return LargeArray(path, 0, np.dtype(member.dtype), shape)
