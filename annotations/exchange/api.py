"""Taking MASS-EX files by upload: kept on disk, and read by the worker."""

from pathlib import PurePosixPath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.exchange.forms import ImportOptionsForm
from annotations.exchange.imports import LIMIT_BYTES, GivenFile, request_import
from jobs.kinds import send_after_commit
from recordings.uploads import UploadView
from studies.access import signed_in
from studies.refusals import NotUnderstoodError


class MassexImportsView(UploadView):
    """Begin an import: `file` once for each file, `path` in the same order, and the options."""

    form_bytes = 1 << 20

    def limit_bytes(self) -> int:
        return LIMIT_BYTES

    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        data = request.data
        assert isinstance(data, QueryDict)
        form = ImportOptionsForm(data, study=self.study)
        if not form.is_valid():
            raise NotUnderstoodError(form.errors)
        files, paths = request.FILES.getlist("file"), data.getlist("path")
        if len(paths) not in (0, len(files)):
            raise NotUnderstoodError({"path": ["Either all files or no file must have a path."]})
        with transaction.atomic():
            made = request_import(
                study=self.study,
                files=[
                    _given(file, path)
                    for file, path in zip(files, paths or [""] * len(files), strict=True)
                ],
                options=form.options(),
                user=user,
            )
            send_after_commit(made)
        address = reverse("annotations:massex-import", args=[made.pk])
        return Response({"id": made.pk, "address": address}, status=status.HTTP_201_CREATED)


def _given(file: UploadedFile, path: str) -> GivenFile:
    name = path or PurePosixPath(file.name or "file").name
    return GivenFile(path=name, size=file.size or 0, chunks=file.chunks())
