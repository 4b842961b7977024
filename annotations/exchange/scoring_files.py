"""Imports of scorings from stage files, with a recording or without."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.exchange.copies import (
    WITHOUT_ANSWER,
    copy_note,
    find_copy,
    link_copy,
    refuse_doubtful,
    stages_over,
)
from annotations.exchange.massex_files import is_massex
from annotations.exchange.massex_single import massex_contents
from annotations.scoring.events import keep_events
from annotations.scoring.lights import bring_lights
from annotations.scoring.models import EpochRevision, LightsRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import create_scoring, imported_scorer
from jobs.reader import Reader
from psg.clockkind import ClockKind, clock_kind_of
from psg.doubts import Doubt, refuse_open
from psg.epochs import EpochGrid
from psg.errors import StageFileError
from psg.ingest import stated_by_file
from psg.lights import Lights
from psg.stagefiles import (
    FileEvent,
    NightTimes,
    PlacedFile,
    StageFile,
    StageOptions,
    place_file,
    read_stage_file,
    settled,
)
from psg.stagefiles.marks import Mark
from psg.stagefiles.scorers import told_scorer_names
from psg.stages import Stage
from psg.typed_json import JsonObject
from recordings.models import Recording, Subject
from studies.models import Mode, Study, Track, User


@transaction.atomic
def labels_only_recording(
    *, study: Study, name: str, grid: EpochGrid, start_clock_s: float | None = None
) -> Recording:
    """Create a recording without signals, for a scoring."""
    subject, _ = Subject.objects.get_or_create(study=study, code=name[:60])
    return Recording.objects.create(
        study=study,
        subject=subject,
        name=name,
        state=Recording.State.LABELS_ONLY,
        epoch_count=grid.epoch_count,
        epoch0_s=grid.epoch0_s,
        start_clock_s=start_clock_s,
        duration_s=grid.onset_s(grid.epoch_count),
        notes=["This recording was made from a scoring; it has no signals."],
    )


def read_scorings(path: Path, options: StageOptions | None = None, *, name: str = "") -> StageFile:
    """Read a stage file within the limits of files.

    Raises
    ------
    OpenDoubtsError
        When a person must say something of the file before it is used.
    PsgError
        When the file cannot be read.
    """
    return settled(Reader().read(lambda _: read_stage_file(path, options, name=name)))


def night_times(recording: Recording) -> NightTimes:
    """Return the times of a recording on which stage files are placed."""
    stated = stated_by_file(recording.intake)
    of_file_s, clock_s = stated.get("start_clock_s"), recording.start_clock_s
    is_changed = "start_clock_s" in stated and of_file_s != clock_s
    kind = clock_kind_of(recording.intake, recording.warnings)
    return NightTimes(
        recording.grid,
        recording.end_s,
        clock_s,
        clock_kind=ClockKind.LOCAL if is_changed and kind is ClockKind.UTC else kind,
        said_by_file_s=of_file_s if is_changed else None,
        sha256=recording.sha256,
    )


Contents = Iterable[tuple[int, ScoreContent]]


@dataclass(frozen=True)
class ImportedFile:
    """The scorings that were made of a file, and what people should know of them."""

    scorings: tuple[Scoring, ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def scoring(self) -> Scoring:
        """The scoring of a file with a single scorer."""
        (scoring,) = self.scorings
        return scoring


def import_scoring_file(
    *,
    recording: Recording,
    path: Path,
    scorer_label: str = "",
    epochs_path: Path | None = None,
    n_is_index: bool = False,
    options: StageOptions | None = None,
) -> ImportedFile:
    """Import a stage file of any known format, or a MASS-EX csv with its sidecar.

    A MASS-EX file without `epochs_path` has no times: it is refused unless the caller declares
    with `n_is_index` that its N are epochs of this recording's grid.

    Raises
    ------
    OpenDoubtsError
        When a person must say something of the file first.
    PsgError
        When the file cannot be read without guessing, or does not fit the recording.
    """
    if not is_massex(path):
        file = read_scorings(path, options)
        return import_stage_file(
            recording=recording, file=file, scorer_label=scorer_label, options=options
        )
    (label,) = told_scorer_names([""], scorer_label)
    scoring = import_contents(
        recording=recording,
        scorer_label=label,
        contents=massex_contents(recording, path, epochs_path, n_is_index=n_is_index),
        provenance={"importer": "MASS-EX csv"},
    )
    return ImportedFile((scoring,))


@transaction.atomic
def import_stage_file(
    *,
    recording: Recording,
    file: StageFile,
    scorer_label: str = "",
    options: StageOptions | None = None,
    user: User | None = None,
    copy: str = "",
) -> ImportedFile:
    """Import the stages of every scorer of a file that was read.

    Parameters
    ----------
    scorer_label
        Who scored; of several scorers in the file the one with this name, or the label of all.
        Without it each scoring is named as the file names its scorer.

    Raises
    ------
    OpenDoubtsError
        When only a person can say where the stages lie, or whether they are a copy.
    PsgError
        When the stages do not fit the recording, or a scorer has no name.
    """
    options = options or StageOptions()
    if len(file.tables) > 1 and scorer_label in {table.scorer for table in file.tables}:
        options = replace(options, scorer=scorer_label)
    placed_file = place_file(file, night_times(recording), options)
    refuse_open(placed_file.doubts)
    return import_placed_file(
        recording=recording,
        placed_file=placed_file,
        scorer_label=scorer_label,
        user=user,
        copy=copy,
    )


@transaction.atomic
def import_placed_file(
    *,
    recording: Recording,
    placed_file: PlacedFile,
    scorer_label: str = "",
    user: User | None = None,
    copy: str = "",
) -> ImportedFile:
    """Make a scoring of each scorer of a file whose stages lie on the recording already."""
    labels = told_scorer_names([placed.scorer for placed in placed_file.placed], scorer_label)
    scorings = []
    for label, placed in zip(labels, placed_file.placed, strict=True):
        scoring = import_stages(
            recording=recording,
            scorer_label=label,
            stages=placed.stages,
            source_texts=placed.source_texts,
            lights=placed.lights,
            events=placed.events,
            provenance={"importer": "stage file", "format": placed_file.file.format},
            user=user,
            mark=placed_file.file.mark,
            copy=copy,
        )
        scoring.import_record = placed_file.record(placed)
        scoring.save(update_fields=["import_record"])
        scorings.append(scoring)
    copies = [copy_note(scoring) for scoring in scorings if scoring.is_copy]
    return ImportedFile(tuple(scorings), (*placed_file.notes, *copies), placed_file.doubts)


@transaction.atomic
def import_stages(
    *,
    recording: Recording,
    scorer_label: str,
    stages: Sequence[Stage | None],
    source_texts: Sequence[str] = (),
    lights: Lights | None = None,
    events: Sequence[FileEvent] = (),
    provenance: JsonObject | None = None,
    user: User | None = None,
    mark: Mark | None = None,
    copy: str = "",
) -> Scoring:
    """Create a submitted scoring of stages, for all epochs of the recording's grid.

    Lights and events are in seconds from the start of the recording; for `mark` and `copy` see
    `import_contents`.
    """
    texts = source_texts or [""] * len(stages)
    contents = [
        (epoch, ScoreContent(stage=stage, source_text=text))
        for epoch, (stage, text) in enumerate(zip(stages, texts, strict=True))
        if stage is not None or text
    ]
    scoring = import_contents(
        recording=recording,
        scorer_label=scorer_label,
        contents=contents,
        provenance=provenance or {},
        user=user,
        mark=mark,
        copy=copy,
    )
    if lights:
        bring_lights(scoring=scoring, lights=lights, why=LightsRevision.Why.IMPORT, user=user)
    keep_events(scoring=scoring, events=events)
    return scoring


@transaction.atomic
def import_contents(
    *,
    recording: Recording,
    scorer_label: str,
    contents: Contents,
    provenance: JsonObject,
    user: User | None = None,
    mark: Mark | None = None,
    copy: str = "",
) -> Scoring:
    """Create a submitted scoring of a recording by an imported scorer.

    A copy of a scoring of this site is linked to it. `mark` is that of the file, and `copy` is
    what a person said of it (see `annotations.exchange.copies`).

    Raises
    ------
    OpenDoubtsError
        When only a person can say whether it is a copy.
    StageFileError
        When this scorer has a scoring of this recording already, or an epoch lies outside.
    """
    rows = list(contents)
    outside = [epoch for epoch, _ in rows if not 0 <= epoch < recording.epoch_count]
    if outside:
        raise StageFileError(
            "The file has epochs that the recording does not have",
            where=f"epoch {outside[0]}; the recording has {recording.epoch_count}",
            advice="Check that the file belongs to this recording.",
        )
    scorer = imported_scorer(study=recording.study, label=scorer_label, provenance=provenance)
    scorer = type(scorer).objects.select_for_update().get(pk=scorer.pk)
    if Scoring.objects.filter(recording=recording, scorer=scorer).exists():
        raise StageFileError(
            f"{recording} has a scoring by {scorer_label} already",
            advice="Nothing was changed. Use another scorer name.",
        )
    stages = stages_over(recording.grid, rows)
    finding = find_copy(recording=recording, stages=stages, mark=mark, answer=copy)
    refuse_doubtful(finding)
    has_words = any(content.rationale for _, content in rows)
    scoring = create_scoring(
        recording=recording,
        scorer=scorer,
        track=Track.FINE if has_words else Track.COARSE,
        mode=Mode.BLIND,
    )
    add_scores(scoring=scoring, contents=rows, why=EpochRevision.Why.IMPORT, user=user)
    scoring.state, scoring.submitted_at = Scoring.State.SUBMITTED, timezone.now()
    scoring.save(update_fields=["state", "submitted_at"])
    link_copy(scoring=scoring, finding=finding)
    return scoring


def import_stages_that_came_along(
    *,
    recording: Recording,
    stage_files: Sequence[PlacedFile],
    **_: Any,
) -> None:
    """Make a scoring of each table of stages that was uploaded with the recording."""
    for placed_file in stage_files:
        import_placed_file(recording=recording, placed_file=placed_file, copy=WITHOUT_ANSWER)
