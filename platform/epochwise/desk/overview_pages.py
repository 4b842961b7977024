"""The overview of a study, and its plots."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from annotations.scoring.reading import nights_to_score
from annotations.tasks import send_refresh_of_nights
from annotations.visibility import OVERSEERS
from epochwise.desk.overview import Progress, needs_of, progress_of, rows_of, scorings_of
from epochwise.desk.plots import PLOTS
from epochwise.help.first_steps import FirstStep, first_steps
from jobs.workers import live_workers
from studies.access import NOTHING_HERE, signed_in, study_for
from studies.models import Role, Study
from studies.plots import with_plots


@with_plots
@login_required
@require_GET
@ensure_csrf_cookie
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how far a study is, to overseers; to others what they have to do in it."""
    user = signed_in(request)
    study = study_for(user, slug)
    roles = study.roles_of(user)
    oversees = not roles.isdisjoint(OVERSEERS)
    context = {
        "study": study,
        "is_lead": Role.LEAD in roles,
        "only_rates": roles == {Role.RATER},
        "oversees": oversees,
        "workers": live_workers(),
        "recordings": rows_of(study, "recordings"),
        "own": [n for n in nights_to_score(user) if n.scoring.recording.study_id == study.pk],
    }
    if oversees:
        progress = progress_of(user, study)
        begins = Role.LEAD in roles and not study.archived_at
        context |= {
            "progress": progress,
            "steps": _first_steps(study, progress) if begins else [],
            "needs": needs_of(user, study, roles),
            "plots": {name: kind for name, kind in PLOTS.items() if kind.roles & roles},
            "finished": scorings_of(study, "finished"),
            "overdue": scorings_of(study, due="overdue"),
            "unassigned": rows_of(study, "recordings", work="nobody"),
        }
    return render(request, "desk/overview.html", context)


def _first_steps(study: Study, progress: Progress) -> list[FirstStep]:
    # Closed recordings count as assigned: whether they are would say something about them.
    assigned = progress.assigned + progress.closed
    return first_steps(study, recordings=progress.recordings, assigned=assigned)


@require_GET
def needs(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what waits now; the overview asks for it every few seconds.

    A redirect to the sign-in page would empty the section, as if nothing waited.
    """
    if "HX-Request" in request.headers and not request.user.is_authenticated:
        return HttpResponse(status=401)
    return _needs(request, slug)


@login_required
def _needs(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, *OVERSEERS)
    found = needs_of(user, study, study.roles_of(user))
    return render(request, "desk/_needs.html", {"study": study, "needs": found})


@with_plots
@login_required
@require_GET
def plot(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Show a plot with its table: as a part of the overview, or as a page of its own."""
    kind = PLOTS.get(name)
    if kind is None:
        raise Http404(NOTHING_HERE)
    user = signed_in(request)
    study = study_for(user, slug, *kind.roles)
    if name == "nights":
        send_refresh_of_nights(study.pk)
    context = {"study": study, "name": name, "kind": kind, "plot": kind.draw(user, study)}
    part = "HX-Request" in request.headers
    return render(request, "components/plot.html" if part else "desk/plot.html", context)
