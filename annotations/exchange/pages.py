"""Pages of exports and imports."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations.exchange.exports import (
    exportable_scorings,
    refuse_unsubmitted,
    request_export,
)
from annotations.exchange.forms import ExportForm, ImportOptionsForm
from annotations.exchange.imports import (
    LIMIT_BYTES,
    confirm_import,
    discard_import,
    look_again,
)
from annotations.exchange.models import Export, MassexImport
from annotations.exchange.plan import ImportPreview, Outcome
from annotations.visibility import refuse_unaided_nights
from jobs.kinds import send_after_commit
from jobs.pages import progress_answer
from jobs.workers import DEFAULT_QUEUE, INGEST_QUEUE, live_workers
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
    nights = exportable_scorings(export.study, export.scorer, include_open=True)
    refuse_unsubmitted(nights, export.scorer, user)
    about = f"export {export.pk} of scorer {export.scorer_id}"
    record_download(request, study=export.study, about=about, details={"scorer": export.scorer_id})
    return FileResponse(
        export.file.open("rb"),
        as_attachment=True,
        filename=f"{export.study.slug}-massex-{export.pk}.zip",
        content_type="application/zip",
    )


# Pages of imports: upload files, preview the changes, confirm, see the results.


@login_required
@require_GET
def imports(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    return render(
        request,
        "exchange/imports.html",
        {
            "study": study,
            "form": ImportOptionsForm(study=study),
            "imports": study.massex_imports.select_related("requested_by"),
            "limit_mib": LIMIT_BYTES // 2**20,
            "workers": live_workers(INGEST_QUEUE),
        },
    )


@login_required
@require_GET
def import_page(request: HttpRequest, import_id: int) -> HttpResponse:
    massex_import = _readable(request, import_id)
    context: dict[str, object] = {
        "study": massex_import.study,
        "import": massex_import,
        "workers": live_workers(INGEST_QUEUE),
        "form": ImportOptionsForm(study=massex_import.study, initial=massex_import.options),
    }
    if massex_import.preview is not None:
        context |= _preview_context(ImportPreview.from_json(massex_import.preview))
    return render(request, "exchange/import.html", context)


@login_required
@require_GET
def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    return progress_answer(request, _visible(request, import_id))


@login_required
@require_POST
def again(request: HttpRequest, import_id: int) -> HttpResponse:
    massex_import = _readable(request, import_id)
    form = ImportOptionsForm(request.POST, study=massex_import.study)
    if not form.is_valid():
        for errors in form.errors.get_json_data().values():
            messages.error(request, " ".join(error["message"] for error in errors))
        return redirect("annotations:massex-import", import_id=import_id)
    with transaction.atomic():
        look_again(file_import=massex_import, options=form.options())
        send_after_commit(massex_import)
    return redirect("annotations:massex-import", import_id=import_id)


@login_required
@require_POST
def confirm(request: HttpRequest, import_id: int) -> HttpResponse:
    massex_import = _readable(request, import_id)
    with transaction.atomic():
        confirm_import(file_import=massex_import, paths=request.POST.getlist("path"))
        send_after_commit(massex_import)
    return redirect("annotations:massex-import", import_id=import_id)


@login_required
@require_POST
def discard(request: HttpRequest, import_id: int) -> HttpResponse:
    massex_import = _visible(request, import_id)
    discard_import(file_import=massex_import)
    messages.success(request, "The import was discarded. Nothing was changed.")
    return redirect("annotations:massex-imports", slug=massex_import.study.slug)


def _visible(request: HttpRequest, import_id: int) -> MassexImport:
    mine = MassexImport.objects.of(signed_in(request)).select_related("study")
    return get_or_404(mine, pk=import_id)


def _readable(request: HttpRequest, import_id: int) -> MassexImport:
    """Return an import whose preview the user may read: it shows stored scores beside the files.

    Raises
    ------
    UnaidedNightsError
    """
    massex_import = _visible(request, import_id)
    if massex_import.preview is not None:
        files = ImportPreview.from_json(massex_import.preview).files
        nights = [file.recording_id for file in files if file.recording_id is not None]
        refuse_unaided_nights(nights, signed_in(request))
    return massex_import


def _preview_context(preview: ImportPreview) -> dict[str, object]:
    """Return the rows of the table, and the number of files by outcome."""
    counts = {str(o): sum(file.outcome is o for file in preview.files) for o in Outcome}
    writable = counts[Outcome.NEW] + counts[Outcome.DIFFERENT]
    return {"rows": preview.files, "counts": counts, "writable": writable}
