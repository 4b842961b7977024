"""What an import would do with one file, by the options that a person gave."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from annotations.exchange.massex_files import MassexTable, NightLights
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from annotations.scoring.scores import ScoreContent
from psg.epochs import EpochGrid
from psg.lights import Lights
from psg.massex import Problems
from psg.stages import STAGES
from recordings.models import Recording

DEFAULT_SCORER = "MASS-EX"
LONGEST_LABEL = 120


class Counting(StrEnum):
    """What N counts where no epochs.csv says when the epochs were."""

    UNKNOWN = ""
    EPOCHS = "epochs"
    STAGED = "staged"


COUNTING_WORDS = {
    Counting.UNKNOWN: "epochs.csv says it",
    Counting.EPOCHS: "all epochs of the recording",
    Counting.STAGED: "the epochs that another scoring has staged, as in the published MASS-EX",
}


@dataclass(frozen=True)
class ImportOptions:
    """How to read and place the files of one import.

    `staged_by` is the id of the scorer by whose staged epochs N counts; `make_nights` makes
    recordings with labels only for nights that the study does not have.
    """

    scorer: str = ""
    counting: Counting = Counting.UNKNOWN
    staged_by: int | None = None
    make_nights: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ImportOptions":
        return cls(**{**data, "counting": Counting(data["counting"])})

    def label_of(self, folder: str, *, is_only: bool) -> str:
        """Name the scorer of a bundle: as asked for, as its folder says, or by both."""
        if self.scorer and folder and not is_only:
            return f"{self.scorer} {folder}"[:LONGEST_LABEL]
        return (self.scorer or folder or DEFAULT_SCORER)[:LONGEST_LABEL]


# What importing a file would change in the scoring that its scorer has already.


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


# What an import would do with one file, before anything is written.


class Outcome(StrEnum):
    NEW = "new"
    EQUAL = "equal"
    DIFFERENT = "different"
    REFUSED = "refused"


@dataclass
class FilePlan:
    """One file against the study as it is: where it goes, what it changes, what is wrong."""

    path: str
    scorer: str
    problems: Problems = field(default_factory=Problems)
    sha256: str = ""
    table: MassexTable | None = None
    recording: Recording | None = None
    grid: EpochGrid | None = None
    contents: Mapping[int, ScoreContent] = field(default_factory=dict)
    lights: NightLights | None = None
    existing: Scoring | None = None
    changes: Changes = field(default_factory=Changes)

    @property
    def outcome(self) -> Outcome:
        if self.problems.has_errors:
            return Outcome.REFUSED
        if self.existing is None:
            return Outcome.NEW
        return (
            Outcome.EQUAL if self.changes.is_none and not self.moves_lights else Outcome.DIFFERENT
        )

    @property
    def moves_lights(self) -> bool:
        """Whether the file has other marks of the scorer's own than the scoring there is."""
        if self.existing is None or self.lights is None:
            return False
        now = Lights(self.existing.lights_off_s, self.existing.lights_on_s)
        return now != self.lights.own

    @property
    def digest(self) -> str:
        """A hash of what would be done, so that it is only done as it was shown."""
        last = None
        if self.existing:
            revisions = EpochRevision.objects.filter(scoring=self.existing)
            last = revisions.order_by("-id").values_list("client_uuid", flat=True).first()
        facts = [
            *(self.path, self.scorer, self.sha256, str(self.outcome)),
            *(self.table and self.table.subject, self.existing and self.existing.pk),
            *(self.grid and self.grid.epoch0_s, self.grid and self.grid.epoch_count),
            *(str(last), self.existing and self.existing.lights_version),
            sorted((n, c.stage, list(c.rules)) for n, c in self.contents.items() if c.stage),
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        staged = Counter(content.stage for content in self.contents.values() if content.stage)
        rows = self.table.rows if self.table else ()
        return {
            "path": self.path,
            "scorer": self.scorer,
            "track": str(self.table.track) if self.table else "",
            "subject": self.table.subject if self.table else "",
            "recording": self.recording.name if self.recording else "",
            "recording_id": self.recording.pk if self.recording else None,
            "makes_night": self.recording is None and self.grid is not None,
            "outcome": str(self.outcome),
            "rows": len(rows),
            "epochs": self.grid.epoch_count if self.grid else 0,
            "first": min(self.contents, default=0) + 1,
            "last": max(self.contents, default=-1) + 1,
            "stages": {stage.value: staged[stage.value] for stage in STAGES},
            "with_rules": sum(bool(row.rules) for row in rows),
            "with_words": sum(bool(row.rationale) for row in rows),
            "changes": self.changes.as_json(),
            "moves_lights": self.moves_lights,
            "problems": self.problems.as_json(),
            "digest": self.digest,
        }
