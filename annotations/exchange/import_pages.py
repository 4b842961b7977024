"""Pages of imports of every kind: choose files, preview what they would change, confirm."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.exchange.import_rooms import ImportRoom
from annotations.exchange.imports import LIMIT_BYTES, discard_import
from annotations.exchange.plan import Outcome
from jobs.pages import progress_answer
from jobs.workers import INGEST_QUEUE, live_workers
from studies.access import signed_in, study_for
from studies.models import Role, Study

Room = ImportRoom


@login_required
@require_GET
def imports(request: HttpRequest, room: Room, slug: str) -> HttpResponse:
    """Choose files, or open an earlier import."""
    study = study_for(signed_in(request), slug, Role.LEAD)
    context = choosing(study, room)
    return render(request, room.templates[0], {**context, "imports": room.imports_of(study)})


def choosing(study: Study, room: Room, **initial: object) -> dict[str, object]:
    """Return the context of a page on which files are chosen."""
    return {
        "study": study,
        "recording": None,
        "imports": (),
        "room": room,
        "form": room.form(study=study, initial=initial),
        "limit_mib": LIMIT_BYTES // 2**20,
        "workers": live_workers(INGEST_QUEUE),
    }


@login_required
@require_GET
def import_page(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    made = room.readable(signed_in(request), pk)
    preview = room.preview_of(made)
    rows = preview.files
    context = {
        "study": made.study,
        "room": room,
        "import": made,
        "recording": None,
        "rows": rows,
        "counts": {str(o): sum(row.outcome is o for row in rows) for o in Outcome},
        "writable": any(row.outcome in (Outcome.NEW, Outcome.DIFFERENT) for row in rows),
        "workers": live_workers(INGEST_QUEUE),
        "form": room.form(study=made.study, initial=room.form.initial_of(made.options)),
        **room.more_context(request, made, preview),
    }
    return render(request, room.templates[1], context)


@login_required
@require_GET
def progress(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    return progress_answer(request, room.visible(signed_in(request), pk))


@login_required
@require_POST
def again(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    """Read the files again, with other options."""
    made = room.readable(signed_in(request), pk)
    form = room.form(request.POST, study=made.study)
    if form.is_valid():
        room.again(made, form.options_after(made.options))
    else:
        for errors in form.errors.get_json_data().values():
            messages.error(request, " ".join(error["message"] for error in errors))
    return redirect(f"annotations:{room.page}", pk)


@login_required
@require_POST
def confirm(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    made = room.readable(signed_in(request), pk)
    room.confirm(made, request.POST.getlist("path"), seen=request.POST.get("seen", ""))
    return redirect(f"annotations:{room.page}", pk)


@login_required
@require_POST
def discard(request: HttpRequest, room: Room, pk: int) -> HttpResponse:
    made = room.visible(signed_in(request), pk)
    discard_import(file_import=made)
    messages.success(request, "The import was discarded. Nothing was changed.")
    return redirect(f"annotations:{room.page}s", made.study.slug)
