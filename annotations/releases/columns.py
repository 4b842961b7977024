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
class TableColumn:
    """A column. Cells of a list have several values; the items of a struct have fields."""

    name: str
    meaning: str
    holds: Holds = Holds.TEXT
    is_list: bool = False
    is_struct: bool = False


EPOCHS = (
    TableColumn("subject", "code of the subject"),
    TableColumn("recording", "name of the night"),
    TableColumn("scorer", "who scored: people by number, others by name"),
    TableColumn("scorer_kind", "human, import, consensus or model"),
    TableColumn("mode", "what a person was shown: blind, reveal, assisted or review; else none"),
    TableColumn("part", "train, validation or test; all where there is no split"),
    TableColumn("track", "fine: stage, rules and rationale; coarse: stage and rules"),
    TableColumn("rule_edition", "edition of the rules that are cited"),
    TableColumn("epoch", "place on the grid of the recording, from 0", Holds.INTEGER),
    TableColumn("n", "N of MASS-EX: place among the epochs kept, from 0", Holds.INTEGER),
    TableColumn("onset_s", "seconds from the start of the recording", Holds.NUMBER),
    TableColumn("stage", "W, N1, N2, N3 or R"),
    TableColumn("rules", "rules cited", is_list=True),
    TableColumn("rationale", "why, in words; none where nothing was written"),
    TableColumn(
        "grounding",
        "of a model's words: bound to measurements, or flagged as contradicted by them; none where"
        " they were written freely",
    ),
    TableColumn("flags", "artefact, unsure", is_list=True),
    TableColumn(
        "evidence",
        "waves measured in the epoch: kind, derivation, seconds from the start of the epoch,"
        " values, and the signal they were measured on",
        is_list=True,
        is_struct=True,
    ),
    TableColumn("original_stage", "the stage in the words of its source"),
    TableColumn("image", "file of the epoch's image, where the release has it"),
    TableColumn("row_sha256", "hash of the row as rows.csv has it"),
)
GROUNDING = "grounding"


def epoch_columns(*, with_grounding: bool) -> tuple[TableColumn, ...]:
    """Return the columns of an epoch; earlier forms of releases have no grounding."""
    return tuple(c for c in EPOCHS if with_grounding or c.name != GROUNDING)


SPLIT_COLUMNS = (
    TableColumn("subject", "code of the subject"),
    TableColumn("recording", "name of the night"),
    TableColumn("part", "part of the split"),
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
    TableColumn(
        name,
        _RATING_MEANINGS.get(name, "1 to 5; none where the rater could not judge"),
        _RATING_NUMBERS.get(name, Holds.TEXT if name in _RATING_MEANINGS else Holds.NUMBER),
    )
    for name in RATING_COLUMNS
)


# The names of parts in `datasets`. It reserves "all"; data without a split it names "train".
SPLITS = {part: part for part in PARTS} | {UNSPLIT: "train"}


def parquet_name(part: str) -> str:
    return f"data/{part}.parquet"


# The identifier and the address of a Creative Commons licence.


_CREATIVE_COMMONS = re.compile(r"CC[ -]?(?P<kind>0|BY(?:-[A-Z]{2})*)[ -](?P<version>\d\.\d)")


def licence_id(text: str) -> str | None:
    """Return an identifier such as ``cc-by-nc-4.0``; None for other licences."""
    if not (match := _CREATIVE_COMMONS.fullmatch(text)):
        return None
    kind = "cc0" if match["kind"] == "0" else f"cc-{match['kind'].lower()}"
    return f"{kind}-{match['version']}"


def licence_url(text: str) -> str | None:
    """Return the address of the text at Creative Commons; None for other licences."""
    if not (match := _CREATIVE_COMMONS.fullmatch(text)):
        return None
    if match["kind"] == "0":
        return f"https://creativecommons.org/publicdomain/zero/{match['version']}/"
    return f"https://creativecommons.org/licenses/{match['kind'].lower()}/{match['version']}/"
