"""The rows that a draft would release now, a page at a time, read as freezing reads them."""

from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator

from annotations.releases.composition import Composition
from annotations.releases.models import Release
from annotations.releases.nights import ReleaseNight, ReleaseRow
from annotations.releases.planning import ReleasePlan, changes, plan_release, preview_of
from annotations.releases.selection import blind_ratings

ROWS_A_PAGE = 50


@dataclass(frozen=True)
class DraftRow:
    """A row with the facts of its night, under the names that the release would use."""

    scoring_id: int
    recording: str
    scorer: str
    part: str
    row: ReleaseRow


@dataclass(frozen=True)
class DraftRows:
    """A page of the rows of a draft; `changed` names what differs from its preview."""

    page: Page
    rows: list[DraftRow]
    changed: list[str]
    blind: list[str]


def read_draft_rows(release: Release, *, page: str | None) -> DraftRows:
    """Read a page of the kept rows; none while a rating study of them is still blind."""
    preview = preview_of(release)
    wanted = Paginator(range(preview.epochs), ROWS_A_PAGE).get_page(page)
    window = _Window(first=max(wanted.start_index() - 1, 0))
    composition = Composition.from_json(release.composition)
    plan = plan_release(release.study, composition, take=window.take)
    blind = blind_ratings(plan.scorings)
    return DraftRows(
        page=wanted,
        rows=[] if blind else _rows(window, plan),
        changed=changes(preview, plan.preview),
        blind=blind,
    )


@dataclass
class _Window:
    """Keeps the rows of a page, with the place of their night in the plan."""

    first: int
    seen: int = 0
    nights: int = 0
    rows: list[tuple[int, ReleaseRow]] = field(default_factory=list)

    def take(self, night: ReleaseNight) -> None:
        kept = [each.row for each in night.rows if each.is_kept]
        start, stop = (max(n - self.seen, 0) for n in (self.first, self.first + ROWS_A_PAGE))
        self.rows += [(self.nights, row) for row in kept[start:stop]]
        self.seen += len(kept)
        self.nights += 1


def _rows(window: _Window, plan: ReleasePlan) -> list[DraftRow]:
    return [
        DraftRow(
            scoring_id=plan.scorings[night].pk,
            recording=plan.entries[night].name,
            scorer=plan.entries[night].scorer,
            part=plan.entries[night].part,
            row=row,
        )
        for night, row in window.rows
    ]
