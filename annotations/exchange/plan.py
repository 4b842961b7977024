"""Plans of imports: what importing a file would change, by the chosen options."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from annotations.exchange.changes import Changes, ChangesPreview
from annotations.exchange.copies import CopyFinding
from annotations.exchange.massex_files import MassexTable, NightLights
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent
from psg.epochs import EpochGrid
from psg.lights import Lights
from psg.massex import Problem, ProblemLevel, Problems
from psg.stages import STAGES
from psg.typed_json import JsonObject, as_json, from_json
from recordings.models import Recording

DEFAULT_SCORER = "MASS-EX"
LONGEST_LABEL = 120


class Counting(StrEnum):
    """The meaning of N where no epochs.csv gives the times of the epochs."""

    UNKNOWN = ""
    EPOCHS = "epochs"
    STAGED = "staged"


COUNTING_WORDS = {
    Counting.UNKNOWN: "as in epochs.csv",
    Counting.EPOCHS: "all epochs of the recording",
    Counting.STAGED: "staged epochs of another scoring, as in the published MASS-EX",
}


@dataclass(frozen=True)
class ImportOptions:
    """How to read and place the files of an import.

    `staged_by` is the id of the scorer whose staged epochs are numbered by N; with `make_nights`
    recordings without signals are created for nights that the study does not have. Stages that
    are nearly equal to a consensus or model here are a copy, unless these are `own_scorings`.
    """

    scorer: str = ""
    counting: Counting = Counting.UNKNOWN
    staged_by: int | None = None
    make_nights: bool = False
    own_scorings: bool = False

    def as_json(self) -> JsonObject:
        return dict(as_json(self))

    @classmethod
    def from_json(cls, data: object) -> "ImportOptions":
        return from_json(cls, data)

    def label_of(self, folder: str, *, is_only: bool) -> str:
        """Return the name of the scorer of a bundle: as chosen, by its folder, or by both."""
        if self.scorer and folder and not is_only:
            return f"{self.scorer} {folder}"[:LONGEST_LABEL]
        return (self.scorer or folder or DEFAULT_SCORER)[:LONGEST_LABEL]


# The plan of a file, made before anything is written, and its preview.


class Outcome(StrEnum):
    NEW = "new"
    EQUAL = "equal"
    DIFFERENT = "different"
    OPEN = "open"
    REFUSED = "refused"


@dataclass(frozen=True)
class FilePreview:
    """The plan of a file as people see it and as the import stores it."""

    path: str
    scorer: str
    track: str
    subject: str
    recording: str
    recording_id: int | None
    makes_night: bool
    outcome: Outcome
    rows: int
    epochs: int
    first: int
    last: int
    stages: dict[str, int]
    with_rules: int
    with_words: int
    changes: ChangesPreview
    moves_lights: bool
    problems: tuple[Problem, ...]
    digest: str

    @property
    def stage_counts(self) -> list[int]:
        return [self.stages[stage.value] for stage in STAGES]

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.level is ProblemLevel.ERROR]

    @property
    def warnings(self) -> list[Problem]:
        return [p for p in self.problems if p.level is ProblemLevel.WARNING]


@dataclass(frozen=True)
class ImportPreview:
    """The previews of all files of an import, and the paths of other files with the reason."""

    files: tuple[FilePreview, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def kept(self, paths: Sequence[str]) -> Self:
        """Return what is kept of these files after the import: nothing that quotes them."""
        files = tuple(
            replace(file, path="", changes=file.changes.kept, problems=())
            for file in self.files
            if file.path in paths
        )
        return replace(self, files=files, left_out=())

    def as_json(self) -> JsonObject:
        return dict(as_json(self))

    @classmethod
    def from_json(cls, data: object) -> "ImportPreview":
        return from_json(cls, data)


@dataclass(frozen=True)
class FileResult:
    """How many epochs of a file were written, or why it was refused."""

    path: str
    scorer: str
    night: str
    epochs: int = 0
    refused: str = ""

    @property
    def kept(self) -> "FileResult":
        """The result as it is stored: the path can have the name of a person."""
        return replace(self, path="")

    def as_json(self) -> JsonObject:
        return dict(as_json(self))


@dataclass
class FilePlan:
    """Where a file belongs in the study as it is, what it changes, and its problems."""

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
    copy: CopyFinding = field(default_factory=CopyFinding)

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
        """Whether the file has other lights of the scorer than the stored scoring."""
        if self.existing is None or self.lights is None:
            return False
        now = Lights(self.existing.lights_off_s, self.existing.lights_on_s)
        return now != self.lights.own

    @property
    def digest(self) -> str:
        """A hash of the plan, so that only a plan that people saw is carried out."""
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

    @property
    def preview(self) -> FilePreview:
        staged = Counter(content.stage for content in self.contents.values() if content.stage)
        rows = self.table.rows if self.table else ()
        return FilePreview(
            path=self.path,
            scorer=self.scorer,
            track=str(self.table.track) if self.table else "",
            subject=self.table.subject if self.table else "",
            recording=self.recording.name if self.recording else "",
            recording_id=self.recording.pk if self.recording else None,
            makes_night=self.recording is None and self.grid is not None,
            outcome=self.outcome,
            rows=len(rows),
            epochs=self.grid.epoch_count if self.grid else 0,
            first=min(self.contents, default=0) + 1,
            last=max(self.contents, default=-1) + 1,
            stages={stage.value: staged[stage.value] for stage in STAGES},
            with_rules=sum(bool(row.rules) for row in rows),
            with_words=sum(bool(row.rationale) for row in rows),
            changes=self.changes.preview,
            moves_lights=self.moves_lights,
            problems=tuple(self.problems),
            digest=self.digest,
        )
