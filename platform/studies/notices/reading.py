"""What a person sees of their notices: the count for every page, and the list with its words.

A notice says nothing that the page it leads to does not. Whether its recipient may see that page
is decided when it is read, by the room that it is about.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import (
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
)

from studies.models import Membership, User
from studies.notices.kinds import KINDS, NoticeKind, Thing
from studies.notices.models import Notice

NAMES_SHOWN = 3
# So many notices are looked through for a page; nobody reads further back.
LOOKED_THROUGH = 300


@dataclass(frozen=True)
class Bell:
    """The number of unseen notices, and the mark by which a browser tells whether it changed."""

    count: int
    etag: str

    @property
    def words(self) -> str:
        return f"{self.count}" if self.count < 100 else "99+"

    @property
    def headers(self) -> str:
        """What the browser sends when it asks again, as JSON."""
        return json.dumps({"If-None-Match": self.etag})


@dataclass(frozen=True)
class ShownNotice:
    """A notice in words."""

    notice: Notice
    kind: NoticeKind
    things: tuple[Thing, ...]

    @property
    def names(self) -> list[str]:
        return [thing.name for thing in self.things[:NAMES_SHOWN]]

    @property
    def more(self) -> int:
        return len(self.things) - NAMES_SHOWN if len(self.things) > NAMES_SHOWN else 0

    @property
    def detail(self) -> str:
        """What is true of all that it is about."""
        details = {thing.detail for thing in self.things}
        return details.pop() if len(details) == 1 else ""

    @property
    def address(self) -> str:
        if len(self.things) == 1:
            return self.things[0].address
        return self.kind.page_of(self.notice.study)

    @property
    def is_over(self) -> bool:
        return all(thing.is_over for thing in self.things)


def notices_of(user: User) -> QuerySet[Notice]:
    return readable_notices().filter(recipient=user)


def readable_notices() -> QuerySet[Notice]:
    """Return the notices of studies in use in which their recipient still has the role."""
    role = ExpressionWrapper(OuterRef("role"), output_field=CharField())
    membership = (
        Membership.objects.filter(study=OuterRef("study"), user=OuterRef("recipient"))
        .alias(needed=role)
        .filter(Q(needed="") | Q(role=F("needed")))
    )
    return Notice.objects.filter(Exists(membership), kind__in=KINDS, study__archived_at=None)


def bell_of(user: User) -> Bell:
    unseen = notices_of(user).filter(on_page=True, seen_at=None)
    found = unseen.order_by().aggregate(count=Count("pk"), last=Max("made_at"))
    last = found["last"].timestamp() if found["last"] else 0
    return Bell(found["count"], f'"{user.pk}-{found["count"]}-{last:.6f}"')


def in_words(user: User, notices: Iterable[Notice]) -> list[ShownNotice]:
    """Return those of the notices that `user` may see now, in their order."""
    notices = list(notices)
    ids: dict[str, set[int]] = defaultdict(set)
    for notice in notices:
        ids[KINDS[notice.kind].topic].update(notice.about)
    kinds = {kind.topic: kind for kind in KINDS.values()}
    things = {topic: kinds[topic].read(user, wanted) for topic, wanted in ids.items()}
    shown = (_in_words(notice, things[KINDS[notice.kind].topic]) for notice in notices)
    return [each for each in shown if each.things]


def _in_words(notice: Notice, things: Mapping[int, Thing]) -> ShownNotice:
    found = tuple(_still(things[pk], notice) for pk in notice.about if pk in things)
    return ShownNotice(notice, KINDS[notice.kind], found)


def _still(thing: Thing, notice: Notice) -> Thing:
    """Return a thing as it is now; with another due date than the notice tells of, it is over."""
    if not notice.key or thing.is_over or thing.due in (None, notice.key):
        return thing
    return replace(thing, is_over=True, detail=f"now {thing.detail or 'without due date'}")


@dataclass(frozen=True)
class Inbox:
    """The latest notices of a person."""

    shown: list[ShownNotice]
    hidden: list[Notice]
    """Those about what is erased, or closed to the person by now."""
    has_older: bool

    @property
    def unseen(self) -> int:
        return sum(each.notice.seen_at is None for each in self.shown)


def inbox_of(user: User) -> Inbox:
    rows = notices_of(user).filter(on_page=True).select_related("study")
    latest = list(rows[: LOOKED_THROUGH + 1])
    has_older = len(latest) > LOOKED_THROUGH
    shown = in_words(user, latest := latest[:LOOKED_THROUGH])
    visible = {each.notice.pk for each in shown}
    return Inbox(shown, [row for row in latest if row.pk not in visible], has_older)
