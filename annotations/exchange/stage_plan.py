"""Plans of stage files: what importing a file onto a recording would do, by the options."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from annotations.exchange.copies import CopyFinding
from annotations.exchange.plan import Outcome
from annotations.scoring.models import Scoring, label_of
from psg.doubts import Doubt
from psg.stagefiles.align import NightTimes
from psg.stagefiles.facts import StageOptions
from psg.stagefiles.place import Placed, PlacedFile
from psg.stages import STAGES, Stage
from psg.typed_json import JsonObject, as_json, from_json
from recordings.models import Recording

# A letter for each stage in a stored hypnogram; the last stands for no stage.
LETTERS: Mapping[Stage | None, str] = {
    **{stage: stage.value[-1] for stage in STAGES},
    None: ".",
}
_STAGE_OF = {letter: stage for stage, letter in LETTERS.items()}


@dataclass(frozen=True)
class StageImportOptions:
    """What a person says of the stage files of an import.

    Attributes
    ----------
    scorer : str
        Name of the scorer, where neither the pattern nor the file gives one.
    pattern : str
        Pattern of file names with `{recording}`, `{subject}`, `{night}` and `{scorer}`.
    recording : int or None
        Id of the recording of all files; None where names of files decide.
    make_nights : bool
        Whether recordings without signals are created for files that have none here.
    stages : StageOptions
        How the files are read.
    copies : dict of str to str
        By path whether a file is a copy, and of all files under ""; see
        `annotations.exchange.copies`.
    """

    scorer: str = ""
    pattern: str = ""
    recording: int | None = None
    make_nights: bool = False
    stages: StageOptions = field(default_factory=StageOptions)
    copies: dict[str, str] = field(default_factory=dict)

    def answer_of(self, path: str) -> str:
        """Return what a person said of a copy, of this file or of all."""
        return self.copies.get(path, self.copies.get("", ""))

    def as_json(self) -> JsonObject:
        return dict(as_json(self))

    @classmethod
    def from_json(cls, data: object) -> "StageImportOptions":
        return from_json(cls, data)


def letters_of(stages: Sequence[Stage | None]) -> str:
    return "".join(LETTERS[stage] for stage in stages)


def stages_of_letters(letters: str) -> list[Stage | None]:
    return [_STAGE_OF[letter] for letter in letters]


# The preview of a file, as people see it and as the import stores it.


@dataclass(frozen=True)
class ScorerPreview:
    """The stages of a scorer of a file; `copy_of` says in words of what they are a copy."""

    scorer: str
    hypnogram: str
    events: int
    is_there: bool
    copy_of: str

    @property
    def stages(self) -> list[Stage | None]:
        return stages_of_letters(self.hypnogram)

    @property
    def stage_counts(self) -> list[int]:
        counts = Counter(self.stages)
        return [counts[stage] for stage in STAGES]

    @property
    def unscored(self) -> int:
        return self.hypnogram.count(LETTERS[None])


@dataclass(frozen=True)
class StageFilePreview:
    """What importing a file would do; `problem` says why it cannot be imported."""

    path: str
    format: str
    recording: str
    recording_id: int | None
    makes_night: bool
    outcome: Outcome
    epochs: int
    scorers: tuple[ScorerPreview, ...]
    notes: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    problem: str
    digest: str

    @property
    def questions(self) -> list[Doubt]:
        return [doubt for doubt in self.doubts if doubt.is_open]

    @property
    def assumed(self) -> list[Doubt]:
        return [doubt for doubt in self.doubts if not doubt.is_open]

    @property
    def kept(self) -> "StageFilePreview":
        """The preview as it is stored after the import, without the path and words of the file.

        The scorings have the stages, and what was said and assumed.
        """
        scorers = tuple(replace(scorer, hypnogram="") for scorer in self.scorers)
        return replace(self, path="", scorers=scorers, notes=(), doubts=(), problem="")


@dataclass(frozen=True)
class StagesPreview:
    """The previews of all files of an import, and the paths of other files with the reason."""

    files: tuple[StageFilePreview, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def kept(self, paths: Sequence[str]) -> Self:
        """Return what is kept of these files after the import: nothing that quotes them."""
        files = tuple(file.kept for file in self.files if file.path in paths)
        return replace(self, files=files, left_out=())

    def as_json(self) -> JsonObject:
        return dict(as_json(self))

    @classmethod
    def from_json(cls, data: object) -> "StagesPreview":
        return from_json(cls, data)


# The plan of a file, made before anything is written.


@dataclass(frozen=True)
class PlannedScoring:
    """A scoring that a file would make; `existing` has the same stages by the same scorer."""

    scorer: str
    placed: Placed
    copy: CopyFinding
    existing: Scoring | None = None

    @property
    def preview(self) -> ScorerPreview:
        return ScorerPreview(
            scorer=self.scorer,
            hypnogram=letters_of(self.placed.stages),
            events=len(self.placed.events),
            is_there=self.existing is not None,
            copy_of=_copy_words(self.copy),
        )


def _copy_words(copy: CopyFinding) -> str:
    if copy.original is not None:
        return label_of(copy.original)
    return f"a {copy.kind} scoring of another site" if copy.is_copy else ""


@dataclass
class StagePlan:
    """Where a file belongs, what it would make, and what stands against it."""

    path: str
    label: str = ""
    """Of the scorer, as the options or the name of the file say."""
    name: str = ""
    """Of the recording."""
    recording: Recording | None = None
    night: NightTimes | None = None
    placed_file: PlacedFile | None = None
    scorings: list[PlannedScoring] = field(default_factory=list)
    problem: str = ""

    @property
    def doubts(self) -> list[Doubt]:
        of_file = self.placed_file.doubts if self.placed_file else ()
        of_copies = [doubt for scoring in self.scorings for doubt in scoring.copy.doubts]
        return [*of_file, *of_copies[:1]]

    @property
    def outcome(self) -> Outcome:
        if self.problem:
            return Outcome.REFUSED
        if any(doubt.is_open for doubt in self.doubts):
            return Outcome.OPEN
        if all(scoring.existing for scoring in self.scorings):
            return Outcome.EQUAL
        return Outcome.NEW

    @property
    def digest(self) -> str:
        """A hash of the plan, so that only a plan that people saw is carried out."""
        facts = [
            *(self.path, self.label, self.name, str(self.outcome)),
            self.placed_file and self.placed_file.file.sha256,
            self.night and [self.night.grid.epoch0_s, self.night.grid.epoch_count],
            *(str(doubt) for doubt in self.doubts),
            *(_facts(scoring) for scoring in self.scorings),
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    @property
    def preview(self) -> StageFilePreview:
        return StageFilePreview(
            path=self.path,
            format=self.placed_file.file.format if self.placed_file else "",
            recording=self.name,
            recording_id=self.recording.pk if self.recording else None,
            makes_night=self.recording is None and self.night is not None,
            outcome=self.outcome,
            epochs=self.night.grid.epoch_count if self.night else 0,
            scorers=tuple(scoring.preview for scoring in self.scorings),
            notes=self.placed_file.notes if self.placed_file else (),
            doubts=tuple(self.doubts),
            problem=self.problem,
            digest=self.digest,
        )


def _facts(scoring: PlannedScoring) -> list[object]:
    copied = scoring.copy.original.pk if scoring.copy.original else None
    return [
        *(scoring.scorer, letters_of(scoring.placed.stages), len(scoring.placed.events)),
        *(scoring.existing and scoring.existing.pk, copied, scoring.copy.kind),
    ]
