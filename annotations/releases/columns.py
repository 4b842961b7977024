"""Names for programs: columns of tables, files of parts, identifiers of licences."""

import re
from dataclasses import dataclass
from enum import StrEnum

from annotations.releases.composition import PARTS, UNSPLIT
from annotations.releases.ratings import COLUMNS as RATING_COLUMNS


class Holds(StrEnum):
    TEXT = "sc:Text"
    INTEGER = "sc:Integer"
    NUMBER = "sc:Float"


@dataclass(frozen=True)
class Column:
    """One column; a list has many values in a cell, and events are structs of their own."""

    name: str
    meaning: str
    holds: Holds = Holds.TEXT
    is_list: bool = False
    is_struct: bool = False


EPOCHS = (
    Column("subject", "code of the subject"),
    Column("recording", "name of the night"),
    Column("scorer", "who scored: people by number, others by name"),
    Column("scorer_kind", "human, import, consensus or model"),
    Column("mode", "what a person was shown: blind, reveal, assisted or review; else none"),
    Column("part", "train, validation or test; all where there is no split"),
    Column("track", "fine: stage, rules and rationale; coarse: stage and rules"),
    Column("rule_edition", "edition of the rules that are cited"),
    Column("epoch", "place on the grid of the recording, from 0", Holds.INTEGER),
    Column("n", "N of MASS-EX: place among the epochs kept, from 0", Holds.INTEGER),
    Column("onset_s", "seconds from the start of the recording", Holds.NUMBER),
    Column("stage", "W, N1, N2, N3 or R"),
    Column("rules", "rules cited", is_list=True),
    Column("rationale", "why, in words; none where nothing was written"),
    Column("flags", "artefact, unsure", is_list=True),
    Column(
        "evidence",
        "waves measured in the epoch: kind, derivation, seconds from the start of the epoch,"
        " values, and the signal they were measured on",
        is_list=True,
        is_struct=True,
    ),
    Column("original_stage", "the stage in the words of its source"),
    Column("image", "file of the epoch's image, where the release has it"),
    Column("row_sha256", "hash of the row as rows.csv has it"),
)
SPLIT_COLUMNS = (
    Column("subject", "code of the subject"),
    Column("recording", "name of the night"),
    Column("part", "part of the split"),
)
_RATING_NUMBERS = {"epoch": Holds.INTEGER, "repeat": Holds.INTEGER, "cannot_judge": Holds.INTEGER}
_RATING_MEANINGS = {
    "recording": "name of the night",
    "epoch": "place on the grid of the recording, from 0",
    "scorer": "whose words were rated",
    "stage": "the stage that was shown",
    "study": "title of the rating study",
    "item": "code of the rationale in that study",
    "rater": "who rated, by number",
    "repeat": "0 the first look, 1 a second one, unknown to the rater",
    "cannot_judge": "1 where the rater could not judge",
    "comment": "of the rater",
}
RATINGS = tuple(
    Column(
        name,
        _RATING_MEANINGS.get(name, "1 to 5; none where the rater could not judge"),
        _RATING_NUMBERS.get(name, Holds.TEXT if name in _RATING_MEANINGS else Holds.NUMBER),
    )
    for name in RATING_COLUMNS
)


# The parts of a split: which file holds each, and what programs call it.


# "all" is a word of its own to `datasets`; what is not split is called as it calls such data.
SPLITS = {part: part for part in PARTS} | {UNSPLIT: "train"}


def parquet_name(part: str) -> str:
    return f"data/{part}.parquet"


# A licence as programs name it, where it is one of Creative Commons.


_CREATIVE_COMMONS = re.compile(r"CC[ -]?(?P<kind>0|BY(?:-[A-Z]{2})*)[ -](?P<version>\d\.\d)")


def licence_id(text: str) -> str | None:
    """Return such as ``cc-by-nc-4.0``; None for a licence of another kind."""
    if not (found := _CREATIVE_COMMONS.fullmatch(text)):
        return None
    kind = "cc0" if found["kind"] == "0" else f"cc-{found['kind'].lower()}"
    return f"{kind}-{found['version']}"


def licence_url(text: str) -> str | None:
    """Return where Creative Commons has its text; None for a licence of another kind."""
    if not (found := _CREATIVE_COMMONS.fullmatch(text)):
        return None
    if found["kind"] == "0":
        return f"https://creativecommons.org/publicdomain/zero/{found['version']}/"
    return f"https://creativecommons.org/licenses/{found['kind'].lower()}/{found['version']}/"
