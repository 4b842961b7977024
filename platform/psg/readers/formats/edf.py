"""EDF, EDF+, BDF and BDF+, read by `psg.edf`."""

from psg.edf import EdfFile
from psg.edf.header import BDF_MARK, FIXED_BYTES, decode_text
from psg.readers.format import NightFiles, RecordingFormat

_LABEL_BYTES = 16
_ANNOTATIONS = ("edf annotation", "bdf annotation")


def is_edf(head: bytes) -> bool:
    return len(head) >= 8 and head[:8].strip(b" \0") == b"0"


def is_bdf(head: bytes) -> bool:
    return head.startswith(BDF_MARK)


def has_annotations_alone(head: bytes) -> bool:
    """Whether a file is an EDF+ without signals, as stages are exported."""
    count = decode_text(head[252:FIXED_BYTES])
    if not (is_edf(head) or is_bdf(head)) or not count.isdecimal() or not 1 <= int(count) <= 8:
        return False
    labels = [
        decode_text(head[start : start + _LABEL_BYTES]).lower()
        for start in range(FIXED_BYTES, FIXED_BYTES + int(count) * _LABEL_BYTES, _LABEL_BYTES)
    ]
    return all(label.startswith(_ANNOTATIONS) for label in labels)


def _open(files: NightFiles) -> EdfFile:
    return EdfFile.open(files.main)


EDF = RecordingFormat(
    id="edf",
    title="EDF, EDF+C, EDF+D",
    suffixes=(".edf", ".rec"),
    recognises=is_edf,
    open=_open,
    reads="All signals at their own rates; annotations; pauses of EDF+D at their places.",
    refuses="Truncated files; pieces that overlap in time.",
    description="https://www.edfplus.info/specs/edfplus.html",
    is_cleaned_in_place=True,
)
BDF = RecordingFormat(
    id="bdf",
    title="BDF, BDF+ (24 bit)",
    suffixes=(".bdf",),
    recognises=is_bdf,
    open=_open,
    reads="As EDF. The raw view rounds to 16 bits; what is scored comes from all 24.",
    refuses="As EDF.",
    description="https://www.biosemi.com/faq/file_format.htm",
    is_cleaned_in_place=True,
)
