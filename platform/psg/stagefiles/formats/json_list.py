"""A json list with a stage for each epoch, such as the Dreem Open Dataset has."""

from __future__ import annotations

import json
import re

from psg.errors import StageFileError
from psg.stagefiles.bounds import MOST_STAGES, check_count
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stages import EPOCH_S

_LONGEST = 40 * MOST_STAGES
# A list of names, numbers or null; “[Hypnogram]” is a title.
_LIST = re.compile(r"\s*\[\s*(?:[\"\[\]{\d-]|null|NaN|true|false)")
_BEGINNING = 200


def _recognises(content: Content) -> bool:
    return content.is_text and _LIST.match(content.text[:_BEGINNING]) is not None


def read_json(content: Content) -> object:
    """Parse a json file of stages, within bounds.

    Raises
    ------
    StageFileError
    """
    if len(content.text) > _LONGEST:
        raise StageFileError(
            "The json is too large for the stages of a recording",
            where=f"over {_LONGEST:,} characters",
            advice="It should have one stage per epoch.",
        )
    try:
        parsed: object = json.loads(content.text)
    except RecursionError:
        raise StageFileError(
            "The json is nested too deeply",
            where="lists inside lists",
            advice="It should have one stage per epoch.",
        ) from None
    except ValueError as error:
        raise StageFileError(
            "The json is damaged", where=str(error)[:120], advice="Export the stages again."
        ) from None
    return parsed


def _read(content: Content, options: StageOptions) -> StageFile:
    stages = read_json(content)
    if not isinstance(stages, list):
        raise StageFileError(
            "The json is not a list of stages", advice="It should hold one stage per epoch."
        )
    check_count(len(stages))
    epoch_s = options.epoch_s or EPOCH_S
    rows = [
        Row(epoch_s * index, epoch_s, _text(item, where), where=where, is_stage=True)
        for index, item in enumerate(stages)
        for where in [f"item {index + 1} of the list"]
    ]
    return stage_file(FORMAT.id, [read_rows(rows, options, by_epoch=True)], options)


def _text(item: object, where: str) -> str:
    if item is None:
        return ""
    if isinstance(item, bool) or not isinstance(item, str | int | float):
        raise StageFileError(
            "The json holds something that is not a stage",
            where=where,
            advice="It should be a list of names such as “N2”, or of codes.",
        )
    return str(item)


FORMAT = StageFormat(
    id="json",
    title="json list",
    suffixes=(".json",),
    recognises=_recognises,
    read=_read,
    reads="A list with a name or a code for each epoch, from the start of the recording.",
    refuses="Integers without a declared meaning, and anything but a list.",
    description="https://github.com/Dreem-Organization/dreem-learning-evaluation",
    is_general=True,
)
