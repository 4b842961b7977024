"""What the header promises against what the file holds."""

from __future__ import annotations

from psg.edf.header import EdfHeader, EdfLimits
from psg.errors import EdfError

_SAMPLE_BYTES = 2


def check_layout(header: EdfHeader) -> None:
    """Refuse a header that describes no signals in time."""
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
    """Compare the record count of the header with what the file holds.

    A recorder writes -1 until it has finished, so -1 or too few is a header left behind by
    a recording that went on; more than the file holds is a file that was cut off later.
    """
    record_bytes = header.samples_per_record * _SAMPLE_BYTES
    held, rest_bytes = divmod(size_bytes - header.size_bytes, record_bytes)
    declared = header.record_count
    if held == 0 or declared > held:
        raise EdfError(
            "The file is truncated, or the record count in its header is wrong",
            where=f"header declares {declared} data records, the file holds {held} whole ones",
            advice="Copy it again from the recorder. A recording that broke off there"
            " must declare -1 records.",
        )
    warnings = []
    if declared != held:
        warnings.append(
            f"The header declares {declared} data records, the file holds {held}; all were read."
        )
    if rest_bytes:
        warnings.append("The last data record is incomplete and was left out.")
    return held, warnings


def check_duration(header: EdfHeader, record_count: int, limits: EdfLimits) -> None:
    """Refuse a recording that is longer than is taken."""
    duration_s = record_count * header.record_duration_s
    if duration_s > limits.max_duration_s:
        raise EdfError(
            f"The recording is {duration_s / 3600:.1f} hours long",
            where="file header",
            advice=f"At most {limits.max_duration_s / 3600:g} hours are taken; split the file.",
        )
