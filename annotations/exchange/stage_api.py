"""The API of imports of stage files: everything that their pages do."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exchange.api import ImportsView
from annotations.exchange.import_rooms import STAGES
from annotations.exchange.imports import discard_import
from annotations.exchange.models import FileImport, ScoringImport
from annotations.exchange.plan import Outcome
from annotations.exchange.stage_answers import questions_of, with_answers
from annotations.exchange.stage_comparison import Comparison, comparisons
from annotations.exchange.stage_plan import StageFilePreview, StageImportOptions
from psg.typed_json import JsonObject, as_json
from studies.access import signed_in
from studies.models import User


class ScoringImportsView(ImportsView):
    """Imports of stage files into a study."""

    room = STAGES

    def get(self, request: Request, slug: str) -> Response:
        """List the imports, the newest first."""
        return Response({"imports": [_head(made) for made in STAGES.imports_of(self.study)]})

    def begun(self, made: FileImport) -> JsonObject:
        return _head(made)


class AnswersSerializer(serializers.Serializer):
    """Answers to questions, by their names."""

    answers = serializers.DictField(child=serializers.CharField(max_length=200))


class FilesSerializer(serializers.Serializer):
    """Paths of files, without them all that are new; `seen` is the preview that was read."""

    files = serializers.ListField(child=serializers.CharField(max_length=300), required=False)
    seen = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)


class ScoringImportView(APIView):
    """An import of stage files: its preview, the answers to its questions, its end."""

    def get(self, request: Request, scoring_import_id: int) -> Response:
        """Return the state, what the files would do, and how they differ from other scorings."""
        user = signed_in(request)
        return Response(_whole(STAGES.readable(user, scoring_import_id), user))

    def patch(self, request: Request, scoring_import_id: int) -> Response:
        """Answer questions; the files are read again."""
        user = signed_in(request)
        made = STAGES.readable(user, scoring_import_id)
        form = AnswersSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        questions = questions_of(_files(made))
        options = StageImportOptions.from_json(made.options)
        options = with_answers(options, questions, form.validated_data["answers"])
        STAGES.again(made, options)
        return Response(_head(STAGES.visible(user, made.pk)))

    def delete(self, request: Request, scoring_import_id: int) -> Response:
        """Discard the import; nothing was written."""
        discard_import(file_import=STAGES.visible(signed_in(request), scoring_import_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ScoringImportConfirmView(APIView):
    def post(self, request: Request, scoring_import_id: int) -> Response:
        """Write files as the preview shows them: `files`, or all that are new.

        With `seen`, the `preview` of the import as it was read, another preview is refused.
        """
        user = signed_in(request)
        made = STAGES.readable(user, scoring_import_id)
        form = FilesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        new = [file.path for file in _files(made) if file.outcome is Outcome.NEW]
        paths, seen = form.validated_data.get("files", new), form.validated_data["seen"]
        STAGES.confirm(made, paths, seen=seen)
        return Response(_head(STAGES.visible(user, made.pk)))


def _files(made: ScoringImport) -> tuple[StageFilePreview, ...]:
    return STAGES.preview_of(made).files


def _head(made: FileImport) -> JsonObject:
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
        "preview": made.preview_digest,
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
