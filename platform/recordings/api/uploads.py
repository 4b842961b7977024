"""Taking a recording by upload: streamed to disk, checked for size before it is read."""

from typing import Any

from django.conf import settings
from django.db import transaction
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from psg.errors import PsgError
from recordings.api.serializers import UploadSerializer, recording_json
from recordings.services.errors import DuplicateRecordingError
from recordings.services.receive import IncomingFile, receive_recording
from recordings.tasks import send_ingest
from studies.access import signed_in, study_for
from studies.models import Role

# Boundaries, part headers and the small fields around the file.
_FORM_BYTES = 1 << 16


class UploadTooLargeError(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class UploadView(APIView):
    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before anything looks at the form: the CSRF check would read the whole body.
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.UPLOAD_LIMIT_BYTES
        if not length.isdigit() or int(length) > limit + _FORM_BYTES:
            raise UploadTooLargeError(
                f"The file is larger than the limit of {limit / 2**20:g} MiB. Nothing was kept."
                " Leave out channels that scoring does not need, or ask for a higher limit."
            )
        super().initial(request, *args, **kwargs)

    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        study = study_for(user, slug, Role.LEAD)
        form = UploadSerializer(data=request.data)
        if not form.is_valid():
            fields = form.errors
            detail = "No file came with the upload." if "file" in fields else "Check the fields."
            return _refused(detail, status.HTTP_400_BAD_REQUEST, fields=fields)
        fields = form.validated_data
        stages = fields.get("stages")
        try:
            with transaction.atomic():
                ingest = receive_recording(
                    study=study,
                    file=_incoming(fields["file"]),
                    subject_code=fields.get("subject", ""),
                    stages=_incoming(stages) if stages else None,
                    stage_codes=fields.get("stage_codes", ""),
                    stages_scorer=fields.get("stages_scorer", ""),
                    epoch_start_s=fields.get("epoch_start_s"),
                    requested_by=user,
                    limit_bytes=settings.UPLOAD_LIMIT_BYTES,
                )
                transaction.on_commit(lambda: send_ingest(ingest.pk))
        except DuplicateRecordingError as duplicate:
            return _refused(
                str(duplicate), status.HTTP_409_CONFLICT, recording=duplicate.recording.pk
            )
        except PsgError as error:
            return _refused(str(error), status.HTTP_400_BAD_REQUEST)
        return Response(recording_json(ingest.recording), status=status.HTTP_201_CREATED)


def _incoming(file: Any) -> IncomingFile:
    return IncomingFile(chunks=file.chunks(), name=file.name or "")


def _refused(detail: str, code: int, **more: Any) -> Response:
    return Response({"detail": detail, **more}, status=code)
