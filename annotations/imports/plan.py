"""What an import would do with one file, before anything is written."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from annotations.imports.changes import Changes
from annotations.imports.massex import MassexTable
from annotations.imports.sidecars import NightLights
from annotations.models import EpochRevision, Scoring
from annotations.services.scores import ScoreContent
from psg.epochs import EpochGrid
from psg.lights import Lights
from psg.massex import Problems
from psg.stages import STAGES
from recordings.models import Recording


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
