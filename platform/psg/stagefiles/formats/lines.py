"""Text with a stage for each epoch: one a line. Lines with ``*`` or ``#`` describe the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from psg.errors import StageFileError
from psg.stagefiles.codes import code_of
from psg.stagefiles.columnnames import STAGE, column_name
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.header_lines import with_described
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.tables import may_be_row
from psg.stagefiles.words import stage_word
from psg.stages import EPOCH_S

_DESCRIBES = ("*", "#")
_OTHERS = {".csv", ".tsv", ".json", ".xml"}
_MOST_UNKNOWN = 12


def _recognises(content: Content) -> bool:
    """Whether the lines are few different texts, some of them stages: no header, no prose."""
    if not content.is_text or content.suffix in _OTHERS:
        return False
    texts = {line for _, line in described_lines(content.lines)}
    known = set(filter(_is_known, texts))
    return bool(known) and len(texts - known) <= _MOST_UNKNOWN


def described_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold stages, and no description of the file, with numbers from 1."""
    is_first = True
    for number, line in enumerate(lines, start=1):
        bare = line.strip()
        if bare and not bare.startswith(_DESCRIBES):
            # The name of a column of stages, as tables have it, is no epoch.
            if not (is_first and column_name(bare.strip('"')).plain in STAGE):
                yield number, bare
            is_first = False


def descriptions(lines: Sequence[str]) -> list[str]:
    """Return the lines that describe the file."""
    return [line for line in lines if line.strip().startswith(_DESCRIBES)]


def _refuse_gaps(lines: Sequence[str]) -> None:
    """Refuse lines between stages that may be epochs, or nothing.

    Raises
    ------
    StageFileError
    """
    numbers = [number for number, _ in described_lines(lines)]
    for number in range(numbers[0] if numbers else 1, numbers[-1] if numbers else 0):
        if may_be_row(lines[number - 1]):
            raise StageFileError(
                "A line between the stages is empty, or a comment that names a stage",
                where=f"line {number}",
                advice="Write “?” where an epoch has no stage, or remove the line.",
            )


def _refuse_titles(lines: Sequence[str]) -> None:
    """Refuse texts above the first stage that stand nowhere else: they may be no epochs.

    Raises
    ------
    StageFileError
    """
    listed = list(described_lines(lines))
    above = list(takewhile(lambda each: not _is_known(each[1]), listed))
    below = {text for _, text in listed[len(above) :]}
    for number, text in above:
        if text not in below and len(above) < len(listed):
            raise StageFileError(
                "A line above the first stage may be a title or an epoch",
                where=f"line {number}",
                advice="Begin the line with # if it describes the file, or write “?” if it is an"
                " epoch without a stage.",
            )


def _is_known(text: str) -> bool:
    return stage_word(text) is not None or code_of(text) is not None


def _read(content: Content, options: StageOptions) -> StageFile:
    _refuse_gaps(content.lines)
    _refuse_titles(content.lines)
    epoch_s = options.epoch_s or EPOCH_S
    rows = [
        Row(epoch_s * index, epoch_s, line, where=f"line {number}", is_stage=True)
        for index, (number, line) in enumerate(described_lines(content.lines))
    ]
    file = stage_file(FORMAT.id, [read_rows(rows, options, by_epoch=True)], options)
    return with_described(file, descriptions(content.lines), options)


FORMAT = StageFormat(
    id="lines",
    title="Text, a stage a line",
    suffixes=(".txt",),
    recognises=_recognises,
    read=_read,
    reads="One stage for each epoch, from the start of the recording: names, or integers with"
    " declared codes.",
    refuses="Integers without a declared meaning, and lines that are no stage.",
    is_general=True,
)
