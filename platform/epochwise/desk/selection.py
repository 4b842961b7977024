"""The rows of a list that a person chose, over all its pages."""

from dataclasses import dataclass

from django.http import QueryDict

from epochwise.desk.lists import Listing, ListKind
from epochwise.desk.reading import Reader
from psg.errors import RefusedError

MOST_ROWS = 5000


class SelectionError(RefusedError):
    """Nothing, too much or nonsense was chosen."""

    code = "selection"


@dataclass(frozen=True)
class Selection:
    """Ids of rows that the person may see, in order; `missing` were chosen and do not exist."""

    kind: ListKind
    reader: Reader
    ids: list[int]
    missing: int

    @property
    def as_text(self) -> str:
        """The ids as `chosen` reads them."""
        return ",".join(map(str, self.ids))

    @property
    def in_words(self) -> str:
        noun = self.kind.noun if len(self.ids) == 1 else f"{self.kind.noun}s"
        return f"{len(self.ids)} {noun}"


def chosen(kind: ListKind, reader: Reader, given: QueryDict) -> Selection:
    """Return the chosen rows.

    Either `all` with the `query` of the list, so that rows of every page are chosen; or `row` and
    `rows`, with ids between commas.

    Raises
    ------
    SelectionError
    """
    if given.get("all"):
        ids = Listing(kind, reader, QueryDict(given.get("query", ""))).ids
        return _checked(Selection(kind, reader, ids, missing=0))
    wanted = _numbers([*given.getlist("row"), *given.getlist("rows")])
    if len(wanted) > MOST_ROWS:
        raise _too_many(len(wanted))
    there = kind.rows(reader).filter(pk__in=wanted).order_by("pk")
    ids = list(there.values_list("pk", flat=True))
    return _checked(Selection(kind, reader, ids, missing=len(wanted) - len(ids)))


def _numbers(texts: list[str]) -> set[int]:
    parts = {part.strip() for text in texts for part in text.split(",")} - {""}
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise SelectionError("The chosen rows were not understood. Choose them again.")
    return {int(part) for part in parts}


def _checked(selection: Selection) -> Selection:
    if len(selection.ids) > MOST_ROWS:
        raise _too_many(len(selection.ids))
    if not selection.ids and selection.missing:
        raise SelectionError("The chosen rows do not exist any more. Nothing was done.")
    if not selection.ids:
        raise SelectionError(f"No {selection.kind.noun} is chosen. Choose at least one.")
    return selection


def _too_many(count: int) -> SelectionError:
    return SelectionError(
        f"{count} rows are too many for one act; the limit is {MOST_ROWS}.",
        advice="Narrow the list by a filter.",
    )
