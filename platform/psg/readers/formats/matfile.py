"""MATLAB files up to version 7, read without loading what is large.

A night in a ``.set`` can take gigabytes, and scipy loads a variable whole. So this reads the small
values, and says where the large ones lie. Compressed variables are unpacked to disk first. Source:
"MAT-File Format", The MathWorks.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.errors import FaultError, RecordingFileError, fault_words

MARK = b"MATLAB 5.0 MAT-file"
_HEADER_BYTES = 128
_SMALL_BYTES = 2**16
_MAX_KEPT_BYTES = 128 * 2**20
_MAX_NODES = 3_000_000
_MAX_DEPTH = 16
_MAX_UNPACKED_BYTES = 16 * 2**30
_MAX_RATIO = 200
_FREE_BYTES = 256 * 2**20
_CHUNK_BYTES = 2**20

_MATRIX, _COMPRESSED = 14, 15
_DTYPES = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
_TEXTS = {16: "utf-8", 17: "utf-16", 18: "utf-32"}
_CELL, _STRUCT, _OBJECT, _CHAR, _SPARSE = 1, 2, 3, 4, 5
_NUMERIC = range(6, 16)
_COMPLEX = 0x0800


@dataclass(frozen=True)
class LargeArray:
    """Numbers that were left in the file, the first dimension running fastest."""

    path: Path
    offset: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


def read_variables(path: Path, *, spool: Path) -> dict[str, Any]:
    """Read the variables of a file.

    Structures become dictionaries or lists of them, cells lists, texts `str`, small numbers flat
    arrays in the order of the file, and large numbers `LargeArray`.

    Raises
    ------
    RecordingFileError
        When the file is damaged or asks for more than a recording needs.
    """
    try:
        return _variables(path, spool)
    except (struct.error, ValueError, LookupError, zlib.error, OverflowError) as error:
        raise RecordingFileError(
            "This MATLAB file cannot be read",
            where=fault_words(error),
            advice="It is damaged or incomplete; save it again.",
        ) from error


def _variables(path: Path, spool: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        order = {b"IM": "<", b"MI": ">"}[header[126:128]] if len(header) == _HEADER_BYTES else "<"
        at = _HEADER_BYTES
        while at + 8 <= size:
            file.seek(at)
            kind, length = struct.unpack(f"{order}2I", file.read(8))
            if at + 8 + length > size:
                raise FaultError(f"a variable ends {at + 8 + length - size} bytes behind the file")
            if kind == _COMPRESSED:
                unpacked = spool / f"variable{len(found)}"
                _unpack(file, length, unpacked)
                name, value = _Walk(unpacked, order).variable(0)
                if not isinstance(value, LargeArray) and not _has_large(value):
                    unpacked.unlink()
            elif kind == _MATRIX:
                name, value = _Walk(path, order).variable(at)
            else:
                raise FaultError(f"an element of type {kind}")
            found[name] = value
            # Compressed variables have no filling behind them.
            at += 8 + length
            if len(found) > 1000:
                raise FaultError("more than 1000 variables")
    return found


def _has_large(value: Any) -> bool:
    if isinstance(value, dict):
        return any(isinstance(part, LargeArray) for part in value.values())
    return False


def _unpack(file: Any, length: int, target: Path) -> None:
    inflate = zlib.decompressobj()
    done = 0
    with target.open("wb") as out:
        while length:
            packed = file.read(min(length, _CHUNK_BYTES))
            if not packed:
                raise FaultError("a variable is cut off")
            length -= len(packed)
            done += out.write(inflate.decompress(packed, _CHUNK_BYTES))
            while inflate.unconsumed_tail:
                done += out.write(inflate.decompress(inflate.unconsumed_tail, _CHUNK_BYTES))
                _check_size(done, file.tell())
        done += out.write(inflate.flush())
        _check_size(done, file.tell())


def _check_size(unpacked: int, packed: int) -> None:
    if unpacked > _MAX_UNPACKED_BYTES or unpacked > max(_FREE_BYTES, _MAX_RATIO * packed):
        raise RecordingFileError(
            "This MATLAB file is too large when it is unpacked",
            where=f"over {unpacked // 2**20:,} MiB",
            advice="Save it without compression, or export it as EDF.",
        )


@dataclass(frozen=True)
class _Element:
    kind: int
    start: int
    size: int
    after: int


@dataclass
class _Walk:
    """Reads a variable of a file; positions are bytes from its start."""

    path: Path
    order: str
    nodes: int = field(default=0, init=False)
    kept_bytes: int = field(default=0, init=False)

    def variable(self, at: int) -> tuple[str, Any]:
        with self.path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        element = self._element(at, len(self._data))
        if element.kind != _MATRIX:
            raise FaultError(f"a variable of type {element.kind}")
        return self._matrix(element, 0)

    def _element(self, at: int, end: int) -> _Element:
        """Read the tag of an element: its type and size, and where it and the next one begin."""
        if at + 8 > end:
            raise FaultError("an element lies outside of its variable")
        first, size = struct.unpack_from(f"{self.order}2I", self._data, at)
        if first >> 16:
            kind, size = first & 0xFFFF, first >> 16
            if size > 4:
                raise FaultError("a small element of more than 4 bytes")
            return _Element(kind, at + 4, size, at + 8)
        after = at + 8 + size + (-size % 8)
        if at + 8 + size > end:
            raise FaultError("an element is longer than its variable")
        return _Element(first, at + 8, size, after)

    def _matrix(self, element: _Element, depth: int) -> tuple[str, Any]:
        self.nodes += 1
        if self.nodes > _MAX_NODES or depth > _MAX_DEPTH:
            raise FaultError("more values, or deeper ones, than a recording needs")
        end = element.start + element.size
        if element.size == 0:
            return "", np.empty(0)
        flags = self._element(element.start, end)
        word = int(self._numbers(flags)[0])
        dimensions = self._element(flags.after, end)
        shape = tuple(int(size) for size in self._numbers(dimensions))
        if any(size < 0 for size in shape):
            raise FaultError("a negative dimension")
        naming = self._element(dimensions.after, end)
        name = self._bytes(naming).split(b"\0")[0].decode("latin-1")
        return name, self._value(word, shape, naming.after, end, depth)

    def _value(self, word: int, shape: tuple[int, ...], at: int, end: int, depth: int) -> Any:
        kind = word & 0xFF
        count = int(np.prod(shape, dtype=object)) if shape else 0
        if kind == _CHAR:
            return self._text(self._element(at, end), shape) if count else ""
        if kind in _NUMERIC:
            return self._array(word, shape, count, at, end)
        if kind in (_CELL, _STRUCT, _OBJECT) and count > _MAX_NODES:
            raise FaultError(f"{count} values in a list")
        if kind == _CELL:
            return self._list(count, at, end, depth)[0]
        if kind in (_STRUCT, _OBJECT):
            return self._structures(kind, count, at, end, depth)
        return None  # sparse numbers and functions: nothing of a recording

    def _list(self, count: int, at: int, end: int, depth: int) -> tuple[list[Any], int]:
        values = []
        for _ in range(count):
            element = self._element(at, end)
            values.append(self._matrix(element, depth + 1)[1])
            at = element.after
        return values, at

    def _structures(self, kind: int, count: int, at: int, end: int, depth: int) -> Any:
        if kind == _OBJECT:
            at = self._element(at, end).after
        widths = self._element(at, end)
        width = int(self._numbers(widths)[0])
        names = self._element(widths.after, end)
        if width < 1 or names.size > _SMALL_BYTES:
            raise FaultError("the names of a structure cannot be read")
        text = self._bytes(names)
        fields = [
            text[start : start + width].split(b"\0")[0].decode("latin-1")
            for start in range(0, len(text) - width + 1, width)
        ]
        values, _ = self._list(count * len(fields), names.after, end, depth)
        step = len(fields)
        made = [
            dict(zip(fields, values[first : first + step], strict=True))
            for first in range(0, count * step, step or 1)
        ]
        return made[0] if count == 1 and made else made

    def _array(self, word: int, shape: tuple[int, ...], count: int, at: int, end: int) -> Any:
        if word & _COMPLEX:
            raise FaultError("complex numbers")
        if not count:
            return np.empty(0)
        element = self._element(at, end)
        dtype = self._dtype(element)
        if count * dtype.itemsize != element.size:
            raise FaultError(f"{count} numbers in {element.size} bytes")
        if element.size > _SMALL_BYTES:
            return LargeArray(self.path, element.start, dtype, shape)
        return self._numbers(element)

    def _dtype(self, element: _Element) -> np.dtype[Any]:
        if element.kind not in _DTYPES:
            raise FaultError(f"numbers of type {element.kind}")
        return np.dtype(f"{self.order}{_DTYPES[element.kind]}")

    def _numbers(self, element: _Element) -> NDArray[Any]:
        return np.frombuffer(self._bytes(element), dtype=self._dtype(element))

    def _bytes(self, element: _Element) -> bytes:
        if element.size > _SMALL_BYTES:
            raise FaultError(f"a text of {element.size} bytes")
        self.kept_bytes += element.size
        if self.kept_bytes > _MAX_KEPT_BYTES:
            raise FaultError("more values than a recording needs")
        return self._data[element.start : element.start + element.size]

    def _text(self, element: _Element, shape: tuple[int, ...]) -> str:
        data = self._bytes(element)
        if element.kind in _TEXTS:
            bytes_order = "" if element.kind == 16 else {"<": "-le", ">": "-be"}[self.order]
            return data.decode(f"{_TEXTS[element.kind]}{bytes_order}", "replace")
        codes = np.frombuffer(data, dtype=self._dtype(element))
        return "".join(chr(int(code)) for code in codes if 0 <= code < 0x110000)
