"""Parquet: one row an annotated epoch and scorer, one file a part, for `load_dataset` and pandas.

Options of the writer are fixed here, so that the same rows give the same bytes with the same
version of the library, which the manifest names.
"""

import shutil
import tempfile
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.exports.sinks import Checksummed
from annotations.releases.formats.arrow import batch_of
from annotations.releases.formats.format import Format, Manifest
from annotations.releases.image_names import image_name, image_stems
from annotations.releases.nights import Night
from annotations.releases.parts import parquet_name

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
        ("flags", pa.list_(pa.string())),
        ("evidence", pa.list_(_EVENT)),
        ("original_stage", pa.string()),
        ("image", pa.string()),
        ("row_sha256", pa.string()),
    ]
)
_WRITER_OPTIONS = {
    "version": "2.6",
    "data_page_version": "1.0",
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": [name for name in SCHEMA.names if name not in {"rationale", "row_sha256"}],
    "write_statistics": True,
    "store_schema": False,
}
ROWS_A_GROUP = 8192


class ParquetFormat(Format):
    """Folder data/; a part without a kept epoch has no file: readers stumble over empty ones."""

    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        super().__init__(files, manifest)
        self._stems = image_stems(manifest)
        self._parts: dict[str, _Part] = {}

    def add(self, night: Night) -> None:
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
            self._parts[name] = _Part()
        return self._parts[name]


class _Part:
    """One file that grows beside the sink; rows wait until they fill a group."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._writer = pq.ParquetWriter(self._file, SCHEMA, **_WRITER_OPTIONS)
        self._waiting: list[dict[str, Any]] = []

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
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
        self._writer.write_batch(batch_of(self._waiting, SCHEMA))
        self._waiting.clear()


def _rows(night: Night, image_stem: str) -> Iterable[dict[str, Any]]:
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
                "flags": row.flags,
                "evidence": [_event(event) for event in row.evidence],
                "original_stage": row.exported_text,
                "image": image_name(image_stem, row.epoch) if image_stem else None,
                "row_sha256": row.sha256,
            }


def _event(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event as a struct holds it: measures as a list, for their names are free."""
    values = [{"name": k, "value": v} for k, v in sorted(event.get("values", {}).items())]
    return {**event, "values": values}
