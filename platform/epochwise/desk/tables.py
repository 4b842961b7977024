"""What the tables of recordings and of scorings have in common: chosen columns, facts of a page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.template.defaultfilters import date as formatted
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.rows import BoundRow

from annotations.downloads import Cells
from epochwise.desk.reading import Reader

EMPTY = ""


class ListTable(tables.Table):
    """A table whose cells are filled from facts that are read for the rows of a page at once."""

    DEFAULT: ClassVar[tuple[str, ...]]
    """Columns that are shown where none were chosen."""
    OVERSEERS_ONLY: ClassVar[tuple[str, ...]] = ()

    class Meta:
        default = EMPTY
        order_by_field = "sort"

    def __init__(
        self, data: QuerySet[Any], *, reader: Reader, columns: Iterable[str] = (), sort: str = ""
    ) -> None:
        self.reader = reader  # some orders ask it
        hidden = () if reader.oversees else self.OVERSEERS_ONLY
        super().__init__(data, exclude=hidden, order_by=sort or None)
        self.facts: Mapping[int, Any] = {}
        self.known = self.columns.names()
        wanted = set(columns)
        self.chosen = [name for name in self.known if name in wanted] or [
            name for name in self.known if name in self.DEFAULT
        ]
        for name in set(self.known).difference(self.chosen):
            self.columns.hide(name)

    @property
    def ordered(self) -> QuerySet[Any]:
        """All rows in the chosen order, which is the same each time."""
        queryset: QuerySet[Any] = self.data.data
        return queryset.order_by(*queryset.query.order_by, "pk")

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """All columns: name, heading, and whether it is shown."""
        shown = set(self.chosen)
        return [(c.name, str(c.header), c.name in shown) for c in self.columns.iterall()]

    @property
    def can_be_ordered(self) -> set[str]:
        return {column.name for column in self.columns.iterall() if column.orderable}

    def read_facts(self, records: Sequence[Any]) -> Mapping[int, Any]:
        """Return what the cells of these rows need, by the id of the row."""
        raise NotImplementedError

    def rows_of(self, records: Sequence[Any]) -> list[BoundRow]:
        self.facts = self.read_facts(records)
        return [BoundRow(record, table=self) for record in records]

    def values_of(self, records: Sequence[Any]) -> list[Cells]:
        """Return the values of the chosen columns, for csv."""
        rows = self.rows_of(records)
        return [tuple(_plain(row.get_cell_value(n)) for n in self.chosen) for row in rows]


def _plain(value: Any) -> str | int | float:
    if value is None:
        return EMPTY
    return value if isinstance(value, int | float) else str(value)


def by_null_last(
    queryset: QuerySet[Any], name: str, is_descending: bool, *then: str
) -> tuple[QuerySet[Any], bool]:
    """Order by a field, rows without a value at the end in both directions."""
    ordering = F(name).desc(nulls_last=True) if is_descending else F(name).asc(nulls_last=True)
    return queryset.order_by(ordering, *then), True


def iso(value: date | datetime | None) -> str:
    """Return a date, or a moment to the second, as csv has it."""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return value.isoformat() if value else EMPTY


def day(value: date | None) -> str:
    return formatted(value, "j M Y") if value else EMPTY


def moment(value: datetime | None) -> str:
    return formatted(timezone.localtime(value), "j M Y, H:i") if value else EMPTY


def due_cell(due: date | None, *, is_late: bool) -> str | SafeString:
    if not is_late:
        return day(due)
    return format_html('{} <span class="badge badge--danger">overdue</span>', day(due))
