"""Planning an import: every file read, matched, placed and compared, and nothing written."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from annotations.exchange.changes import changes_between
from annotations.exchange.copies import COPY, OWN, find_copy, stages_over
from annotations.exchange.files import Beside, Layout, NamedFile
from annotations.exchange.massex_files import MassexTable, read_table
from annotations.exchange.placing import (
    GIVE_TIMES,
    NO_TIMES,
    Placement,
    contents_of,
    find_shift,
    place_by_number,
    place_by_sidecar,
    place_by_staged,
)
from annotations.exchange.plan import Counting, FilePlan, ImportOptions, Outcome
from annotations.exposure import rated_recordings
from annotations.scoring.models import FINISHED, Scorer, Scoring, label_of
from annotations.visibility import unaided_recordings
from jobs.reader import Reader, Tell
from psg.epochs import EpochGrid
from psg.errors import PsgError, RefusedError, StageFileError
from psg.massex import checked_grid
from psg.rules.editions import get_edition
from recordings.models import Recording
from studies.models import Study, Track, User

NOT_READY = (Recording.State.INGESTING, Recording.State.FAILED)


class UnmatchedError(RefusedError):
    """A subject has no recording in the study, or several; the message says what to do."""

    code = "unmatched"


class StudyNights:
    """The recordings of a study by name and by subject, and which are still scored blind."""

    def __init__(self, study: Study, user: User | None) -> None:
        self._by_name: dict[str, Recording] = {}
        self._by_code: dict[str, list[Recording]] = defaultdict(list)
        for recording in study.recordings.select_related("subject", "study"):
            self._by_name[recording.name] = recording
            self._by_code[recording.subject.code].append(recording)
        self._blind = unaided_recordings(user) if user else set[int]()
        self._rated = rated_recordings(user) if user else set[int]()

    def find(self, subject: str) -> Recording | None:
        """Return the night of that name, else the only night of that subject; else None.

        Raises
        ------
        UnmatchedError
        """
        nights = self._by_code.get(subject, [])
        recording = self._by_name.get(subject) or (nights[0] if len(nights) == 1 else None)
        if recording is None and nights:
            names = ", ".join(sorted(night.name for night in nights))
            raise UnmatchedError(
                f"{subject} has several recordings ({names}): use one of these names as Subject."
            )
        if recording is not None:
            self.refuse_closed(recording)
        return recording

    def refuse_closed(self, recording: Recording) -> None:
        """Refuse a recording that is not ready, or of which the user may see no scoring.

        Raises
        ------
        UnmatchedError
        """
        if recording.state in NOT_READY:
            raise UnmatchedError(
                f"{recording} is not ready: {recording.get_state_display().lower()}."
            )
        if recording.pk in self._blind:
            raise UnmatchedError(
                f"You still score {recording} blind. Submit it first, or exclude it."
            )
        if recording.pk in self._rated:
            raise UnmatchedError(
                f"You rate texts of a rating study that is still open. Import {recording} when it"
                " is closed, or exclude it."
            )


def finished_stages(
    recording: Recording, scorer_id: int | None = None
) -> dict[str, dict[int, str]]:
    """Return the stages by epoch of the last finished scorings of a night, by scorer's label."""
    scorings = Scoring.objects.filter(recording=recording, state__in=FINISHED)
    scorings = scorings if scorer_id is None else scorings.filter(scorer_id=scorer_id)
    last = {s.scorer_id: s for s in scorings.select_related("scorer").order_by("pass_number")}
    return {
        scoring.scorer.label: {
            epoch: stage for epoch, stage in scoring.scores.values_list("epoch", "stage") if stage
        }
        for scoring in last.values()
    }


_CODE = re.compile(r"[\w.\- ]+")
_MOST_SUMS_BYTES = 4 * 2**20


def plan_import(
    study: Study, layout: Layout, options: ImportOptions, user: User | None, reader: Reader
) -> Iterator[FilePlan]:
    """Yield the plan of every file in turn; without `user` no blind scoring is considered."""
    nights = StudyNights(study, user)
    sums = reader.read(lambda _: _sums(layout.checksums))
    is_only = len({bundle.scorer for bundle in layout.bundles}) < 2
    taken: dict[tuple[str, str], str] = {}
    for bundle in layout.bundles:
        beside = Beside(bundle, reader)
        scorer = options.label_of(bundle.scorer, is_only=is_only)
        for file in bundle.tables:
            plan = FilePlan(path=file.path, scorer=scorer)
            try:
                _read(plan, file, study, sums, reader)
                _match(plan, study, nights, options, beside)
                _place(plan, options, beside)
                _compare(plan, study)
                _look_for_copy(plan, options)
            except PsgError as error:
                plan.problems.refuse(error)
            except UnmatchedError as error:
                plan.problems.error(str(error).rstrip("."))
            _refuse_twice(plan, taken)
            yield plan


def _read(
    plan: FilePlan, file: NamedFile, study: Study, sums: dict[str, str], reader: Reader
) -> None:
    edition = get_edition(study.rule_edition)

    def read(_: Tell) -> tuple[str, MassexTable]:
        data = file.read()
        return hashlib.sha256(data).hexdigest(), read_table(data, edition=edition)

    plan.sha256, plan.table = reader.read(read)
    plan.problems = plan.table.problems
    if sums.get(file.path, plan.sha256) != plan.sha256:
        plan.problems.warn(
            "The checksum differs from SHA256SUMS", advice="Check whether the file was edited."
        )


def _match(
    plan: FilePlan, study: Study, nights: StudyNights, options: ImportOptions, beside: Beside
) -> None:
    table = _table(plan)
    if not table.rows:
        return
    plan.recording = nights.find(table.subject)
    if plan.recording is not None:
        plan.grid = plan.recording.grid
    elif not options.make_nights:
        raise UnmatchedError(
            f"{study} has no recording or subject {table.subject}. Add the recording first, or"
            " select “Create recordings without signals”."
        )
    elif not _CODE.fullmatch(table.subject):
        raise UnmatchedError(f"“{table.subject}” is not a valid name of a new recording.")
    else:
        plan.grid = _new_grid(table, options, beside)


def _new_grid(table: MassexTable, options: ImportOptions, beside: Beside) -> EpochGrid:
    if (sidecar := beside.sidecar(table.subject)) is not None:
        return sidecar.grid()
    if options.counting is Counting.EPOCHS:
        return checked_grid(EpochGrid(0.0, max(row.number for row in table.rows) + 1))
    raise StageFileError(NO_TIMES, advice=GIVE_TIMES)


def _place(plan: FilePlan, options: ImportOptions, beside: Beside) -> None:
    table, grid = _table(plan), plan.grid
    if grid is None or plan.problems.has_errors:
        return
    placement = _placement(plan, options, beside)
    plan.contents = contents_of(table.rows, placement)
    plan.lights = beside.lights(table.subject)
    outside = [epoch for epoch in plan.contents if epoch >= grid.epoch_count]
    if outside:
        plan.problems.error(
            f"{len(outside)} epochs lie outside the recording, which has {grid.epoch_count}",
            advice="Check that the file belongs to this recording, and check the epoch numbering.",
        )
    _check_lights(plan)


def _placement(plan: FilePlan, options: ImportOptions, beside: Beside) -> Placement:
    table, grid = _table(plan), plan.grid
    assert grid is not None
    if (sidecar := beside.sidecar(table.subject)) is not None:
        return place_by_sidecar(table.rows, sidecar, grid, plan.problems)
    if options.counting is Counting.EPOCHS:
        _look_for_shift(plan)
        return place_by_number(table.rows)
    if options.counting is Counting.STAGED and plan.recording:
        for label, staged in finished_stages(plan.recording, options.staged_by or 0).items():
            return place_by_staged(table.rows, staged, label, plan.problems)
        raise StageFileError(
            f"{plan.recording} has no finished scoring by the chosen scorer of the stages",
            advice="Choose another scorer, or import the stages first.",
        )
    raise StageFileError(NO_TIMES, advice=GIVE_TIMES)


def _look_for_shift(plan: FilePlan) -> None:
    """Tell where the night's other scorings say that all lies some epochs off."""
    if plan.recording is None:
        return
    stages = {row.number: row.stage for row in _table(plan).rows}
    for label, reference in finished_stages(plan.recording).items():
        if shift := find_shift(stages, reference):
            plan.problems.warn(
                f"Compared with {label}, N seems to be shifted: {shift}",
                advice="Check the epoch numbering.",
            )


def _check_lights(plan: FilePlan) -> None:
    if plan.lights is None or plan.grid is None:
        return
    has_own = plan.lights.own.off_s is not None or plan.lights.own.on_s is not None
    if plan.recording is not None:
        ours = plan.recording.lights
        if has_own and (problem := plan.lights.own.over(ours).problem(plan.recording.end_s)):
            plan.problems.error(f"lights.csv: {problem}")
        if plan.lights.recording.over(ours) != ours:
            plan.problems.warn(
                "lights.csv has other lights times of the recording",
                advice="The stored times are not changed.",
            )
    else:
        end_s = plan.grid.onset_s(plan.grid.epoch_count)
        if problem := plan.lights.own.over(plan.lights.recording).problem(end_s):
            plan.problems.error(f"lights.csv: {problem}")


def _compare(plan: FilePlan, study: Study) -> None:
    table = _table(plan)
    if plan.recording is not None:
        theirs = Scoring.objects.filter(
            recording=plan.recording,
            scorer__kind=Scorer.Kind.IMPORT,
            scorer__study=study,
            scorer__label=plan.scorer,
        )
        plan.existing = theirs.order_by("pass_number").last()
    stored = {s.epoch: s for s in plan.existing.scores.all()} if plan.existing else {}
    plan.changes = changes_between(stored, plan.contents)
    if plan.existing is None or plan.outcome is not Outcome.DIFFERENT:
        return
    if plan.existing.state != Scoring.State.SUBMITTED:
        state = plan.existing.get_state_display().lower()
        plan.problems.error(
            f"{plan.existing} is {state} and cannot be changed", advice="Give another scorer name."
        )
    if table.track == Track.COARSE and any(score.rationale for score in stored.values()):
        plan.problems.error(
            f"{plan.existing} has rationales, which a coarse file would remove",
            advice="Give another scorer name, or import the fine file.",
        )


def _look_for_copy(plan: FilePlan, options: ImportOptions) -> None:
    """Find out whether the file is a copy of a scoring of this site, and say so."""
    if plan.recording is None or plan.outcome not in (Outcome.NEW, Outcome.DIFFERENT):
        return
    plan.copy = find_copy(
        recording=plan.recording,
        stages=stages_over(plan.recording.grid, plan.contents.items()),
        answer=OWN if options.own_scorings else COPY,
        besides=plan.existing,
    )
    if plan.copy.original is not None:
        plan.problems.warn(
            f"The stages are a copy of those by {label_of(plan.copy.original)}",
            advice="It is imported as a copy, and not counted as another person.",
        )


def _refuse_twice(plan: FilePlan, taken: dict[tuple[str, str], str]) -> None:
    if plan.table is None or not plan.table.rows:
        return
    key = (plan.scorer, plan.recording.name if plan.recording else plan.table.subject)
    other = taken.setdefault(key, plan.path)
    if other != plan.path:
        plan.problems.error(
            f"{other} is of the same recording and scorer", advice="Exclude one of the files."
        )


def _sums(files: Sequence[NamedFile]) -> dict[str, str]:
    """Read checksum lists; return the SHA-256 of files by their paths among the given files."""
    sums: dict[str, str] = {}
    for file in files:
        folder = file.path.rpartition("/")[0]
        for line in file.read()[:_MOST_SUMS_BYTES].decode("utf-8", "replace").splitlines():
            digest, _, name = line.partition("  ")
            sums[f"{folder}/{name}" if folder else name] = digest
    return sums


def _table(plan: FilePlan) -> MassexTable:
    assert plan.table is not None
    return plan.table
