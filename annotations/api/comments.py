"""Comments on the epochs of a scoring, for those who may open it."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.scorings import conflict
from annotations.api.words import WordsField
from annotations.models import EpochComment, Scoring
from annotations.queries.comments import readers
from annotations.services.comments import comment, resolve
from annotations.services.errors import ForeignClientUuidError, OutsideNightError
from studies.access import get_or_404, signed_in

COMMENT_LIMIT = 4000


class CommentSerializer(serializers.Serializer):
    client_uuid = serializers.UUIDField()
    epoch = serializers.IntegerField(min_value=0)
    text = WordsField(limit=COMMENT_LIMIT, trim_whitespace=True)


class ResolveSerializer(serializers.Serializer):
    resolved = serializers.BooleanField()


def comment_json(comment: EpochComment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "epoch": comment.epoch,
        "author": str(comment.author),
        "text": comment.text,
        "mentions": sorted(person.username for person in comment.mentions.all()),
        "at": comment.at.isoformat(),
        "resolved_at": comment.resolved_at and comment.resolved_at.isoformat(),
        "resolved_by": comment.resolved_by and str(comment.resolved_by),
    }


class CommentsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """List all comments of the scoring, and who may be named in one."""
        scoring = self._scoring(request, scoring_id)
        comments = scoring.comments.select_related("author", "resolved_by")
        return Response(
            {
                "comments": [comment_json(c) for c in comments.prefetch_related("mentions")],
                "people": [{"username": p.username, "name": str(p)} for p in readers(scoring)],
            }
        )

    def post(self, request: Request, scoring_id: int) -> Response:
        scoring = self._scoring(request, scoring_id)
        form = CommentSerializer(data=request.data)
        if not form.is_valid():
            told = {"detail": "This comment was not understood.", "fields": form.errors}
            return Response(told, status=status.HTTP_400_BAD_REQUEST)
        try:
            made = comment(scoring=scoring, author=signed_in(request), **form.validated_data)
        except OutsideNightError as outside:
            raise NotFound(str(outside)) from outside
        except ForeignClientUuidError:
            return conflict("This comment carries the id of another one.", code="foreign")
        return Response(comment_json(made), status=status.HTTP_201_CREATED)

    def _scoring(self, request: Request, scoring_id: int) -> Scoring:
        scorings = Scoring.objects.of(signed_in(request)).select_related("recording", "scorer")
        return get_or_404(scorings, pk=scoring_id)


class ResolveView(APIView):
    def post(self, request: Request, comment_id: int) -> Response:
        user = signed_in(request)
        found = get_or_404(EpochComment.objects.of(user), pk=comment_id)
        form = ResolveSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        done = resolve(comment=found, user=user, **form.validated_data)
        return Response(comment_json(done))
