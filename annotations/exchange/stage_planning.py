"""Planning an import of stage files: each matched, read, placed and compared; nothing written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from annotations.exchange.copies import CopyFinding, find_copy
from annotations.exchange.files import NamedFile
from annotations.exchange.massex_files import is_massex
from annotations.exchange.planning import StudyNights, UnmatchedError
from annotations.exchange.scoring_downloads import stages_of
from annotations.exchange.scoring_files import night_times
from annotations.exchange.stage_plan import PlannedScoring, StageImportOptions, StagePlan
from annotations.scoring.models import Scorer, Scoring
from annotations.scoring.scorings import check_scorer_label
from jobs.reader import Reader, Tell
from psg.errors import PsgError, StageFileError
from psg.namepatterns import NamePattern, stem_of
from psg.stagefiles import night_of_file, place_file, read_stage_file
from psg.stagefiles.align import NightTimes
from psg.stagefiles.facts import StageOptions
from psg.stagefiles.place import Placed, PlacedFile
from psg.stagefiles.scorers import scorer_names
from psg.stagenames import NightName, NightNames
from recordings.models import Recording
from recordings.store import unnamed_file
from studies.models import Study, User

# Of files of recordings to be, which else are read twice.
_MOST_KEPT = 500
# A recording has no file name any more; its name is compared as if it were one.
_SUFFIX = ".edf"
_SILENT_NAMES = {"SHA256SUMS", "README.txt", "README.md"}


def plan_stages(
    study: Study,
    files: Sequence[NamedFile],
    options: StageImportOptions,
    user: User | None,
    reader: Reader,
    *,
    chosen: Collection[str] | None = None,
) -> Iterator[StagePlan]:
    """Yield the plan of every file in turn; without `user` no blind scoring is considered.

    With `chosen` only files of these paths are planned. The others still count for how long
    recordings without signals become, as the preview of all of them showed it.
    """
    matcher = _Matcher(study, options, user)
    taken: dict[tuple[str, str], str] = {}
    reading = _Reading(options.stages, reader)
    nights = _nights_to_be(files, matcher, reading)
    for file in files if chosen is None else [file for file in files if file.path in chosen]:
        plan = StagePlan(path=file.path)
        try:
            matcher.match(plan)
            plan.night, plan.placed_file = reading.placed(file, _night_of(plan, nights))
            _compare(plan, study, options)
        except (PsgError, UnmatchedError) as error:
            plan.problem = str(error)
        _refuse_twice(plan, taken)
        yield plan


def _night_of(plan: StagePlan, nights: Mapping[str, NightTimes]) -> NightTimes | None:
    return night_times(plan.recording) if plan.recording else nights.get(plan.name)


def _nights_to_be(
    files: Sequence[NamedFile], matcher: "_Matcher", reading: "_Reading"
) -> dict[str, NightTimes]:
    """Return the times of the recordings to be created: each as long as its longest file."""
    nights: dict[str, NightTimes] = {}
    for file in files:
        plan = StagePlan(path=file.path)
        try:
            matcher.match(plan)
            if plan.recording is not None:
                continue
            night = reading.night_of(file)
        except (PsgError, UnmatchedError):
            continue  # said when the file is planned
        if night is not None:
            nights[plan.name] = _longer(nights.get(plan.name, night), night)
    return nights


def _longer(first: NightTimes, other: NightTimes) -> NightTimes:
    is_same_start = (first.grid.epoch0_s, first.clock_s) == (other.grid.epoch0_s, other.clock_s)
    return other if is_same_start and other.duration_s > first.duration_s else first


def readable(files: Sequence[NamedFile]) -> list[NamedFile]:
    """Leave out what systems and exports put beside stage files."""
    return [
        file for file in sorted(files, key=lambda file: file.path) if not _is_ignored(file.path)
    ]


def _is_ignored(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1] in _SILENT_NAMES


# Which recording a file belongs to.


class _Matcher:
    """Finds the recording of a file by the options, by a pattern, or by the names alone."""

    def __init__(self, study: Study, options: StageImportOptions, user: User | None) -> None:
        self._study, self._options = study, options
        self._nights = StudyNights(study, user)
        self._pattern = NamePattern(options.pattern) if options.pattern else None
        self._recordings = list(study.recordings.select_related("subject").order_by("name"))
        self._names = NightNames(
            [
                NightName(f"{recording.name}{_SUFFIX}", recording.subject.code)
                for recording in self._recordings
            ]
        )

    def match(self, plan: StagePlan) -> None:
        """Set recording, name and label of a plan.

        Raises
        ------
        UnmatchedError
        """
        if self._options.recording is not None:
            plan.label = self._options.scorer
            plan.recording = self._by_id(self._options.recording)
        else:
            self._by_name(plan)
        recording, plan.recording = plan.recording, None
        if recording is not None:
            plan.name = recording.name
            # Without the recording a refused file closes the preview of the others to nobody.
            self._nights.refuse_closed(recording)
            plan.recording = recording

    def _by_id(self, pk: int) -> Recording:
        found = next((r for r in self._recordings if r.pk == pk), None)
        if found is None:
            raise UnmatchedError("The recording is not in this study any more.")
        return found

    def _by_name(self, plan: StagePlan) -> None:
        fields = self._pattern.match(plan.path) if self._pattern else {}
        if fields is None:
            raise UnmatchedError("The name of the file does not fit the pattern.")
        plan.label = self._options.scorer or fields.get("scorer", "").strip()
        found = self._names.match(plan.path, self._pattern)
        if found is not None:
            plan.recording = self._recordings[found.night]
            plan.label = plan.label or found.scorer
            return
        plan.name = _name_to_be(fields, plan.path)
        # An earlier file of the same import may have made it.
        plan.recording = self._study.recordings.filter(name=plan.name).first()
        if plan.recording is not None:
            return
        if not self._options.make_nights:
            raise UnmatchedError(
                f"{self._study} has no recording, or several, for this file. Add the recording"
                " first, give a pattern of file names, or create recordings without signals."
            )
        if len(plan.name) > 60 or not plan.name:
            raise UnmatchedError("The name of the file gives no name for a recording.")


def _name_to_be(fields: dict[str, str], path: str) -> str:
    named = fields.get("recording") or fields.get("subject")
    if named is None:
        return stem_of(path)
    return f"{named}-{fields['night']}" if fields.get("night") else named


# What a file says, and what stands here already.


@dataclass(frozen=True)
class _Reading:
    """Reads and places files in a process with limits."""

    options: StageOptions
    reader: Reader
    kept: dict[str, tuple[NightTimes, PlacedFile]] = field(default_factory=dict)
    """By path, files on the night that each describes, until they are planned."""

    def placed(
        self, file: NamedFile, night: NightTimes | None
    ) -> tuple[NightTimes | None, PlacedFile]:
        """Read a file and place its stages on a night, or on the night that it describes.

        Raises
        ------
        PsgError
        """
        own = self.kept.pop(file.path, None)
        if own is not None and night in (None, own[0]):
            return own
        return self.reader.read(partial(_place, file, self.options, night))

    def night_of(self, file: NamedFile) -> NightTimes | None:
        """Return the night that a file describes; None while a question about it is open.

        Raises
        ------
        PsgError
        """
        night, placed_file = self.placed(file, None)
        if night is not None and len(self.kept) < _MOST_KEPT:
            self.kept[file.path] = night, placed_file
        return night


def _place(
    file: NamedFile, options: StageOptions, known: NightTimes | None, _: Tell
) -> tuple[NightTimes | None, PlacedFile]:
    # Without a name the file is gone whatever happens to this process.
    with unnamed_file() as spool:
        spool.write(file.read())
        spool.flush()
        return _placed(Path(f"/dev/fd/{spool.fileno()}"), file, options, known)


def _placed(
    path: Path, file: NamedFile, options: StageOptions, known: NightTimes | None
) -> tuple[NightTimes | None, PlacedFile]:
    if is_massex(path):
        raise StageFileError(
            "This is a table in MASS-EX layout", advice="Import it as MASS-EX, with its times."
        )
    read = read_stage_file(path, options, name=PurePosixPath(file.path).name)
    if any(doubt.is_open for doubt in read.doubts):
        return known, PlacedFile(read)
    night = known or night_of_file(read)
    return night, place_file(read, night, options)


def _compare(plan: StagePlan, study: Study, options: StageImportOptions) -> None:
    """Name the scorings of a file, and find out what of them is here already.

    Raises
    ------
    StageFileError
    """
    assert plan.placed_file is not None
    placed = plan.placed_file.placed
    labels = scorer_names([table.scorer for table in placed], plan.label)
    for scorer, table in zip(labels, placed, strict=True):
        check_scorer_label(scorer)
        existing = _existing(plan, study, scorer)
        if existing and stages_of(existing) != list(table.stages):
            raise StageFileError(
                f"{plan.name} has another scoring by {scorer}", advice="Use another scorer name."
            )
        copy = CopyFinding() if existing else _copy(plan, table, options)
        plan.scorings.append(PlannedScoring(scorer, table, copy, existing))


def _existing(plan: StagePlan, study: Study, scorer: str) -> Scoring | None:
    if plan.recording is None:
        return None
    theirs = Scoring.objects.filter(
        recording=plan.recording,
        scorer__kind=Scorer.Kind.IMPORT,
        scorer__study=study,
        scorer__label=scorer,
    )
    return theirs.select_related("recording").order_by("pass_number").last()


def _copy(plan: StagePlan, table: Placed, options: StageImportOptions) -> CopyFinding:
    if plan.recording is None or plan.placed_file is None:
        return CopyFinding()
    return find_copy(
        recording=plan.recording,
        stages=table.stages,
        mark=plan.placed_file.file.mark,
        answer=options.answer_of(plan.path),
    )


def _refuse_twice(plan: StagePlan, taken: dict[tuple[str, str], str]) -> None:
    for scoring in plan.scorings:
        other = taken.setdefault((plan.name, scoring.scorer), plan.path)
        if other != plan.path and not plan.problem:
            plan.problem = (
                f"{other} is of the same recording and scorer. Exclude one of the files, or give"
                " a pattern of file names with {scorer}."
            )
