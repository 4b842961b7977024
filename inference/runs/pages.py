"""Pages of pre-scoring: runs of a study, a run, and runs of a recording."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from annotations.visibility import OVERSEERS
from inference.models import ModelBundle, PreScoreRun
from inference.runs.entry import begin_run, begin_study, change_run, move_run
from inference.runs.filters import RunFilter
from inference.runs.forms import PriorityForm, StartRunForm
from inference.runs.reading import (
    duration_words,
    gpu_workers,
    grounding_of,
    progress_of,
    study_progress,
)
from recordings.models import Recording
from studies.access import get_or_404, require, signed_in, study_for
from studies.models import Role, Study, Track, User
from studies.refusals import refusals_in

FAILED_SHOWN = 50
RUNS_A_PAGE = 50


@login_required
@require_GET
@ensure_csrf_cookie
def study_runs(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, *OVERSEERS)
    context = _runs_context(user, study, query=request.GET)
    return render(request, "inference/runs.html", context)


def _runs_context(
    user: User, study: Study, form: StartRunForm | None = None, *, query: QueryDict | None = None
) -> dict[str, object]:
    seen = PreScoreRun.objects.of(user).filter(recording__study=study).values_list("pk", flat=True)
    runs = PreScoreRun.objects.filter(pk__in=list(seen))  # who may see what is asked once
    query = QueryDict() if query is None else query
    chosen = RunFilter(query, runs)
    shown = chosen.qs.select_related("recording", "bundle__scorer", "requested_by")
    is_lead = study.allows(user, [Role.LEAD])
    workers = gpu_workers()
    return {
        "study": study,
        "page": Paginator(shown, RUNS_A_PAGE).get_page(query.get("page")),
        "chosen": chosen,
        "run_count": runs.count(),
        "form": form
        or (StartRunForm(study=study, user=user, workers=workers) if is_lead else None),
        "missing": [b for b in ModelBundle.objects.all() if not workers.can_run(b)],
        "has_worker": workers.total > 0,
        "progress": study_progress(runs),
    }


@login_required
@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    form = StartRunForm(request.POST, study=study, user=user, workers=gpu_workers())
    if form.is_valid():
        with refusals_in(form):
            return _begin(request, user, study, form)
    return render(request, "inference/runs.html", _runs_context(user, study, form), status=400)


def _begin(request: HttpRequest, user: User, study: Study, form: StartRunForm) -> HttpResponse:
    fields = form.cleaned_data
    wanted = {name: fields[name] for name in ("bundle", "priority", "best_of")}
    if not fields["whole_study"]:
        run = begin_run(recording=fields["recording"], requested_by=user, **wanted)
        return redirect("inference:run", run_id=run.pk)
    start = begin_study(study=study, requested_by=user, **wanted)
    plural = "s" if len(start.runs) > 1 else ""
    left_out = f" {len(start.left_out)} skipped: already pre-scored or running." * bool(
        start.left_out
    )
    messages.success(request, f"{len(start.runs)} run{plural} started.{left_out}")
    return redirect("inference:runs", slug=study.slug)


@login_required
@require_GET
@ensure_csrf_cookie
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    user = signed_in(request)
    run = _visible(user, run_id)
    current = run.replies.filter(superseded=False)
    workers = gpu_workers()
    return render(
        request,
        "inference/run.html",
        {
            "run": run,
            "study": run.recording.study,
            "bundle": run.bundle,
            "progress": progress_of(run, workers=workers),
            "took": _took(run),
            "failed": current.exclude(fault="")[:FAILED_SHOWN],
            "edges": current.filter(edge=True, fault="").exclude(pixel_sha256=[]).count(),
            "repaired": _repaired(run),
            "best_of": current.aggregate(most=Max("best_of"))["most"] or run.best_of,
            "grounding": grounding_of(run),
            "contradicted": current.exclude(contradicted=[])[:FAILED_SHOWN],
            "drawn_differently": _drawn_differently(run),
            "is_lead": run.recording.study.allows(user, [Role.LEAD]),
            "runnable": workers.can_run(run.bundle),
            "priority_form": PriorityForm(initial={"priority": run.priority}),
        },
    )


def _repaired(run: PreScoreRun) -> int:
    """Number of replies read with a note, except notes on parts that this model never writes."""
    expected = ["no rationale"] if run.bundle.track == Track.COARSE else []
    expected += ["no rules"] if run.bundle.is_stage_only else []
    read = run.replies.filter(superseded=False, fault="")
    return read.exclude(notes__contained_by=expected).count()


def _took(run: PreScoreRun) -> str:
    """Duration of a run in words; empty if it was stopped in between."""
    if run.attempt > 1 or run.started_at is None or run.finished_at is None:
        return ""
    return duration_words((run.finished_at - run.started_at).total_seconds())


def _drawn_differently(run: PreScoreRun) -> bool:
    """Return whether the model was trained on images of another renderer version."""
    trained = run.bundle.renderer_version
    return bool(trained and run.renderer_version and trained != run.renderer_version)


@login_required
@require_POST
def change(request: HttpRequest, run_id: int, what: str) -> HttpResponse:
    user = signed_in(request)
    run = _visible(user, run_id)
    require(run.recording.study, user, Role.LEAD)
    change_run(run=run, what=what)
    return redirect("inference:run", run_id=run.pk)


@login_required
@require_POST
def move(request: HttpRequest, run_id: int) -> HttpResponse:
    user = signed_in(request)
    run = _visible(user, run_id)
    require(run.recording.study, user, Role.LEAD)
    form = PriorityForm(request.POST)
    if form.is_valid():
        move_run(run=run, priority=form.cleaned_data["priority"])
    return redirect("inference:run", run_id=run.pk)


@login_required
@require_GET
def recording_runs(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Show pre-scoring on the page of a recording; empty for users without access to it."""
    user = signed_in(request)
    recording = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    study = recording.study
    runs = PreScoreRun.objects.of(user).filter(recording=recording)
    is_lead = study.allows(user, [Role.LEAD])
    form = None
    if is_lead:
        workers = gpu_workers()
        form = StartRunForm(study=study, user=user, workers=workers, recording=recording)
    context = {
        "study": study,
        "recording": recording,
        "runs": runs.select_related("bundle__scorer"),
        "form": form,
        "oversees": study.allows(user, OVERSEERS),
    }
    return render(request, "inference/_recording_runs.html", context)


def _visible(user: User, run_id: int) -> PreScoreRun:
    runs = PreScoreRun.objects.of(user).select_related("recording__study", "bundle__scorer")
    return get_or_404(runs, pk=run_id)
