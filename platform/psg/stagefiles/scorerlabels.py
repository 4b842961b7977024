"""Labels of the scorers of a file: before each stage of a list, and those that may be kept."""

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
# Words that name a scorer and no person; any other text may be the name of one.
_KEPT = re.compile(
    r"(?:scorer|rater|expert|annotator|reader|reviewer|tech(?:nician)?|score|scoring|sleep|stages?"
    r"|staging|hypno(?:gram)?|ai|human|hum|auto(?:matic)?|manual|machine|user|model|consensus"
    r"|majority|visual|aasm|psg|eeg|true|truth|pred(?:icted)?|ref(?:erence)?|gold|yasa|usleep"
    r"|smooth(?:ed)?)?[a-z]{0,2}\d{0,3}"
)


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


def kept_labels(labels: Sequence[str]) -> dict[str, str]:
    """Give the labels of the scorers of a file as they may be kept: ``Scorer 2`` for a name.

    >>> kept_labels(["rater_A", "Erika Beispiel"])
    {'rater_A': 'rater_A', 'Erika Beispiel': 'Scorer 2'}
    """
    kept = {label: label for label in labels if _may_be_kept(label)}
    names = {label: f"Scorer {number}" for number, label in enumerate(labels, start=1)}
    return {label: kept.get(label, names[label]) for label in labels}


def _may_be_kept(label: str) -> bool:
    words = re.split(r"[^\w&]+|_", label.casefold())
    return all(_KEPT.fullmatch(word) for word in words)
