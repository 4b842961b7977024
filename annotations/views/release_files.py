"""The file of a frozen release, taken away."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_GET

from annotations.models import ReleaseEvent
from annotations.queries.blind_nights import BlindNightsError, refuse_blind
from annotations.services.release_checks import refuse_forbidden, stored_file
from annotations.services.releases import ReleaseRefusedError, note
from annotations.views.release_found import found_release
from recordings.models import Recording


@login_required
@require_GET
def download(request: HttpRequest, release_id: int) -> FileResponse:
    user, found = found_release(request, release_id)
    if not found.is_frozen:
        raise Http404("This release is not frozen.")
    nights = {night["recording"] for night in (found.manifest or {})["nights"]}
    recordings = Recording.objects.filter(study=found.study, name__in=nights)
    try:
        refuse_blind(recordings.values_list("pk", flat=True), user)
        refuse_forbidden(found)
    except (BlindNightsError, ReleaseRefusedError) as refused:
        raise PermissionDenied(str(refused)) from refused
    note(found, ReleaseEvent.Kind.DOWNLOADED, user)
    return FileResponse(
        stored_file(found),
        as_attachment=True,
        filename=found.file_name,
        content_type="application/zip",
    )
