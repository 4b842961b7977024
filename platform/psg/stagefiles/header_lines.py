"""What the lines that describe a stage file say of its times: a clock, the length of its epochs.

Nothing of them is used before a person has agreed: a time there may be that of the export.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from psg.doubts import Choice, Doubt
from psg.errors import StageFileError
from psg.lights import time_of_day
from psg.stagefiles.clocks import read_clock
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.pieces import RK_EPOCH_S
from psg.stagefiles.words import folded
from psg.stages import EPOCH_S

_CLOCK = re.compile(
    r"(?<![\d:.])\d{1,2}([:.])[0-5]\d(?:\1[0-5]\d(?:[.,]\d+)?)?(?:\s*[ap]\.?m\b\.?)?(?![\d:])",
    re.IGNORECASE,
)
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_SECOND = r"\s*(?:s|secs?|seconds?|sek|sekunden|segundos|secondes|secondi|seconden)\b"
_LENGTHS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"epo[cq]\w*(?: \w+)?\W{{0,4}}{_NUMBER}{_SECOND}",
        rf"epo[cq]\w* (?:length|duration|size|dauer|lange|duree|duracion|durata|duur)\D*{_NUMBER}",
        rf"(?:length|duration|dauer|lange|duree|duracion|durata|duur) \D*epo[cq]\D*{_NUMBER}",
        r"epo[cq]\w*\W{0,3}(20|30)\b",
        rf"\b{_NUMBER}{_SECOND} epo[cq]",
    )
)


def with_described(file: StageFile, lines: Sequence[str], options: StageOptions) -> StageFile:
    """Ask about a clock and a length of epochs that only the description of a file gives.

    Raises
    ------
    StageFileError
        When its epochs are described as neither 20 nor 30 s long.
    """
    doubts = _length_doubts(lines, options) if not _has("epoch_s", file) else []
    clocks = _clocks(lines)
    tables = file.tables
    if clocks and all(table.clock_s is None for table in tables):
        if options.place == "clock" and len(clocks) == 1:
            tables = tuple(replace(each, clock_s=clocks[0], by_epoch=False) for each in tables)
        elif options.place == "":
            doubts.append(_clock_doubt(clocks))
    return replace(file, tables=tables, doubts=(*file.doubts, *doubts))


def _has(code: str, file: StageFile) -> bool:
    return any(doubt.code == code for doubt in file.doubts)


def _clocks(lines: Sequence[str]) -> list[float]:
    found = (read_clock(match.group()) for line in lines for match in _CLOCK.finditer(line))
    return list(dict.fromkeys(clock.second for clock in found if clock is not None))


def _clock_doubt(clocks: Sequence[float]) -> Doubt:
    named = ", ".join(time_of_day(second) for second in clocks[:4])
    choices = [Choice("index", "The stages start with the recording.")]
    if len(clocks) == 1:
        choices.append(Choice("clock", f"The stages start at {named}."))
    return Doubt(
        code="place",
        what="The stages have no times. Does the first stage begin at the time of day in the lines"
        " that describe the file?",
        where=named,
        choices=tuple(choices),
        option="--place index (or clock)" if len(clocks) == 1 else "--place index",
    )


def _length_doubts(lines: Sequence[str], options: StageOptions) -> list[Doubt]:
    if options.epoch_s is not None:
        return []
    lengths = {length for line in lines for length in _lengths_s(line)} - {EPOCH_S}
    if lengths - {RK_EPOCH_S}:
        raise StageFileError(
            "The file describes epochs that are neither 20 nor 30 s long",
            where=", ".join(f"{length:g} s" for length in sorted(lengths)[:4]),
            advice="Export the stages in epochs of 30 s.",
        )
    if not lengths:
        return []
    return [
        Doubt(
            code="epoch_s",
            what="Are the epochs of the file 20 s long?",
            where="in the lines that describe it",
            choices=(
                Choice("20", "They last 20 s: each 30 s take the stage that covers most."),
                Choice("30", "They last 30 s."),
            ),
            option="--from-20-s",
        )
    ]


def _lengths_s(line: str) -> list[float]:
    words = folded(line)
    found = [match.group(1) for pattern in _LENGTHS for match in pattern.finditer(words)]
    return [float(number.replace(",", ".")) for number in found]
