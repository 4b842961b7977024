"""What importing a file would change in the scoring that its scorer has already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.models import EpochScore
from annotations.services.scores import ScoreContent

MOST_SHOWN = 12


@dataclass(frozen=True)
class Changes:
    """Epochs that the file adds, says otherwise, and no longer has; `same` are as they are."""

    added: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    same: int = 0
    shown: tuple[dict[str, Any], ...] = field(default=(), compare=False)

    @property
    def is_none(self) -> bool:
        return not (self.added or self.changed or self.gone)

    def as_json(self) -> dict[str, Any]:
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "gone": len(self.gone),
            "same": self.same,
            "shown": list(self.shown),
            "more": len(self.added) + len(self.changed) + len(self.gone) - len(self.shown),
        }


def changes_between(
    stored: Mapping[int, EpochScore], contents: Mapping[int, ScoreContent]
) -> Changes:
    """Compare epoch by epoch what is stored with what a file says."""
    epochs = sorted({*stored, *contents})
    kinds = {n: _kind(stored.get(n), contents.get(n)) for n in epochs}
    differ = [n for n in epochs if kinds[n] in ("added", "changed", "gone")]
    return Changes(
        added=tuple(n for n in epochs if kinds[n] == "added"),
        changed=tuple(n for n in epochs if kinds[n] == "changed"),
        gone=tuple(n for n in epochs if kinds[n] == "gone"),
        same=sum(kind == "same" for kind in kinds.values()),
        shown=tuple(
            {"epoch": n + 1, "before": _said(stored.get(n)), "after": _said(contents.get(n))}
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


def _said(said: EpochScore | ScoreContent | None) -> dict[str, str]:
    if said is None:
        return {"stage": "", "rules": "", "words": ""}
    return {
        "stage": said.stage or "",
        "rules": ", ".join(said.rules),
        "words": said.rationale[:160],
    }
