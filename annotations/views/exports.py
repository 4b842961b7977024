"""Pages of exports: ask for one, watch it being made, take it away."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from annotations.models import Export
from annotations.queries.blind_nights import BlindNightsError
from annotations.queries.exports import NothingToExportError, exportable_scorings
from annotations.rating_forms import ExportForm
from annotations.services.exports import refuse_unsubmitted, request_export
from annotations.tasks import send_export
from recordings.workers import live_workers
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role, Study, User


@login_required
@require_http_methods(["GET", "POST"])
def exports(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    form = ExportForm(request.POST or None, study=study)
    if request.method == "POST" and form.is_valid() and _request(form, study, user):
        messages.success(request, "The export is being made. You can leave this page.")
        return redirect("annotations:exports", slug=study.slug)
    return render(
        request,
        "annotations/exports.html",
        {
            "study": study,
            "form": form,
            "exports": study.exports.select_related("scorer", "requested_by"),
            "has_scorings": form.has_scorings,
            "workers": live_workers("default"),
        },
    )


@transaction.atomic
def _request(form: ExportForm, study: Study, user: User) -> bool:
    try:
        export = request_export(
            study=study,
            scorer=form.cleaned_data["scorer"],
            include_open=form.cleaned_data["include_open"],
            requested_by=user,
        )
    except (NothingToExportError, BlindNightsError) as refused:
        form.add_error(None, str(refused))
        return False
    transaction.on_commit(partial(send_export, export.pk))
    return True


@login_required
@require_GET
def export_row(request: HttpRequest, export_id: int) -> HttpResponse:
    """Answer one row of the list, asked for again until the export is finished."""
    exports = Export.objects.of(signed_in(request)).select_related("scorer", "requested_by")
    return render(
        request, "annotations/_export_row.html", {"export": get_or_404(exports, pk=export_id)}
    )


@login_required
@require_GET
def download_export(request: HttpRequest, export_id: int) -> FileResponse:
    user = signed_in(request)
    export = get_or_404(Export.objects.of(user).select_related("scorer", "study"), pk=export_id)
    if export.state != Export.State.DONE:
        raise Http404("This export is not finished.")
    nights = exportable_scorings(export.study, export.scorer, include_open=True)
    try:
        refuse_unsubmitted(nights, export.scorer, user)
    except BlindNightsError as refused:
        raise PermissionDenied(str(refused)) from refused
    return FileResponse(
        export.file.open("rb"),
        as_attachment=True,
        filename=f"{export.study.slug}-massex-{export.pk}.zip",
        content_type="application/zip",
    )
