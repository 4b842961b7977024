"""The layout that an EDF header declares, against the size of the file."""

from __future__ import annotations

from psg.edf.header import EdfHeader, EdfLimits
from psg.errors import EdfError


def check_layout(header: EdfHeader, limits: EdfLimits) -> None:
    """Refuse a header that describes no signals in time, or annotations without end."""
    texts = sum(signal.samples_per_record for signal in header.signals if signal.is_annotation)
    text_bytes = texts * header.sample_bytes
    if text_bytes > limits.max_record_annotation_bytes:
        raise EdfError(
            f"A data record has {text_bytes:,} bytes of annotations",
            where="file header",
            advice=f"At most {limits.max_record_annotation_bytes:,} are read; export again.",
        )
    if header.samples_per_record == 0:
        raise EdfError(
            "The header declares signals without samples",
            where="file header",
            advice="Export the recording again.",
        )
    has_signals = any(not signal.is_annotation for signal in header.signals)
    if has_signals and header.record_duration_s == 0:
        raise EdfError(
            "The header declares data records of 0 seconds",
            where="file header",
            advice="Export the recording again.",
        )


def count_records(header: EdfHeader, size_bytes: int) -> tuple[int, list[str]]:
    """Compare the record count of the header with the size of the file.

    A recorder writes -1 until it has finished, so -1 or too few is a header left behind by
    a recording that went on; more than the file holds is a file that was cut off later.
    """
    record_bytes = header.record_bytes
    held, rest_bytes = divmod(size_bytes - header.size_bytes, record_bytes)
    declared = header.record_count
    warnings = _check_header_bytes(header, fits=held == declared and rest_bytes == 0)
    if held == 0 or declared > held:
        raise EdfError(
            "The file is truncated, or the record count in its header is wrong",
            where=f"header declares {declared} data records, the file holds {held} whole ones",
            advice="Copy it again from the recorder. A recording that broke off there"
            " must declare -1 records.",
        )
    if declared != held:
        warnings.append(
            f"The header declares {declared} data records, the file holds {held}; all were read."
        )
    if rest_bytes:
        warnings.append("The last data record is incomplete and was left out.")
    return held, warnings


def _check_header_bytes(header: EdfHeader, *, fits: bool) -> list[str]:
    """Compare the length of the header with its number of signals.

    Where they differ, the number of signals or the place of the first sample is wrong. Only a
    file that is exactly as long as its number of signals and records say proves the former right.
    """
    if header.declared_bytes in (None, header.size_bytes):
        return []
    words = (
        f"The header declares {header.declared_bytes} bytes of header, and"
        f" {len(header.signals)} signals, which need {header.size_bytes}"
    )
    if fits:
        return [f"{words}. The number of signals fits the size of the file and was used."]
    raise EdfError(
        words, where="file header", advice="The header is damaged; export the recording again."
    )


def check_duration(header: EdfHeader, record_count: int, limits: EdfLimits) -> None:
    """Refuse a recording that is longer than is taken, or in too many pieces."""
    if record_count > limits.max_records:
        raise EdfError(
            f"The file has {record_count:,} data records",
            where=f"records of {header.record_duration_s:g} s",
            advice=f"At most {limits.max_records:,} are read; export it with records of 1 s.",
        )
    duration_s = record_count * header.record_duration_s
    if duration_s > limits.max_duration_s:
        raise EdfError(
            f"The recording is {duration_s / 3600:.1f} hours long",
            where="file header",
            advice=f"At most {limits.max_duration_s / 3600:g} hours are taken; split the file.",
        )
