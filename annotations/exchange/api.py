"""The API of imports, as far as all kinds have it, and of scorings as files."""

from pathlib import PurePosixPath
from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exchange.import_rooms import MASSEX, ImportRoom
from annotations.exchange.imports import LIMIT_BYTES, GivenFile
from annotations.exchange.models import FileImport
from annotations.exchange.scoring_downloads import FILES
from annotations.scoring.api import visible_scoring
from psg.typed_json import JsonObject
from recordings.uploads import UploadView
from studies.access import signed_in
from studies.audit import record_download
from studies.refusals import NotUnderstoodError


class ImportsView(UploadView):
    """Begin an import: `file` once for each file, `path` in the same order, and the options."""

    form_bytes = 1 << 20
    room: ClassVar[ImportRoom[Any, Any]]

    def limit_bytes(self) -> int:
        return LIMIT_BYTES

    def post(self, request: Request, slug: str) -> Response:
        """Begin an import; a worker reads the files, and nothing else is changed."""
        user = signed_in(request)
        data = request.data
        assert isinstance(data, QueryDict)
        form = self.room.form(data, study=self.study)
        if not form.is_valid():
            raise NotUnderstoodError(form.errors)
        files, paths = request.FILES.getlist("file"), data.getlist("path")
        if len(paths) not in (0, len(files)):
            raise NotUnderstoodError({"path": ["Either all files or no file must have a path."]})
        given = zip(files, paths or [""] * len(files), strict=True)
        made = self.room.begin(
            self.study, [given_file(file, path) for file, path in given], form.options(), user
        )
        return Response(self.begun(made), status=status.HTTP_201_CREATED)

    def begun(self, made: FileImport) -> JsonObject:
        return {"id": made.pk, "address": reverse(f"annotations:{self.room.page}", args=[made.pk])}


class MassexImportsView(ImportsView):
    """Imports of MASS-EX tables into a study."""

    room = MASSEX


class ScoringFileView(APIView):
    def get(self, request: Request, scoring_id: int, ending: str) -> HttpResponse:
        """Return a scoring as a file: EDF+ annotations or csv, with the events it came with."""
        scoring = visible_scoring(request, scoring_id)
        write, content_type = FILES[ending]
        record_download(
            request,
            study=scoring.study,
            about=f"scoring {scoring.pk} ({ending})",
            details={"scoring": scoring.pk},
        )
        name = f"{scoring.study.slug}-scoring-{scoring.pk}.{ending}"
        return HttpResponse(
            write(scoring),
            content_type=content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def given_file(file: UploadedFile, path: str) -> GivenFile:
    name = path or PurePosixPath(file.name or "file").name
    return GivenFile(path=name, size=file.size or 0, chunks=file.chunks())
