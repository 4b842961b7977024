"""Predictions of the published project as runs of a model: unchanged replies, and their scores.

The file is imported completely or not at all.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotations.exchange.imports import record_import
from annotations.exchange.massex_files import bounded_bytes
from annotations.exchange.plan import FileResult
from annotations.scoring.models import FINISHED, Scorer, Scoring
from annotations.scoring.scorings import close_scoring, create_scoring, model_scorer
from inference.adapters import RawReply
from inference.adapters.table import FROM_FILES
from inference.bundles.reading import check_bundle_name
from inference.models import ModelBundle, PreScoreRun
from inference.parsing.results import PublishedResult, read_results
from inference.runs.replies import add_replies
from psg.errors import RefusedError
from psg.massex import Sidecar, read_epochs
from psg.rules.editions import get_edition
from recordings.models import Recording
from studies.archive import lock_unarchived
from studies.models import Study, Track

SHOWN = 10


class ResultsRefusedError(RefusedError):
    """Predictions do not fit the recordings of a study; nothing was imported."""

    code = "results_refused"
    status = 409


@dataclass(frozen=True)
class ImportedModel:
    """What is known of the model whose predictions a file has."""

    name: str
    version: str = "1"
    licence: str = "not stated"


@dataclass(frozen=True)
class Numbering:
    """What N counts: the epochs of a recording, of epochs.csv, or those a scorer has staged."""

    is_epoch: bool = False
    epochs_csv: Path | None = None
    scorer: Scorer | None = None


@dataclass(frozen=True)
class ImportedRun:
    """A run made of predictions: its epochs, and those whose reply has no stage."""

    run: PreScoreRun
    epochs: int
    unparsed: int


@dataclass
class _Problems:
    lines: dict[str, list[int]] = field(default_factory=dict)

    def add(self, what: str, line: int) -> None:
        self.lines.setdefault(what, []).append(line)

    def refuse(self, path: Path) -> None:
        if not self.lines:
            return
        named = [
            f"{what} (line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines[:SHOWN]))}"
            f"{f' and {len(lines) - SHOWN} more' if len(lines) > SHOWN else ''})"
            for what, lines in list(self.lines.items())[:SHOWN]
        ]
        raise ResultsRefusedError("; ".join(named), where=path.name, advice="Nothing was imported.")


def import_results(
    *, study: Study, path: Path, model: ImportedModel, numbering: Numbering
) -> list[ImportedRun]:
    """Import a file as a run of each recording that it names.

    Raises
    ------
    ResultsFileError
        When the file cannot be read.
    ResultsRefusedError
        When recordings, epochs or stages of the reference do not fit, or the model has
        predictions of a recording already.
    """
    results = read_results(path, rule_ids=get_edition(study.rule_edition).rule_ids)
    about = {"file": path.name, "SHA-256": _sha256(path)}
    with transaction.atomic():
        lock_unarchived(study.pk)
        nights = _nights(study, results)
        placed = _placed(path, nights, numbering)
        bundle = _bundle(model, results)
        _refuse_repeated(bundle, placed)
        imported = [_import(bundle, night, epochs, about) for night, epochs in placed.items()]
        files = [
            FileResult(
                path.name, bundle.scorer.label, night=its.run.recording.name, epochs=its.epochs
            )
            for its in imported
        ]
        record_import(study=study, results=files, user=None)
    return imported


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


Nights = Mapping[str, tuple[Recording | None, Sequence[PublishedResult]]]
Placed = Mapping[Recording, Mapping[int, PublishedResult]]


def _nights(study: Study, results: Iterable[PublishedResult]) -> Nights:
    """Return the recording of each subject of the file, by its name or the code of its subject."""
    by_subject: dict[str, list[PublishedResult]] = {}
    for result in results:
        by_subject.setdefault(result.subject, []).append(result)
    return {subject: (_recording(study, subject), rows) for subject, rows in by_subject.items()}


def _recording(study: Study, subject: str) -> Recording | None:
    recordings = Recording.objects.filter(study=study).filter(
        Q(name=subject) | Q(subject__code=subject)
    )
    named = [recording for recording in recordings if recording.name == subject]
    found = named or list(recordings)
    return found[0] if len(found) == 1 else None


def _placed(path: Path, nights: Nights, numbering: Numbering) -> Placed:
    """Lay every prediction on an epoch of its recording."""
    problems = _Problems()
    csv = numbering.epochs_csv
    sidecars = read_epochs(bounded_bytes(csv)) if csv else {}
    placed: dict[Recording, dict[int, PublishedResult]] = {}
    for subject, (recording, rows) in nights.items():
        if recording is None:
            what = f"There is no recording {subject}, or several are of that subject"
            for row in rows:
                problems.add(what, row.line)
            continue
        if recording in placed:
            for row in rows:
                problems.add(f"{recording} is also another subject of the file", row.line)
            continue
        staged = _staged(recording, numbering, sidecars.get(subject, Sidecar()))
        placed[recording] = _by_epoch(recording, rows, staged, problems)
    problems.refuse(path)
    return placed


@dataclass(frozen=True)
class _Row:
    epoch: int
    stage: str | None


def _staged(
    recording: Recording, numbering: Numbering, sidecar: Sidecar
) -> Mapping[int, _Row] | None:
    """Return epoch and stage of the reference by N; None where N is the epoch."""
    if numbering.is_epoch:
        return None
    if numbering.epochs_csv is not None:
        return {number: _Row(place.epoch, None) for number, place in sidecar.kept.items()}
    scorings = Scoring.objects.filter(
        recording=recording, scorer=numbering.scorer, state__in=FINISHED
    )
    scores = scorings.order_by("pass_number").last()
    rows = scores.scores.filter(stage__isnull=False).order_by("epoch") if scores else ()
    return {number: _Row(row.epoch, row.stage) for number, row in enumerate(rows)}


def _by_epoch(
    recording: Recording,
    rows: Iterable[PublishedResult],
    staged: Mapping[int, _Row] | None,
    problems: _Problems,
) -> dict[int, PublishedResult]:
    epochs: dict[int, PublishedResult] = {}
    for row in rows:
        place = _Row(row.number, None) if staged is None else staged.get(row.number)
        if place is None:
            problems.add(f"{recording} has no row {row.number} in its numbering", row.line)
        elif place.epoch >= recording.epoch_count:
            what = f"The night is longer than {recording}, which has {recording.epoch_count} epochs"
            problems.add(what, row.line)
        elif place.stage not in (None, row.stage):
            problems.add(f"The reference of {recording} has another stage", row.line)
        else:
            epochs[place.epoch] = row
    return epochs


def _bundle(model: ImportedModel, results: Iterable[PublishedResult]) -> ModelBundle:
    """Return the model of imported predictions, made at its first import."""
    check_bundle_name(model.name)
    known = ModelBundle.objects.filter(name=model.name, version=model.version).first()
    if known and known.adapter != FROM_FILES:
        raise ResultsRefusedError(
            f"{known} is a model that this site runs",
            advice="Enter another name: whether its weights wrote this file is not known.",
        )
    if known:
        return known
    label = f"{model.name} {model.version} (imported)"
    if Scorer.objects.filter(kind=Scorer.Kind.MODEL, label=label).exists():
        raise ResultsRefusedError(f"There is another model {label}", advice="Enter another name.")
    has_words = any('"reasoning_text"' in result.output for result in results)
    facts = {"bundle": model.name, "version": model.version, "licence": model.licence}
    return ModelBundle.objects.create(
        name=model.name,
        version=model.version,
        title=model.name,
        description="Predictions were imported from files of the published project.",
        adapter=FROM_FILES,
        track=Track.FINE if has_words else Track.COARSE,
        licence=model.licence,
        scorer=model_scorer(label=label, provenance={"importer": "results.jsonl", **facts}),
    )


def _refuse_repeated(bundle: ModelBundle, placed: Placed) -> None:
    names = [
        recording.name
        for recording in placed
        if PreScoreRun.objects.filter(bundle=bundle, recording=recording).exists()
    ]
    if names:
        raise ResultsRefusedError(
            f"{bundle} has predictions already of {', '.join(names[:SHOWN])}",
            advice="Enter another version for other predictions. Nothing was imported.",
        )


def _import(
    bundle: ModelBundle,
    recording: Recording,
    epochs: Mapping[int, PublishedResult],
    about: Mapping[str, str],
) -> ImportedRun:
    now = timezone.now()
    scoring = create_scoring(recording=recording, scorer=bundle.scorer, track=Track(bundle.track))
    run = PreScoreRun.objects.create(
        recording=recording,
        bundle=bundle,
        scoring=scoring,
        state=PreScoreRun.State.DONE,
        signals_version=recording.signals_version,
        total=len(epochs),
        about=about,
        finished_at=now,
    )
    add_replies(
        run=run,
        raw_replies=[RawReply(epoch=epoch, text=row.output) for epoch, row in epochs.items()],
    )
    close_scoring(scoring=scoring)
    return ImportedRun(run, epochs=run.done, unparsed=run.failed_count)


def faults_of(run: PreScoreRun) -> Counter[str]:
    """Count the replies of a run that have no stage, by fault."""
    return Counter(run.replies.exclude(fault="").values_list("fault", flat=True))
