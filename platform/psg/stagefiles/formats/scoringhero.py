"""ScoringHero json: a list of epochs, and a list of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psg.errors import StageFileError
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import number_of, optional_number
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.formats.json_list import read_json
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows

_KEYS = {"epoch", "start", "end", "stage"}
_HEAD_CHARACTERS = 1000


def _recognises(content: Content) -> bool:
    if not content.is_text:
        return False
    head = content.text[:_HEAD_CHARACTERS].lstrip("\ufeff")
    starts = "".join(head.split()).startswith(('[[{"', '[{"'))
    return starts and all(f'"{key}"' in head for key in _KEYS)


def _read(content: Content, options: StageOptions) -> StageFile:
    epochs, events = _lists(read_json(content))
    rows = [row for number, epoch in enumerate(epochs, start=1) for row in _epoch(epoch, number)]
    rows += [row for number, event in enumerate(events, start=1) for row in _event(event, number)]
    return stage_file(FORMAT.id, [read_rows(rows, options)], options)


def _lists(parsed: object) -> tuple[list[object], list[object]]:
    """Give the epochs and the events; older files have epochs alone."""
    if isinstance(parsed, list) and parsed and isinstance(parsed[0], list):
        events = parsed[1] if len(parsed) > 1 else []
        if len(parsed) <= 2 and isinstance(events, list):
            return parsed[0], events
    elif isinstance(parsed, list):
        return parsed, []
    raise StageFileError(
        "The json is not a list of epochs and a list of events",
        advice="Export the scoring of ScoringHero again.",
    )


def _epoch(epoch: object, number: int) -> Iterator[Row]:
    where = f"epoch {number} of the list"
    if not isinstance(epoch, Mapping) or not epoch.keys() >= _KEYS:
        raise StageFileError(
            "An item of the json is no epoch", where=where, advice="Export the scoring again."
        )
    onset_s, end_s = (number_of(str(epoch[key]), where) for key in ("start", "end"))
    stage = epoch["stage"]
    if not (stage is None or isinstance(stage, str)):
        raise StageFileError(
            "A stage of the json is no name", where=where, advice="Export the scoring again."
        )
    yield Row(onset_s, end_s - onset_s, stage or "", where=where, is_stage=True)
    if epoch.get("clean") in (0, False):
        yield Row(onset_s, end_s - onset_s, "artefact", where=where, is_stage=False)


def _event(event: object, number: int) -> Iterator[Row]:
    if not isinstance(event, Mapping):
        return
    onset_s, end_s = (optional_number(str(event.get(key))) for key in ("start", "end"))
    if onset_s is not None and end_s is not None:
        name = str(event.get("event", ""))
        yield Row(onset_s, max(end_s - onset_s, 0.0), name, f"event {number}", is_stage=False)


FORMAT = StageFormat(
    id="scoringhero",
    title="ScoringHero json",
    suffixes=(".json",),
    recognises=_recognises,
    read=_read,
    reads="The epochs with start, end and stage, with their events; epochs that are not clean keep"
    " their stage and are marked as artefacts.",
    refuses="Items that are no epochs, and stages that are not known.",
    description="https://github.com/SvennoNito/ScoringHero",
)
