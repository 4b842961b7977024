"""How a file differs from a scoring that exists, epoch by epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from annotations.scoring.models import EpochScore
from annotations.scoring.scores import ScoreContent

MOST_SHOWN = 12


@dataclass(frozen=True)
class ShownScore:
    """Stage, rules and the beginning of the rationale of an epoch."""

    stage: str = ""
    rules: str = ""
    words: str = ""


@dataclass(frozen=True)
class ShownChange:
    """An epoch (counted from 1) as it is stored, and as it is in the file."""

    epoch: int
    before: ShownScore
    after: ShownScore


@dataclass(frozen=True)
class ChangesPreview:
    """How many epochs would change; the first of them are `shown`, `more` are not."""

    added: int
    changed: int
    gone: int
    same: int
    shown: tuple[ShownChange, ...]
    more: int

    @property
    def kept(self) -> "ChangesPreview":
        """The counts alone."""
        return replace(self, shown=(), more=self.more + len(self.shown))


@dataclass(frozen=True)
class Changes:
    """Epochs that the file adds, changes and no longer contains; `same` are equal."""

    added: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    same: int = 0
    shown: tuple[ShownChange, ...] = field(default=(), compare=False)

    @property
    def is_none(self) -> bool:
        return not (self.added or self.changed or self.gone)

    @property
    def preview(self) -> ChangesPreview:
        return ChangesPreview(
            added=len(self.added),
            changed=len(self.changed),
            gone=len(self.gone),
            same=self.same,
            shown=self.shown,
            more=len(self.added) + len(self.changed) + len(self.gone) - len(self.shown),
        )


def changes_between(
    stored: Mapping[int, EpochScore], contents: Mapping[int, ScoreContent]
) -> Changes:
    """Compare the stored scores with those of a file, epoch by epoch."""
    epochs = sorted({*stored, *contents})
    kinds = {n: _kind(stored.get(n), contents.get(n)) for n in epochs}
    differ = [n for n in epochs if kinds[n] in ("added", "changed", "gone")]
    return Changes(
        added=tuple(n for n in epochs if kinds[n] == "added"),
        changed=tuple(n for n in epochs if kinds[n] == "changed"),
        gone=tuple(n for n in epochs if kinds[n] == "gone"),
        same=sum(kind == "same" for kind in kinds.values()),
        shown=tuple(
            ShownChange(n + 1, before=_shown(stored.get(n)), after=_shown(contents.get(n)))
            for n in differ[:MOST_SHOWN]
        ),
    )


def _kind(score: EpochScore | None, content: ScoreContent | None) -> str:
    has_stage = score is not None and score.stage is not None
    if content is None or content.stage is None:
        if has_stage:
            return "gone"
        # An epoch without a stage can still have words of the source.
        text = content.source_text if content else ""
        return "added" if text and (score.source_text if score else "") != text else ""
    if score is None or not has_stage:
        return "added"
    is_same = (score.stage, list(score.rules), score.rationale) == (
        content.stage,
        list(content.rules),
        content.rationale,
    )
    return "same" if is_same else "changed"


def _shown(score: EpochScore | ScoreContent | None) -> ShownScore:
    if score is None:
        return ShownScore()
    return ShownScore(score.stage or "", ", ".join(score.rules), score.rationale[:160])
