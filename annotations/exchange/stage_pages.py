"""Pages of imports of stage files: choose files, preview what they would make, confirm."""

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.exchange.forms import StageOptionsForm
from annotations.exchange.imports import (
    LIMIT_BYTES,
    confirm_import,
    discard_import,
    look_again,
)
from annotations.exchange.models import ScoringImport
from annotations.exchange.plan import Outcome
from annotations.exchange.stage_answers import questions_of, with_answers
from annotations.exchange.stage_comparison import comparisons
from annotations.exchange.stage_plan import StageFilePreview, StageImportOptions, StagesPreview
from annotations.visibility import refuse_unaided_nights
from jobs.kinds import send_after_commit
from jobs.pages import progress_answer
from jobs.workers import INGEST_QUEUE, live_workers
from recordings.models import Recording
from studies.access import get_or_404, require, signed_in, study_for
from studies.models import Role, User


@login_required
@require_GET
def scoring_imports(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose stage files for the recordings of a study."""
    study = study_for(signed_in(request), slug, Role.LEAD)
    context = {
        "study": study,
        "recording": None,
        "form": StageOptionsForm(study=study),
        "imports": study.scoring_imports.select_related("requested_by"),
        "limit_mib": LIMIT_BYTES // 2**20,
        "workers": live_workers(INGEST_QUEUE),
    }
    return render(request, "exchange/scoring_imports.html", context)


@login_required
@require_GET
def import_scoring(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Choose stage files for a recording."""
    user = signed_in(request)
    recording = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    require(recording.study, user, Role.LEAD)
    context = {
        "study": recording.study,
        "recording": recording,
        "form": StageOptionsForm(study=recording.study, initial={"recording": recording.pk}),
        "limit_mib": LIMIT_BYTES // 2**20,
        "workers": live_workers(INGEST_QUEUE),
    }
    return render(request, "exchange/import_scoring.html", context)


@login_required
@require_GET
def scoring_import(request: HttpRequest, scoring_import_id: int) -> HttpResponse:
    made = readable_import(signed_in(request), scoring_import_id)
    options = StageImportOptions.from_json(made.options)
    context: dict[str, object] = {
        "study": made.study,
        "import": made,
        "recording": made.study.recordings.filter(pk=options.recording or 0).first(),
        "workers": live_workers(INGEST_QUEUE),
        "form": StageOptionsForm(study=made.study, initial=StageOptionsForm.initial_of(options)),
    }
    if made.preview is not None:
        context |= _preview_context(request, made)
    return render(request, "exchange/scoring_import.html", context)


def _preview_context(request: HttpRequest, made: ScoringImport) -> dict[str, object]:
    """Return the rows of the table, the questions, and the file that is compared."""
    rows = StagesPreview.from_json(made.preview).files
    counts = {str(o): sum(row.outcome is o for row in rows) for o in Outcome}
    shown = _shown(rows, request.GET.get("file", ""))
    return {
        "rows": rows,
        "counts": counts,
        "questions": questions_of(rows),
        "shown": shown,
        "comparisons": comparisons(shown, study=made.study, user=signed_in(request))
        if shown
        else [],
    }


def _shown(rows: tuple[StageFilePreview, ...], path: str) -> StageFilePreview | None:
    """Return the file of this path, else the first with stages."""
    with_stages = [row for row in rows if row.scorers]
    named = [row for row in with_stages if row.path == path]
    return next(iter(named or with_stages), None)


@login_required
@require_GET
def scoring_import_progress(request: HttpRequest, scoring_import_id: int) -> HttpResponse:
    return progress_answer(request, visible_import(signed_in(request), scoring_import_id))


@login_required
@require_POST
def scoring_import_again(request: HttpRequest, scoring_import_id: int) -> HttpResponse:
    """Read the files again, with other options."""
    made = readable_import(signed_in(request), scoring_import_id)
    before = StageImportOptions.from_json(made.options)
    form = StageOptionsForm(request.POST, study=made.study)
    if form.is_valid():
        said = form.options()
        stages = replace(said.stages, format=before.stages.format, scorer=before.stages.scorer)
        _again(made, replace(said, stages=stages, copies=before.copies))
    else:
        for errors in form.errors.get_json_data().values():
            messages.error(request, " ".join(error["message"] for error in errors))
    return redirect("annotations:scoring-import", scoring_import_id=made.pk)


@login_required
@require_POST
def scoring_import_answer(request: HttpRequest, scoring_import_id: int) -> HttpResponse:
    """Read the files again, with answers to questions."""
    made = readable_import(signed_in(request), scoring_import_id)
    questions = questions_of(StagesPreview.from_json(made.preview or {}).files)
    options = StageImportOptions.from_json(made.options)
    _again(made, with_answers(options, questions, request.POST.dict()))
    return redirect("annotations:scoring-import", scoring_import_id=made.pk)


@transaction.atomic
def _again(made: ScoringImport, options: StageImportOptions) -> None:
    look_again(file_import=made, options=options)
    send_after_commit(made)


@login_required
@require_POST
def scoring_import_confirm(request: HttpRequest, scoring_import_id: int) -> HttpResponse:
    made = readable_import(signed_in(request), scoring_import_id)
    with transaction.atomic():
        confirm_import(file_import=made, paths=request.POST.getlist("path"))
        send_after_commit(made)
    return redirect("annotations:scoring-import", scoring_import_id=made.pk)


@login_required
@require_POST
def scoring_import_discard(request: HttpRequest, scoring_import_id: int) -> HttpResponse:
    made = visible_import(signed_in(request), scoring_import_id)
    discard_import(file_import=made)
    messages.success(request, "The import was discarded. Nothing was changed.")
    return redirect("annotations:scoring-imports", slug=made.study.slug)


def visible_import(user: User, pk: int) -> ScoringImport:
    return get_or_404(ScoringImport.objects.of(user).select_related("study"), pk=pk)


def readable_import(user: User, pk: int) -> ScoringImport:
    """Return an import whose preview the user may read: it tells of what copies are.

    Raises
    ------
    UnaidedNightsError
    """
    made = visible_import(user, pk)
    if made.preview is not None:
        files = StagesPreview.from_json(made.preview).files
        nights = [file.recording_id for file in files if file.recording_id is not None]
        refuse_unaided_nights(nights, user)
    return made
