"""Several scorers in one list, told by a label before each stage: ``Scorer1: N2``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from psg.stagefiles.rows import Row
from psg.stagefiles.words import stage_word

# Labels that name a scorer by a word or a letter with a number; other texts may be names of people.
_LABELLED = re.compile(
    r"\s*(?P<label>(?:scorer|rater|expert|annotator|reader)[ _-]?\w{0,3}|[A-Za-z]\d)"
    r"\s*[:;|]\s*(?P<text>.+)",
    re.IGNORECASE,
)
_LONGEST = 120


def rows_by_scorer(rows: Sequence[Row]) -> Mapping[str, Sequence[Row]]:
    """Sort rows by the label of a scorer before their stage; rows without one belong to all.

    A list that has stages without a label is that of one scorer, named "".
    """
    labelled: dict[str, list[Row]] = {}
    others: list[Row] = []
    for row in rows:
        match = _LABELLED.fullmatch(row.text[:_LONGEST])
        if _names_a_stage(row.text):
            return {"": rows}
        if match and stage_word(match["text"]) and not stage_word(match["label"]):
            labelled.setdefault(match["label"], []).append(replace(row, text=match["text"]))
        else:
            others.append(row)
    return {label: [*its, *others] for label, its in labelled.items()} or {"": rows}


def _names_a_stage(text: str) -> bool:
    word = stage_word(text)
    return word is not None and word.stage is not None
