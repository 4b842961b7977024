"""Pages of exports."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from annotations.exchange.exports import (
    refuse_download,
    request_export,
)
from annotations.exchange.forms import ExportForm
from annotations.exchange.models import Export
from jobs.kinds import send_after_commit
from jobs.workers import DEFAULT_QUEUE, live_workers
from studies.access import get_or_404, signed_in, study_for
from studies.audit import record_download
from studies.models import Role, Study, User
from studies.refusals import refusals_in


@login_required
@require_http_methods(["GET", "POST"])
def exports(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    form = ExportForm(request.POST or None, study=study)
    if request.method == "POST" and form.is_valid() and _request(form, study, user):
        messages.success(request, "The export was started. You can leave this page.")
        return redirect("annotations:exports", slug=study.slug)
    return render(
        request,
        "exchange/exports.html",
        {
            "study": study,
            "form": form,
            "exports": study.exports.select_related("scorer", "requested_by"),
            "has_scorings": form.has_scorings,
            "workers": live_workers(DEFAULT_QUEUE),
        },
    )


@transaction.atomic
def _request(form: ExportForm, study: Study, user: User) -> bool:
    with refusals_in(form):
        export = request_export(
            study=study,
            scorer=form.cleaned_data["scorer"],
            include_open=form.cleaned_data["include_open"],
            requested_by=user,
        )
        send_after_commit(export)
    return form.is_valid()


@login_required
@require_GET
def export_row(request: HttpRequest, export_id: int) -> HttpResponse:
    """Return a row of the list; the browser requests it again until the export is finished."""
    exports = Export.objects.of(signed_in(request)).select_related("scorer", "requested_by")
    return render(
        request, "exchange/_export_row.html", {"export": get_or_404(exports, pk=export_id)}
    )


@login_required
@require_GET
def download_export(request: HttpRequest, export_id: int) -> FileResponse:
    user = signed_in(request)
    export = get_or_404(Export.objects.of(user).select_related("scorer", "study"), pk=export_id)
    if export.state != Export.State.DONE:
        raise Http404("This export is not finished.")
    refuse_download(export, user)
    about = f"export {export.pk} of scorer {export.scorer_id}"
    record_download(request, study=export.study, about=about, details={"scorer": export.scorer_id})
    return FileResponse(
        export.file.open("rb"),
        as_attachment=True,
        filename=f"{export.study.slug}-massex-{export.pk}.zip",
        content_type="application/zip",
    )
