"""Names of the scorings of a stage file: by what a person says, and by what the file says."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from psg.errors import StageFileError

UNNAMED_SCORER = "Imported"


def scorer_names(
    scorers: Sequence[str], given: str = "", *, taken: Collection[str] = ()
) -> list[str]:
    """Name every scoring of a file by another name.

    Parameters
    ----------
    scorers : sequence of str
        The scorer of each table of the file, "" where the file names none.
    given : str, optional
        Who scored, as a person says. It is the name of a single scoring, and stands before the
        names of several.
    taken : collection of str, optional
        Names that other files of the night have.

    Returns
    -------
    list of str
        Without any name `UNNAMED_SCORER`; a name that is taken gets a number.
    """
    names: list[str] = []
    for scorer in scorers:
        parts = [given] if given and len(scorers) == 1 else [given, scorer]
        name = " ".join(filter(None, parts)) or UNNAMED_SCORER
        names.append(_not_in({*taken, *names}, name))
    return names


def told_scorer_names(scorers: Sequence[str], given: str = "") -> list[str]:
    """Name the scorings of a file where it or a person says who scored.

    Raises
    ------
    StageFileError
        When a scoring would have no name.
    """
    if given or all(scorers):
        return scorer_names(scorers, given)
    raise StageFileError(
        "The file does not say who scored it",
        advice="Enter the scorer (in the shell: --scorer NAME).",
    )


def _not_in(taken: Collection[str], name: str) -> str:
    numbered = (f"{name} {number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in taken)
