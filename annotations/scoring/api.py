"""The API of the workbench: scores, submission, findings, history, lights and comments."""

from collections.abc import Mapping
from typing import TypedDict

from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.saving import SCORE_FIELDS, SaveSerializer, WordsField
from annotations.scoring.comments import comment, resolve
from annotations.scoring.events import event_json
from annotations.scoring.lights import MarksJson, lights_json, set_lights
from annotations.scoring.models import EpochComment, EpochRevision, LightsRevision, Scoring
from annotations.scoring.scores import score_epoch
from annotations.scoring.scorings import submit_problems, submit_scoring
from annotations.scoring.serializers import (
    ScoreSerializer,
    SubmitSerializer,
    answer_json,
    scoring_json,
)
from annotations.visibility import (
    own_scorings,
    readers_of,
    visible_comments,
    visible_events,
    visible_scorings,
)
from psg.lights import Lights
from studies.access import get_or_404, signed_in
from studies.parsers import FiniteField


def visible_scoring(request: Request, scoring_id: int) -> Scoring:
    user = signed_in(request)
    # The user's own scorings come first: every save runs this, and that query is cheap.
    own = own_scorings(user).select_related("recording__study", "scorer").filter(pk=scoring_id)
    if scoring := own.order_by("pk").first():
        return scoring
    visible = visible_scorings(user).select_related("recording__study", "scorer")
    return get_or_404(visible, pk=scoring_id)


def own_scoring(request: Request, scoring_id: int) -> Scoring:
    scoring = visible_scoring(request, scoring_id)
    if scoring.scorer.user_id != request.user.pk:
        raise PermissionDenied("Only the scorer can change a scoring.")
    return scoring


class ScoringView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        scoring = visible_scoring(request, scoring_id)
        is_own = scoring.scorer.user_id == request.user.pk
        editable = scoring.is_open and is_own and scoring.study.archived_at is None
        return Response(scoring_json(scoring, editable=editable))


class EpochScoreView(APIView):
    def put(self, request: Request, scoring_id: int, epoch: int) -> Response:
        scoring = own_scoring(request, scoring_id)
        form = ScoreSerializer(data=request.data, context={"rule_edition": scoring.rule_edition})
        form.is_valid(raise_exception=True)
        revision = score_epoch(
            scoring=scoring,
            epoch=epoch,
            content=form.content(),
            save=form.save_of(signed_in(request)),
        )
        return Response(answer_json(revision))


class SubmitView(APIView):
    def post(self, request: Request, scoring_id: int) -> Response:
        scoring = own_scoring(request, scoring_id)
        form = SubmitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        scoring = submit_scoring(scoring=scoring, **form.validated_data)
        return Response({"state": scoring.state})


# Findings of the rule checks


class FindingsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """List errors and warnings of the stored scores, by epoch."""
        problems = submit_problems(scoring=visible_scoring(request, scoring_id))
        findings = problems.errors + problems.warnings
        findings.sort(key=lambda finding: (finding["epoch"], finding["level"]))
        return Response({"findings": findings})


# Events of imported files


class ScoredEventsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """List the events of imported files that may be shown beside this scoring."""
        scoring = visible_scoring(request, scoring_id)
        events = visible_events(scoring, signed_in(request))
        return Response({"events": [event_json(event) for event in events]})


# The history of an epoch


class HistoryView(APIView):
    def get(self, request: Request, scoring_id: int, epoch: int) -> Response:
        """List the changes of an epoch, the newest first."""
        scorings = visible_scorings(signed_in(request)).select_related("scorer")
        scoring = get_or_404(scorings, pk=scoring_id)
        revisions = scoring.revisions.filter(epoch=epoch).select_related("user", "lock")
        return Response(
            {
                "epoch": epoch,
                "revisions": [
                    revision_json(revision, scorer_label=scoring.scorer.label)
                    for revision in revisions.order_by("-version")
                ],
            }
        )


Content = Mapping[str, object]

RevisionJson = TypedDict(
    "RevisionJson",
    {
        "version": int,
        "at": str,
        "who": str,
        "why": str,
        "took": str | None,
        "settled": str | None,
        "first": bool,
        "from": Content | None,
        "to": Content,
    },
)


def revision_json(revision: EpochRevision, *, scorer_label: str) -> RevisionJson:
    """Return a change of an epoch; `who` is the scorer's label where no person made it.

    `took` names the part of a suggestion that was accepted by key; `settled` says how an epoch of
    a consensus was settled; `first` marks an answer that was locked before the suggestion was
    shown.
    """
    return {
        "version": revision.version,
        "at": revision.at.isoformat(),
        "who": str(revision.user) if revision.user else scorer_label,
        "why": revision.why,
        "took": revision.shown.get("took"),
        "settled": revision.shown.get("settled"),
        "first": hasattr(revision, "lock"),
        "from": _score_fields(revision.before) if revision.before else None,
        "to": _score_fields(revision.after),
    }


def _score_fields(content: Content) -> Content:
    return {name: content[name] for name in SCORE_FIELDS}


# Lights off and lights on, in seconds from the start of the recording


class LightsSerializer(SaveSerializer):
    """A change of the marks; null means the mark of the file."""

    CARRIES = ("version", "why")

    off_s = FiniteField(allow_null=True)
    on_s = FiniteField(allow_null=True)


class LightsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """Return the marks and their history, the newest change first."""
        scoring = visible_scoring(request, scoring_id)
        revisions = scoring.lights_revisions.select_related("user").order_by("-version")
        history = [_lights_revision_json(r, scorer_label=scoring.scorer.label) for r in revisions]
        return Response({**lights_json(scoring), "revisions": history})

    def put(self, request: Request, scoring_id: int) -> Response:
        scoring = own_scoring(request, scoring_id)
        form = LightsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        revision = set_lights(
            scoring=scoring,
            lights=Lights(wanted["off_s"], wanted["on_s"]),
            save=form.save_of(signed_in(request)),
        )
        answer = {"version": revision.version, "saved_at": revision.at.isoformat()}
        return Response({**answer, **revision.after})


LightsRevisionJson = TypedDict(
    "LightsRevisionJson",
    {"at": str, "who": str, "why": str, "from": MarksJson, "to": MarksJson},
)


def _lights_revision_json(revision: LightsRevision, *, scorer_label: str) -> LightsRevisionJson:
    return {
        "at": revision.at.isoformat(),
        "who": str(revision.user) if revision.user else scorer_label,
        "why": revision.why,
        "from": revision.before,
        "to": revision.after,
    }


# Comments on epochs, for people who may open the scoring

COMMENT_LIMIT = 4000


class CommentSerializer(SaveSerializer):
    CARRIES = ()

    epoch = serializers.IntegerField(min_value=0)
    text = WordsField(limit=COMMENT_LIMIT, trim_whitespace=True)


class ResolveSerializer(serializers.Serializer):
    resolved = serializers.BooleanField()


class CommentJson(TypedDict):
    """A comment with its author, mentioned usernames and resolution."""

    id: int
    epoch: int
    author: str
    text: str
    mentions: list[str]
    at: str
    resolved_at: str | None
    resolved_by: str | None


def comment_json(comment: EpochComment) -> CommentJson:
    return {
        "id": comment.pk,
        "epoch": comment.epoch,
        "author": str(comment.author),
        "text": comment.text,
        "mentions": sorted(person.username for person in comment.mentions.all()),
        "at": comment.at.isoformat(),
        "resolved_at": comment.resolved_at.isoformat() if comment.resolved_at else None,
        "resolved_by": str(comment.resolved_by) if comment.resolved_by else None,
    }


class CommentsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """List the comments of the scoring, and the people who may be mentioned in comments."""
        scoring = self._scoring(request, scoring_id)
        visible = visible_comments(signed_in(request)).filter(scoring=scoring)
        comments = visible.select_related("author", "resolved_by")
        return Response(
            {
                "comments": [comment_json(c) for c in comments.prefetch_related("mentions")],
                "people": [{"username": p.username, "name": str(p)} for p in readers_of(scoring)],
            }
        )

    def post(self, request: Request, scoring_id: int) -> Response:
        scoring = self._scoring(request, scoring_id)
        form = CommentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = comment(
            scoring=scoring,
            epoch=form.validated_data["epoch"],
            text=form.validated_data["text"],
            save=form.save_of(signed_in(request)),
        )
        return Response(comment_json(made), status=status.HTTP_201_CREATED)

    def _scoring(self, request: Request, scoring_id: int) -> Scoring:
        scorings = visible_scorings(signed_in(request)).select_related("recording", "scorer")
        return get_or_404(scorings, pk=scoring_id)


class ResolveView(APIView):
    def post(self, request: Request, comment_id: int) -> Response:
        user = signed_in(request)
        comment = get_or_404(visible_comments(user), pk=comment_id)
        form = ResolveSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        comment = resolve(comment=comment, user=user, **form.validated_data)
        return Response(comment_json(comment))
