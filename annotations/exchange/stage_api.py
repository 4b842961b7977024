"""The API of imports of stage files: everything that their pages do."""

from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exchange.api import given_file
from annotations.exchange.forms import StageOptionsForm
from annotations.exchange.imports import (
    LIMIT_BYTES,
    confirm_import,
    discard_import,
    look_again,
    request_scoring_import,
)
from annotations.exchange.models import ScoringImport
from annotations.exchange.plan import Outcome
from annotations.exchange.stage_answers import questions_of, with_answers
from annotations.exchange.stage_comparison import Comparison, comparisons
from annotations.exchange.stage_pages import readable_import, visible_import
from annotations.exchange.stage_plan import StageFilePreview, StageImportOptions, StagesPreview
from jobs.kinds import send_after_commit
from psg.typed_json import JsonObject, as_json
from recordings.uploads import UploadView
from studies.access import signed_in
from studies.models import User
from studies.refusals import NotUnderstoodError


class ScoringImportsView(UploadView):
    """Imports of stage files into a study."""

    form_bytes = 1 << 20

    def limit_bytes(self) -> int:
        return LIMIT_BYTES

    def get(self, request: Request, slug: str) -> Response:
        """List the imports, the newest first."""
        return Response({"imports": [_head(made) for made in self.study.scoring_imports.all()]})

    def post(self, request: Request, slug: str) -> Response:
        """Begin an import: `file` once for each file, `path` in the same order, and options."""
        user = signed_in(request)
        data = request.data
        assert isinstance(data, QueryDict)
        form = StageOptionsForm(data, study=self.study)
        if not form.is_valid():
            raise NotUnderstoodError(form.errors)
        files, paths = request.FILES.getlist("file"), data.getlist("path")
        if len(paths) not in (0, len(files)):
            raise NotUnderstoodError({"path": ["Either all files or no file must have a path."]})
        with transaction.atomic():
            made = request_scoring_import(
                study=self.study,
                files=[
                    given_file(file, path)
                    for file, path in zip(files, paths or [""] * len(files), strict=True)
                ],
                options=form.options(),
                user=user,
            )
            send_after_commit(made)
        return Response(_head(made), status=status.HTTP_201_CREATED)


class AnswersSerializer(serializers.Serializer):
    """Answers to questions, by their names."""

    answers = serializers.DictField(child=serializers.CharField(max_length=200))


class FilesSerializer(serializers.Serializer):
    """Paths of files; without them all that are new."""

    files = serializers.ListField(child=serializers.CharField(max_length=300), required=False)


class ScoringImportView(APIView):
    """An import of stage files: its preview, the answers to its questions, its end."""

    def get(self, request: Request, scoring_import_id: int) -> Response:
        """Return the state, what the files would do, and how they differ from other scorings."""
        user = signed_in(request)
        return Response(_whole(readable_import(user, scoring_import_id), user))

    def patch(self, request: Request, scoring_import_id: int) -> Response:
        """Answer questions; the files are read again."""
        user = signed_in(request)
        made = readable_import(user, scoring_import_id)
        form = AnswersSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        questions = questions_of(_files(made))
        options = StageImportOptions.from_json(made.options)
        options = with_answers(options, questions, form.validated_data["answers"])
        with transaction.atomic():
            look_again(file_import=made, options=options)
            send_after_commit(made)
        return Response(_head(visible_import(user, made.pk)))

    def delete(self, request: Request, scoring_import_id: int) -> Response:
        """Discard the import; nothing was written."""
        discard_import(file_import=visible_import(signed_in(request), scoring_import_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ScoringImportConfirmView(APIView):
    def post(self, request: Request, scoring_import_id: int) -> Response:
        """Write files as the preview shows them: `files`, or all that are new."""
        user = signed_in(request)
        made = readable_import(user, scoring_import_id)
        form = FilesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        new = [file.path for file in _files(made) if file.outcome is Outcome.NEW]
        with transaction.atomic():
            confirm_import(file_import=made, paths=form.validated_data.get("files", new))
            send_after_commit(made)
        return Response(_head(visible_import(user, made.pk)))


def _files(made: ScoringImport) -> tuple[StageFilePreview, ...]:
    return StagesPreview.from_json(made.preview or {}).files


def _head(made: ScoringImport) -> JsonObject:
    return {
        "id": made.pk,
        "state": made.state,
        "error": made.error,
        "created_at": made.created_at.isoformat(),
        "address": reverse("annotations:scoring-import", args=[made.pk]),
    }


def _whole(made: ScoringImport, user: User) -> JsonObject:
    files = _files(made)
    return {
        **_head(made),
        "options": made.options,
        "files": [_file(file, made, user) for file in files],
        "questions": [
            {"name": q.name, "files": q.files, **q.doubt.as_json()} for q in questions_of(files)
        ],
        "results": made.results,
    }


def _file(file: StageFilePreview, made: ScoringImport, user: User) -> JsonObject:
    compared = comparisons(file, study=made.study, user=user)
    return {**dict(as_json(file)), "compared": [_compared(each) for each in compared]}


def _compared(comparison: Comparison) -> dict[str, Any]:
    return {
        "scorer": comparison.scorer.scorer,
        "with": [
            {
                "scoring": difference.hypnogram.night.scoring.pk,
                "label": difference.label,
                "kappa": difference.kappa,
                "agreement": difference.agreement,
                "epochs": difference.epochs,
                "differing": difference.differing,
            }
            for difference in comparison.differences
        ],
    }
