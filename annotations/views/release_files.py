"""The file of a frozen release, taken away whole or in parts."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from annotations.queries.blind_nights import BlindNightsError, refuse_blind
from annotations.services.release_checks import manifest_of, refuse_forbidden, stored_file
from annotations.services.releases import ReleaseRefusedError, note_download
from annotations.views.ranges import (
    UnsatisfiableRangeError,
    asked_range,
    etag_of,
    file_response,
    unsatisfiable,
)
from annotations.views.release_found import found_release
from recordings.models import Recording
from studies.authentication import login_or_token_required


@login_or_token_required
@require_safe
def download(request: HttpRequest, release_id: int) -> HttpResponseBase:
    user, found = found_release(request, release_id)
    if not found.is_frozen:
        raise Http404("This release is not frozen.")
    nights = {night["recording"] for night in manifest_of(found)["nights"]}
    recordings = Recording.objects.filter(study=found.study, name__in=nights)
    try:
        refuse_blind(recordings.values_list("pk", flat=True), user)
        refuse_forbidden(found.study, manifest_of(found))
    except (BlindNightsError, ReleaseRefusedError) as refused:
        raise PermissionDenied(str(refused)) from refused
    try:
        part = asked_range(request, size=found.size, etag=etag_of(found.sha256))
    except UnsatisfiableRangeError:
        return unsatisfiable(found.size)
    if request.method == "GET":
        note_download(release=found, user=user, is_part=part is not None)
    return file_response(
        stored_file(found),
        part=part,
        size=found.size,
        sha256=found.sha256,
        name=found.file_name,
        content_type="application/zip",
    )
