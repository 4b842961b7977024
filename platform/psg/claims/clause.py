"""Read a clause: which quantities, places and negations belong to which kind of event."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

from psg.claims.draft import LONGEST_WAVE_S, Draft, drafts_of
from psg.claims.tokens import QUANTITIES, Item, Sort
from psg.claims.vocabulary import TONE

SEPARATORS = frozenset({Sort.AND, Sort.OR, Sort.COMMA})
_WITHOUT_MEANING = 4
_LISTED = SEPARATORS | {Sort.KIND, Sort.GLUE, Sort.OPEN, Sort.CLOSE}
_BEFORE_A_KIND = frozenset(
    {Sort.GLUE, Sort.COUNT, Sort.FREQUENCY, Sort.AMPLITUDE, Sort.SECONDS}
    | {Sort.BARE_SECONDS, Sort.LEVEL, Sort.PLACE, Sort.HEDGE}
)
_STATING = QUANTITIES | {Sort.LEVEL, Sort.COUNT, Sort.KIND}


@dataclass(frozen=True)
class Looking:
    """Looks ahead in the items of a clause."""

    items: list[Item]

    def sort(self, at: int) -> Sort | None:
        return self.items[at].sort if 0 <= at < len(self.items) else None

    def next(self, at: int, *, skip: Set[Sort]) -> Item | None:
        """The next item, over a few of the sorts to skip."""
        for item in self.items[at + 1 : at + 2 + _WITHOUT_MEANING]:
            if item.sort not in skip:
                return item
        return None

    def kind_after(self, at: int) -> Item | None:
        """The kind that follows with only its adjectives before it."""
        following = self.next(at, skip=_BEFORE_A_KIND)
        return following if following and following.sort is Sort.KIND else None

    def or_ends_list(self, at: int) -> bool:
        """ "A, B or C": whether the list of kinds that goes on here ends in "or"."""
        for item in self.items[at + 1 :]:
            if item.sort not in _LISTED:
                return False
            if item.sort is Sort.OR:
                return True
        return False

    def is_last(self, at: int) -> bool:
        """Whether neither a measure nor another kind follows in this clause."""
        return not any(item.sort in _STATING for item in self.items[at + 1 :])


TWO_WAYS = "It can be read in two ways."
EITHER = "It leaves open which of several is meant."
NEGATED = "What is negated here was not understood."

_BETWEEN_NOT_AND_ITS_OBJECT = frozenset(
    {Sort.GLUE, Sort.VERB, Sort.LINK, Sort.NOT, Sort.HEDGE, Sort.COMMA}
)
_CAN_BE_NEGATED = QUANTITIES | {Sort.COUNT, Sort.PLACE, Sort.LEVEL, Sort.KIND}
_ENDS_OF_A_HEDGE = frozenset({Sort.COMMA, Sort.OPEN, Sort.CLOSE})
_OPPOSITE = {"low": "high", "high": "low"}


class ClauseReader:
    """Reads items from left to right; ``group`` is the list of waves that was named last.

    Attributes
    ----------
    drafts
        The waves that the clause names, in order.
    leftover
        Quantities that belong to none of them.
    """

    def __init__(self, items: list[Item], group: list[Draft] | None = None) -> None:
        self.drafts: list[Draft] = list(group or [])
        self.leftover: list[Item] = []
        self._look = Looking(items)
        self._group: list[Draft] = list(group or [])
        self._pending: list[Item] = []
        self._topic: list[Item] = []
        self._since_kind: list[Sort] = []
        self._negates = False
        self._not_from = 0
        self._denies_gone = False
        self._hedge: str | None = None
        self._brackets = 0

    def read(self) -> ClauseReader:
        readers = {
            Sort.KIND: self._kind,
            Sort.PLACE: self._place,
            Sort.COUNT: self._count,
            Sort.LEVEL: self._level,
            Sort.NOT: self._not,
            Sort.GONE: self._gone,
            Sort.HEDGE: self._hedged,
            Sort.STAGE: self._stage,
            Sort.DOUBT: self._doubt,
            Sort.CHANGE: self._change,
            **dict.fromkeys(QUANTITIES, self._quantity),
        }
        for at, item in enumerate(self._look.items):
            if item.sort in readers:
                readers[item.sort](at, item)
            elif self._ends_hedge(item):
                self._hedge = None
            self._brackets += (item.sort is Sort.OPEN) - (item.sort is Sort.CLOSE)
            if item.sort is not Sort.KIND:
                self._since_kind.append(item.sort)
        self.leftover += [item for item in self._pending if item.sort in QUANTITIES]
        if self._negates:
            spoil(self._group, NEGATED)
        return self

    def _kind(self, at: int, item: Item) -> None:
        fresh = drafts_of(item)
        if self._is_same_again(fresh):
            return
        is_list = self._is_list()
        if Sort.WITH in self._since_kind and self._group[-1:] and self._group[-1].absent:
            spoil(fresh, None if self._negates else TWO_WAYS)
        negated = self._negates or (is_list and self._reached_by_negation(at, fresh))
        for draft in fresh:
            draft.absent, draft.problem = negated, draft.problem or self._hedge
            if self._negates:
                draft.start = min(draft.start, self._not_from)
            elif negated:  # "no spindle or K complex": quoted with its negation
                draft.start = min(draft.start, self._group[0].start)
        if is_list and Sort.OR in self._since_kind and not negated:
            spoil([*self._group, *fresh], EITHER)
        goes_on = is_list and self._group[-1].absent == negated
        self._group = [*self._group, *fresh] if goes_on else fresh
        self.drafts += fresh
        self._give_pending(fresh)
        self._negates, self._since_kind = False, []
        self._hedge = self._hedge if self._hedge == NEGATED else None

    def _is_same_again(self, fresh: list[Draft]) -> bool:
        """ "Rapid eye movements (REMs)" is a single statement: only a bracket stands between."""
        between = [sort for sort in self._since_kind if sort is not Sort.GLUE]
        same = bool(self._group) and fresh[0].kind == self._group[-1].kind
        return same and between in ([], [Sort.OPEN], [Sort.CLOSE]) and not self._pending

    def _is_list(self) -> bool:
        """Whether only "and", "or" or a comma stands after the last kind."""
        others = set(self._since_kind) - SEPARATORS - {Sort.GLUE, Sort.NOT, Sort.OPEN, Sort.CLOSE}
        is_joined = bool(SEPARATORS.intersection(self._since_kind))
        return bool(self._group) and is_joined and not others and not self._pending

    def _reached_by_negation(self, at: int, fresh: list[Draft]) -> bool:
        """Whether the negation of the kind before holds for this kind of the same list."""
        if not self._group[0].absent:
            return False
        if Sort.OR in self._since_kind or self._look.or_ends_list(at):
            return True
        separators = [sort for sort in self._since_kind if sort in SEPARATORS]
        is_short = separators == [Sort.AND]
        if self._look.is_last(at) != is_short:
            spoil(fresh, TWO_WAYS if is_short or self._look.is_last(at) else None)
        return is_short

    def _give_pending(self, fresh: list[Draft]) -> None:
        has_place = any(item.sort is Sort.PLACE for item in self._pending)
        for item in map(_as_length, self._pending):
            taken = [draft.take(item) for draft in fresh]
            if not all(taken) and item.sort in QUANTITIES:
                self.leftover.append(item)
        for item in [] if has_place else self._topic:
            for draft in fresh:
                draft.place(item)
        self._pending = []

    def _count(self, at: int, item: Item) -> None:
        if self._look.kind_after(at):
            self._pending.append(item)

    def _stage(self, at: int, item: Item) -> None:
        """A stage as a new subject: the words after it no longer belong to the kinds before it."""
        if self._look.sort(at - 1) in {*SEPARATORS, Sort.GLUE} and self._look.sort(at + 1) in (
            Sort.VERB,
            Sort.NOT,
        ):
            self._group = []

    def _hedged(self, at: int, item: Item) -> None:
        self._hedge = item.value

    def _ends_hedge(self, item: Item) -> bool:
        """A comma or bracket does; a negation that was not understood reaches into brackets."""
        if self._hedge == NEGATED:
            return item.sort is Sort.COMMA and not self._brackets
        return item.sort in _ENDS_OF_A_HEDGE

    def _place(self, at: int, item: Item) -> None:
        before = self._look.sort(at - 1)
        goes_on = before in SEPARATORS and self._look.sort(at - 2) is Sort.PLACE
        is_subject = self._look.sort(at + 1) is Sort.VERB and before is not Sort.LINK
        if self._look.kind_after(at) and before is not Sort.LINK:
            self._pending.append(item)
        elif goes_on and self._topic and not self._group:
            self._topic.append(item)
        elif self._group and not is_subject:
            for draft in self._group if self._group[-1].absent else self._group[-1:]:
                draft.place(item, is_own=True)
        else:
            self._topic = [item]

    def _quantity(self, at: int, item: Item) -> None:
        follows = self._look.kind_after(at)
        flipped = self._negates and not follows
        item = self._flipped(item) if flipped else item
        before = self._look.sort(at - 1)
        is_start = before in SEPARATORS or (before is Sort.LINK and self._after_separator(at))
        is_linked = before in (Sort.LINK, Sort.VERB)
        leads = follows and (item.sort is not Sort.TIME or is_start) and not is_linked
        leads = leads or (follows and item.sort is Sort.TIME and is_start)
        if not self._group or leads:
            self._pending.append(item)
        elif not self._give(item):
            self.leftover.append(item)
            if flipped:
                spoil(self._group, NEGATED)

    def _after_separator(self, at: int) -> bool:
        return self._look.sort(at - 2) in SEPARATORS

    def _flipped(self, item: Item) -> Item:
        self._negates = False
        if item.sort is Sort.TIME:
            spoil(self._group, NEGATED)
            return item
        return replace(item, value=item.value.negated())

    def _give(self, item: Item) -> bool:
        group = self._group
        if group[-1].absent:
            targets = group if item.sort in (Sort.TIME, Sort.SHARE) else group[-1:]
            taken = [draft.take(item) for draft in targets]
            return all(taken)
        if len(group) > 1 and item.sort in (Sort.SHARE, Sort.SECONDS):
            return False  # of the last, or of all together
        if group[-1].begins_another(item):
            group[-1] = group[-1].another()
            self.drafts.append(group[-1])
        return group[-1].take(item)

    def _level(self, at: int, item: Item) -> None:
        following = self._look.kind_after(at)
        is_ahead = following is not None and TONE in following.value
        if self._negates and item.value in _OPPOSITE and (is_ahead or not following):
            self._negates = False
            item = replace(item, value=_OPPOSITE[item.value])
        if is_ahead:
            self._pending.append(item)
        elif self._group and self._group[-1].kind == TONE:
            if self._negates:
                self._group[-1].absent, self._negates = True, False
            self._group[-1].take(item)

    def _not(self, at: int, item: Item) -> None:
        following = self._look.next(at, skip=_BETWEEN_NOT_AND_ITS_OBJECT)
        sort = following.sort if following else None
        self._not_from = item.start
        if sort is Sort.SEEN and self._group:
            if self._look.sort(at - 1) in SEPARATORS:  # "at 3 s, not seen in O2"
                spoil(self._group, TWO_WAYS)
            self._gone(at, item)
        elif sort is Sort.GONE:
            self._denies_gone = True
        elif sort in _CAN_BE_NEGATED:
            self._negates = True
        else:
            spoil(self._group, NEGATED)
            self._hedge = NEGATED

    def _gone(self, at: int, item: Item) -> None:
        if self._denies_gone:
            self._denies_gone = False
        elif self._group:
            for draft in self._group:
                draft.absent = True
                draft.problem = None if draft.problem == EITHER else draft.problem
        elif self._look.kind_after(at):
            self._negates = True

    def _doubt(self, at: int, item: Item) -> None:
        spoil(self._group, item.value)

    def _change(self, at: int, item: Item) -> None:
        spoil(self._group, item.value)
        self._group, self._since_kind = [], []


def _as_length(item: Item) -> Item:
    """Seconds right before a wave are its length: "a 0.8 s spindle"."""
    is_length = item.sort is Sort.BARE_SECONDS and item.value.high <= LONGEST_WAVE_S
    return replace(item, sort=Sort.SECONDS) if is_length else item


def spoil(drafts: list[Draft], why: str | None) -> None:
    """Give drafts a reason not to be checked; the first reason stays."""
    for draft in drafts:
        draft.problem = draft.problem or why
