"""Imports of scorings from stage files, with a recording or without."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from annotations.exchange.copies import find_copy, link_copy, refuse_doubtful, stages_over
from annotations.exchange.massex_files import (
    bounded_bytes,
    is_massex,
    read_massex,
)
from annotations.exchange.placing import NO_TIMES, contents_of, place_by_number, place_by_sidecar
from annotations.scoring.events import keep_events
from annotations.scoring.lights import bring_lights
from annotations.scoring.models import EpochRevision, LightsRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import create_scoring, imported_scorer
from jobs.reader import Reader
from psg.epochs import EpochGrid, grid_for
from psg.errors import StageFileError
from psg.lights import Lights
from psg.massex import Problems, Sidecar, checked_grid, read_epochs
from psg.rules.editions import get_edition
from psg.stagefiles import StageEntry, StageOptions, StageTable, place_on_grid, read_single
from psg.stagefiles.facts import FileEvent
from psg.stagefiles.marks import Mark, mark_in
from psg.stages import EPOCH_S, Stage
from psg.typed_json import JsonObject
from recordings.models import Recording, Subject, recording_ready
from studies.models import Mode, Study, Track, User


@transaction.atomic
def labels_only_recording(*, study: Study, name: str, grid: EpochGrid) -> Recording:
    """Create a recording without signals, for a scoring."""
    subject, _ = Subject.objects.get_or_create(study=study, code=name[:60])
    return Recording.objects.create(
        study=study,
        subject=subject,
        name=name,
        state=Recording.State.LABELS_ONLY,
        epoch_count=grid.epoch_count,
        epoch0_s=grid.epoch0_s,
        duration_s=grid.onset_s(grid.epoch_count),
        notes=["This recording was made from a scoring; it has no signals."],
    )


def grid_of_file(
    *, path: Path, epochs_path: Path | None = None, options: StageOptions | None = None
) -> EpochGrid:
    """Return the grid that contains all epochs of a scoring file.

    Raises
    ------
    StageFileError
        When the file cannot be read, or has no epochs.
    """
    if is_massex(path):
        return Reader().read(lambda _: _massex_grid(path, epochs_path))
    entries = read_stages(path, options).entries
    end_s = max(entry.end_s for entry in entries)
    return grid_for(end_s, entries)


def read_stages(path: Path, options: StageOptions | None = None) -> StageTable:
    """Read stages and lights within the limits of files."""
    return Reader().read(lambda _: read_single(path, options))


def _massex_grid(path: Path, epochs_path: Path | None) -> EpochGrid:
    rows = read_massex(path)
    if epochs_path is None:
        return checked_grid(EpochGrid(0.0, max(row.number for row in rows) + 1))
    return read_epochs(bounded_bytes(epochs_path)).get(rows[0].subject, Sidecar()).grid()


Contents = Iterable[tuple[int, ScoreContent]]
GIVE_TIMES_HERE = "Give its epochs.csv, or declare that its N are epochs of this recording."


def import_scoring_file(
    *,
    recording: Recording,
    scorer_label: str,
    path: Path,
    epochs_path: Path | None = None,
    n_is_index: bool = False,
    options: StageOptions | None = None,
) -> Scoring:
    """Import a stage file of any known format, or a MASS-EX csv with its sidecar.

    A MASS-EX file without `epochs_path` has no times: it is refused unless the caller declares
    with `n_is_index` that its N are epochs of this recording's grid.

    Raises
    ------
    PsgError
        When the file cannot be read without guessing, or does not fit the recording.
    """
    provenance: JsonObject = {"importer": "MASS-EX csv" if is_massex(path) else "stage file"}
    if is_massex(path):
        contents = _massex_contents(recording, path, epochs_path, n_is_index)
        return import_contents(
            recording=recording,
            scorer_label=scorer_label,
            contents=contents,
            provenance=provenance,
        )
    table = read_stages(path, options)
    entries, lights = table.entries, table.lights
    if problem := lights.problem(recording.end_s):
        raise StageFileError(
            "The lights marks of the stage file do not fit the recording",
            where=problem.removesuffix("."),
            advice="Correct the marks, or check that the file belongs to this recording.",
        )
    return import_stages(
        recording=recording,
        scorer_label=scorer_label,
        stages=place_on_grid(entries, recording.grid),
        source_texts=source_texts(entries, recording.grid),
        lights=lights,
        events=table.events,
        provenance=provenance,
        mark=mark_in(path),
    )


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


def source_texts(entries: Sequence[StageEntry], grid: EpochGrid) -> list[str]:
    """Return the stage text of the file for every epoch of the grid; empty where it has none."""
    texts = [""] * grid.epoch_count
    for entry in entries:
        first = grid.index_of(entry.onset_s)
        stop = first + max(round(entry.duration_s / EPOCH_S), 1)
        for index in range(max(first, 0), min(stop, grid.epoch_count)):
            texts[index] = entry.text[:80]
    return texts


def _massex_contents(
    recording: Recording, path: Path, epochs_path: Path | None, n_is_index: bool
) -> list[tuple[int, ScoreContent]]:
    edition = get_edition(recording.study.rule_edition)
    reader = Reader()
    rows = reader.read(lambda _: read_massex(path, edition=edition))
    if epochs_path is None and not n_is_index:
        raise StageFileError(NO_TIMES, advice=GIVE_TIMES_HERE)
    placement = place_by_number(rows)
    if epochs_path is not None:
        problems = Problems()
        nights = reader.read(lambda _: read_epochs(bounded_bytes(epochs_path)))
        sidecar = nights.get(rows[0].subject, Sidecar())
        placement = place_by_sidecar(rows, sidecar, recording.grid, problems)
        problems.raise_first()
    return sorted(contents_of(rows, placement).items())


@receiver(recording_ready)
def import_stages_that_came_along(
    sender: Any,
    *,
    recording: Recording,
    stage_tables: Sequence[StageTable],
    **_: Any,
) -> None:
    """Make a scoring of each table of stages that was uploaded with the recording."""
    for table in stage_tables:
        import_stages(
            recording=recording,
            scorer_label=table.scorer,
            stages=place_on_grid(table.entries, recording.grid),
            source_texts=source_texts(table.entries, recording.grid),
            provenance={"importer": "stage file"},
        )
