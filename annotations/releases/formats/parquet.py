"""Parquet files of a release: a row for each epoch and scorer, a file for each part.

Python values become Arrow arrays by their buffers. ``pyarrow.array`` would load pandas wherever
it is installed, and with it 50 MiB into a worker that does not use it.
"""

import shutil
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from annotations.downloads import Checksummed
from annotations.releases.columns import GROUNDING, parquet_name
from annotations.releases.formats.format import Format
from annotations.releases.formats.signals import image_name, image_stems
from annotations.releases.manifest import Manifest
from annotations.releases.nights import ReleaseNight
from psg.typed_json import JsonObject
from recordings.store import unnamed_file


def batch_of(rows: Sequence[JsonObject], schema: pa.Schema) -> pa.RecordBatch:
    """Lay rows out as columns; None, or a name that a row does not have, is null."""
    columns = [array_of([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return values of strings, numbers, lists and structs as an array of that type."""
    if pa.types.is_list(kind):
        places = _places(len(value or ()) for value in values)
        items = list(chain.from_iterable(value or () for value in values))
        return _array(kind, values, [places], [array_of(items, kind.value_type)])
    if pa.types.is_struct(kind):
        fields = [
            array_of([(value or {}).get(field.name) for value in values], field.type)
            for field in kind
        ]
        return _array(kind, values, [], fields)
    if pa.types.is_string(kind):
        encoded = [(value or "").encode() for value in values]
        return _array(kind, values, [_places(map(len, encoded)), b"".join(encoded)], [])
    dtype = kind.to_pandas_dtype()  # a type of NumPy, in spite of its name
    return _array(kind, values, [np.array([value or 0 for value in values], dtype)], [])


def _array(
    kind: pa.DataType,
    values: Sequence[Any],
    content: Sequence[NDArray[Any] | bytes],
    children: Sequence[pa.Array],
) -> pa.Array:
    given = np.array([value is not None for value in values], dtype=np.bool_)
    mask = None if given.all() else pa.py_buffer(np.packbits(given, bitorder="little"))
    buffers = [mask, *(pa.py_buffer(buffer) for buffer in content)]
    return pa.Array.from_buffers(kind, len(values), buffers, children=list(children))


def _places(lengths: Iterable[int]) -> NDArray[np.int32]:
    """Return where each value begins, and where the last value ends."""
    return np.cumsum([0, *lengths], dtype=np.int32)


# Parquet: one row an annotated epoch and scorer, one file a part, for `load_dataset` and pandas.
#
# Options of the writer are fixed here, so that the same rows give the same bytes with the same
# version of the library, which the manifest names.


_VALUE = pa.struct([("name", pa.string()), ("value", pa.float64())])
_EVENT = pa.struct(
    [
        ("kind", pa.string()),
        ("derivation", pa.string()),
        ("start_s", pa.float64()),
        ("end_s", pa.float64()),
        ("values", pa.list_(_VALUE)),
        ("signal", pa.string()),
        ("sfreq_hz", pa.float64()),
    ]
)
SCHEMA = pa.schema(
    [
        ("subject", pa.string()),
        ("recording", pa.string()),
        ("scorer", pa.string()),
        ("scorer_kind", pa.string()),
        ("mode", pa.string()),
        ("part", pa.string()),
        ("track", pa.string()),
        ("rule_edition", pa.string()),
        ("epoch", pa.int32()),
        ("n", pa.int32()),
        ("onset_s", pa.float64()),
        ("stage", pa.string()),
        ("rules", pa.list_(pa.string())),
        ("rationale", pa.string()),
        ("grounding", pa.string()),
        ("flags", pa.list_(pa.string())),
        ("evidence", pa.list_(_EVENT)),
        ("original_stage", pa.string()),
        ("image", pa.string()),
        ("row_sha256", pa.string()),
    ]
)
_IN_DICTIONARIES = [name for name in SCHEMA.names if name not in {"rationale", "row_sha256"}]
_WRITER_OPTIONS = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 3,
    "write_statistics": True,
    "store_schema": False,
}
ROWS_A_GROUP = 8192


def schema_of(manifest: Manifest) -> pa.Schema:
    """Return the schema of the form of a release."""
    if manifest.has_grounding:
        return SCHEMA
    return SCHEMA.remove(SCHEMA.get_field_index(GROUNDING))


class ParquetFormat(Format):
    """Folder data/; a part without a kept epoch has no file: readers stumble over empty ones."""

    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        super().__init__(files, manifest)
        self._stems = image_stems(manifest)
        self._schema = schema_of(manifest)
        self._parts: dict[str, _Part] = {}

    def add(self, night: ReleaseNight) -> None:
        if night.entry.kept_count:
            stem = self._stems[night.entry.recording]
            self._part(night.entry.part).add(_rows(night, stem if night.entry.has_images else ""))

    def finish(self) -> None:
        for name, part in sorted(self._parts.items()):
            part.copy_into(self.files, parquet_name(name))

    def close(self) -> None:
        for part in self._parts.values():
            part.close()

    def _part(self, name: str) -> "_Part":
        if name not in self._parts:
            self._parts[name] = _Part(self._schema)
        return self._parts[name]


class _Part:
    """A file that grows apart from the sink; rows wait until they fill a group."""

    def __init__(self, schema: pa.Schema) -> None:
        self._file = unnamed_file()
        self._schema = schema
        known = [name for name in _IN_DICTIONARIES if name in schema.names]
        options = {**_WRITER_OPTIONS, "use_dictionary": known}
        self._writer = pq.ParquetWriter(self._file, schema, **options)
        self._waiting: list[JsonObject] = []

    def add(self, rows: Iterable[JsonObject]) -> None:
        self._waiting.extend(rows)
        if len(self._waiting) >= ROWS_A_GROUP:
            self._flush()

    def copy_into(self, files: Checksummed, name: str) -> None:
        if self._waiting:
            self._flush()
        self._writer.close()
        self._file.seek(0)
        with files.binary(name) as target:
            shutil.copyfileobj(self._file, target)

    def close(self) -> None:
        self._writer.close()
        self._file.close()

    def _flush(self) -> None:
        self._writer.write_batch(batch_of(self._waiting, self._schema))
        self._waiting.clear()


def _rows(night: ReleaseNight, image_stem: str) -> Iterable[JsonObject]:
    entry = night.entry
    of_night = {
        "subject": entry.subject,
        "recording": entry.recording,
        "scorer": entry.scorer,
        "scorer_kind": entry.kind,
        "mode": entry.mode or None,
        "part": entry.part,
        "track": entry.track,
        "rule_edition": entry.rule_edition,
    }
    for kept in night.rows:
        if kept.is_kept:
            row, laid = kept.row, night.laid[kept.row.epoch]
            yield {
                **of_night,
                "epoch": row.epoch,
                "n": laid.number,
                "onset_s": laid.onset_s,
                "stage": row.stage,
                "rules": row.rules,
                "rationale": row.rationale or None,
                "grounding": row.grounding or None,
                "flags": row.flags,
                "evidence": [_event(event) for event in row.evidence],
                "original_stage": row.exported_text,
                "image": image_name(image_stem, row.epoch) if image_stem else None,
                "row_sha256": row.sha256,
            }


def _event(event: JsonObject) -> JsonObject:
    """Return an event as a struct: measured values as a list, since their names may be any."""
    measured = event.get("values")
    values = sorted(measured.items()) if isinstance(measured, dict) else []
    return {**event, "values": [{"name": name, "value": value} for name, value in values]}
