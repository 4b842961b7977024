"""The readings of a file put together: its tables, and what it leaves open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from psg.doubts import Choice, Doubt
from psg.errors import StageFileError
from psg.stagefiles.codes import CODE_MAPS, NO_CODE
from psg.stagefiles.declared import LONGEST_NAMED
from psg.stagefiles.entries import NEAR_S
from psg.stagefiles.facts import StageFile, StageOptions, StageTable
from psg.stagefiles.pieces import RK_EPOCH_S, are_of_20_s
from psg.stagefiles.rows import Reading
from psg.stages import Stage

_MOST_NAMED = 8
# A list of so few texts, each of them so often, may be one of stages in words that nobody knows.
_MOST_WORDS, _FEWEST_REPEATED = 12, 2


def stage_file(
    format_id: str,
    readings: Iterable[Reading],
    options: StageOptions,
    *,
    notes: Sequence[str] = (),
    doubts: Sequence[Doubt] = (),
    days: Sequence[int] = (),
) -> StageFile:
    """Put the readings of a file together, one for each scorer; `days` as `StageTable` has them.

    Raises
    ------
    StageFileError
        When the file has no stages, or its stages do not last what a person said.
    """
    listed = list(readings)
    unknown: Counter[str] = sum((reading.unknown for reading in listed), Counter())
    places = {text: place for reading in reversed(listed) for text, place in reading.places.items()}
    with_stages = [reading for reading in listed if reading.table.entries]
    if not with_stages:
        if (
            len(unknown) > _MOST_WORDS
            or unknown.total() < _FEWEST_REPEATED * len(unknown)
            or not unknown
        ):
            raise _no_stages(unknown, places)
        return StageFile(format_id, (), doubts=tuple(_unknown_doubts(unknown, places)))
    codes = frozenset[int]().union(*(reading.codes for reading in listed))
    found = [
        *_code_doubts(codes),
        *_unknown_doubts(unknown, places),
        *dict.fromkeys(doubt for reading in with_stages for doubt in reading.doubts),
        *_epoch_doubts([reading.table for reading in with_stages], options),
    ]
    its_notes = dict.fromkeys(note for reading in with_stages for note in reading.notes)
    return StageFile(
        format=format_id,
        tables=tuple(replace(reading.table, days=tuple(days)) for reading in with_stages),
        doubts=(*found, *doubts),
        notes=(*notes, *its_notes),
    )


def counted_texts(counts: Counter[str], places: Mapping[str, str]) -> str:
    """Name texts with their counts and first places: ``3 × “Artefakt” (first: line 7)``."""
    named = []
    for text, count in counts.most_common(_MOST_NAMED):
        place = f" (first: {places[text]})" if places.get(text) else ""
        named.append(f"{count} × “{text[:LONGEST_NAMED]}”{place}")
    more = len(counts) - len(named)
    return ", ".join([*named, *([f"and {more} more texts"] if more > 0 else [])])


def _no_stages(unknown: Counter[str], places: Mapping[str, str]) -> StageFileError:
    """Refuse a file without stages; its texts may name a person, and refusals are kept."""
    first = next(filter(None, places.values()), "")
    named = f", the first at {first}" if first else ""
    return StageFileError(
        "The file holds no sleep stages",
        where=f"texts that are no stage: {unknown.total()}{named}" if unknown else "",
        advice="It should have one line or annotation per epoch, such as “Sleep stage N2”.",
    )


def _code_doubts(codes: frozenset[int]) -> list[Doubt]:
    if not codes:
        return []
    fitting = [name for name, codes_map in CODE_MAPS.items() if codes <= codes_map.keys()]
    listed = ", ".join(str(code) for code in sorted(codes - {NO_CODE})[:_MOST_NAMED])
    return [
        Doubt(
            code="codes",
            what="What do the integers mean? Programs differ for 4 and 5",
            where=listed,
            choices=tuple(Choice(name, _map_words(name)) for name in fitting or CODE_MAPS),
            option=f"--codes {'|'.join(fitting or CODE_MAPS)}",
        )
    ]


def _map_words(name: str) -> str:
    meanings = (f"{code} {stage or 'no stage'}" for code, stage in sorted(CODE_MAPS[name].items()))
    return f"{name}: {', '.join(meanings)}"


def _unknown_doubts(unknown: Counter[str], places: Mapping[str, str]) -> list[Doubt]:
    if not unknown:
        return []
    first = unknown.most_common(1)[0][0][:LONGEST_NAMED]
    stages = (Choice(stage.name, f"“{first}” is {stage.name}.") for stage in Stage)
    return [
        Doubt(
            code="unknown_texts",
            what="Some texts of the file are not understood. Do they mean stages?",
            where=counted_texts(unknown, places),
            choices=(Choice("unscored", "Epochs with these texts have no stage."), *stages),
            quotes_file=True,
            option=f'--unscored "{first}" if they mean that there is no stage, or --stage'
            f' "{first}=N2" with the stage that they mean',
        )
    ]


def _epoch_doubts(tables: Sequence[StageTable], options: StageOptions) -> list[Doubt]:
    entries = [entry for table in tables for entry in table.entries]
    if options.epoch_s == RK_EPOCH_S:
        pieces = (entry.duration_s / RK_EPOCH_S for entry in entries)
        odd = sum(abs(piece - round(piece)) * RK_EPOCH_S > NEAR_S for piece in pieces)
        if odd > len(entries) / 2:
            raise StageFileError(
                "The stages of the file do not last 20 s",
                where=f"{odd} of {len(entries)} stages",
                advice="Leave out the option for 20-s epochs.",
            )
        return []
    durations_s = [entry.duration_s for entry in entries]
    short = sum(abs(duration_s - RK_EPOCH_S) <= NEAR_S for duration_s in durations_s)
    if options.epoch_s is not None or not (short > len(entries) / 2 or are_of_20_s(durations_s)):
        return []
    return [
        Doubt(
            code="epoch_s",
            what="Convert the 20-s epochs (R&K) to 30-s epochs? Some stages change",
            where=f"{short} of {len(entries)} stages",
            choices=(
                Choice(
                    "20", "Convert them. Each 30-s epoch gets the stage that covers most of it."
                ),
            ),
            option="--from-20-s",
        )
    ]
