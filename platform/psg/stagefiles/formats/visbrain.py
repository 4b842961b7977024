"""Visbrain's text: a stage and the second at which it ends on each line."""

from __future__ import annotations

from psg.errors import StageFileError
from psg.stagefiles.codes import code_of
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, number_of, optional_number
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.formats.lines import described_lines, descriptions
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.header_lines import with_described
from psg.stagefiles.rows import Row, read_rows


def _recognises(content: Content) -> bool:
    lines = [line for _, line in described_lines(first_lines(content))]
    ends_s = [_end_s(line) for line in lines]
    # Marks of 0 and 1 beside each stage are no times.
    return bool(lines) and None not in ends_s and max(end_s or 0.0 for end_s in ends_s) > 1


def _end_s(line: str) -> float | None:
    """Second at which the stage of a line ends; None where the line is no name and a number."""
    cells = line.split()
    # "Stage 2" ends in a number too.
    if len(cells) != 2 or cells[0].lower() == "stage" or code_of(cells[0]) is not None:
        return None
    return optional_number(cells[1])


def _read(content: Content, options: StageOptions) -> StageFile:
    rows: list[Row] = []
    onset_s = 0.0
    for number, line in described_lines(content.lines):
        name, _, end = line.replace("\t", " ").rpartition(" ")
        end_s = number_of(end, f"line {number}")
        if end_s <= onset_s:
            raise StageFileError(
                "The end times do not increase",
                where=f"line {number}",
                advice="Each line should hold a stage and the second at which it ends.",
            )
        rows.append(
            Row(onset_s, end_s - onset_s, name.strip(), where=f"line {number}", is_stage=True)
        )
        onset_s = end_s
    file = stage_file(FORMAT.id, [read_rows(rows, options)], options)
    return with_described(file, descriptions(content.lines), options)


FORMAT = StageFormat(
    id="visbrain",
    title="Visbrain text",
    suffixes=(".txt",),
    recognises=_recognises,
    read=_read,
    reads="Lines with a stage and the second at which it ends.",
    refuses="End times that do not increase.",
    description="https://visbrain.org/sleep.html",
)
