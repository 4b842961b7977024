"""The two lists of the data manager, read from the query of an address, as page and as csv."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django_tables2.rows import BoundRow

from annotations.downloads import Cells
from annotations.visibility import OVERSEERS
from epochwise.desk.filters import ListFilter, RecordingFilter, ScoringFilter
from epochwise.desk.reading import Reader, recordings_for, scorings_for
from epochwise.desk.recordings_table import RecordingsTable
from epochwise.desk.scorings_table import ScoringsTable
from epochwise.desk.tables import ListTable
from studies.models import Role

ROWS_A_PAGE = 50
ROWS_A_CHUNK = 200
# What the query of an address may hold beside filters.
OTHERS = ("sort", "page", "column", "view")


@dataclass(frozen=True)
class ListKind:
    """What is special about a list."""

    name: str
    """In addresses and templates."""
    title: str
    noun: str
    filter: type[ListFilter]
    table: type[ListTable]
    rows: Callable[[Reader], QuerySet[Any]]
    roles: tuple[Role, ...]
    acts: tuple[str, ...]
    """What can be done with many rows; see `acts.ACTS`."""


RECORDINGS = ListKind(
    "recordings",
    "Recordings",
    "recording",
    RecordingFilter,
    RecordingsTable,
    recordings_for,
    (*OVERSEERS, Role.ANNOTATOR),
    ("assign", "prescore", "due", "remind", "export"),
)
SCORINGS = ListKind(
    "scorings",
    "Scorings",
    "scoring",
    ScoringFilter,
    ScoringsTable,
    scorings_for,
    (Role.LEAD,),
    ("due", "remind"),
)
KINDS = {kind.name: kind for kind in (RECORDINGS, SCORINGS)}


class Listing:
    """A list as the query of an address wants it: filtered, ordered, with the chosen columns.

    What the query names and does not exist, or is not valid, is left out; `problems` says so.
    """

    def __init__(self, kind: ListKind, reader: Reader, query: QueryDict) -> None:
        self.kind, self.reader, self.query = kind, reader, query
        self.sort = query.get("sort", "")
        self.filter = kind.filter(query, kind.rows(reader), reader=reader)
        self.table = kind.table(
            self.filter.qs,
            reader=reader,
            columns=query.getlist("column"),
            sort=self.sort,
        )

    @cached_property
    def ids(self) -> list[int]:
        """The ids of all rows, on whichever page."""
        return list(self.filter.qs.order_by("pk").values_list("pk", flat=True))

    @cached_property
    def page(self) -> Page[Any]:
        pages: Paginator[Any] = Paginator(self.table.ordered, ROWS_A_PAGE)
        return pages.get_page(self.query.get("page"))

    @cached_property
    def rows(self) -> list[BoundRow]:
        """The rows of the page."""
        return self.table.rows_of(list(self.page.object_list))

    @property
    def problems(self) -> list[str]:
        table = self.table
        sort = self.sort.removeprefix("-")
        wanted = [("filter", name) for name in self.query if name not in self._names]
        wanted += [("column", n) for n in self.query.getlist("column") if n not in table.known]
        wanted += [("order", sort)] if sort and sort not in table.can_be_ordered else []
        unknown = [
            f"The {what} “{_shortened(name)}” does not exist (any more) and is left out."
            for what, name in wanted
        ]
        return [*self.filter.problems, *unknown]

    @property
    def _names(self) -> set[str]:
        return {*self.filter.filters, *OTHERS}

    @property
    def kept_query(self) -> str:
        """The query without what does not exist, and without the page: what a view keeps."""
        query = self.query.copy()
        for name in list(query):
            if name not in self._names or name in ("page", "view") or not any(query.getlist(name)):
                del query[name]
        return query.urlencode()

    def csv_rows(self) -> Iterator[list[Cells]]:
        """Yield the rows of all pages, chunk by chunk."""
        # The order is read once: rows that change while others are sent are neither left out
        # nor sent twice.
        ordered = self.table.ordered
        ids = list(ordered.values_list("pk", flat=True))
        for first in range(0, len(ids), ROWS_A_CHUNK):
            part = ids[first : first + ROWS_A_CHUNK]
            rows = {row.pk: row for row in ordered.order_by().filter(pk__in=part)}
            yield self.table.values_of([rows[pk] for pk in part if pk in rows])

    @property
    def csv_columns(self) -> list[str]:
        return [str(self.table.columns[name].header) for name in self.table.chosen]


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
