"""Addresses of scorings: the workbench, assignments, the board, comments."""

from django.urls import path

from annotations.api import comments as comments_api
from annotations.api import scorings as scorings_api
from annotations.api.findings import FindingsView
from annotations.api.history import HistoryView
from annotations.api.lights import LightsView
from annotations.views import assignments, lifecycle, scorings

ACTS = ["ask", "decline", "reopen", "withdraw", "give-back", "reschedule", "reassign"]

urlpatterns = [
    path("scorings/<int:scoring_id>/score/", scorings.workbench, name="workbench"),
    path("recordings/<int:recording_id>/assign/", scorings.assign_recording, name="assign"),
    path(
        "recordings/<int:recording_id>/assignments/",
        assignments.recording_assignments,
        name="recording-assignments",
    ),
    path("api/v1/scorings/<int:scoring_id>/", scorings_api.ScoringView.as_view(), name="scoring"),
    path(
        "api/v1/scorings/<int:scoring_id>/epochs/<int:epoch>/",
        scorings_api.EpochScoreView.as_view(),
        name="epoch-score",
    ),
    path(
        "api/v1/scorings/<int:scoring_id>/submit/",
        scorings_api.SubmitView.as_view(),
        name="submit",
    ),
    path("api/v1/scorings/<int:scoring_id>/lights/", LightsView.as_view(), name="lights"),
    path("api/v1/scorings/<int:scoring_id>/findings/", FindingsView.as_view(), name="findings"),
    path(
        "api/v1/scorings/<int:scoring_id>/epochs/<int:epoch>/history/",
        HistoryView.as_view(),
        name="epoch-history",
    ),
    path(
        "api/v1/scorings/<int:scoring_id>/comments/",
        comments_api.CommentsView.as_view(),
        name="comments",
    ),
    path(
        "api/v1/comments/<int:comment_id>/resolve/",
        comments_api.ResolveView.as_view(),
        name="comment-resolve",
    ),
    path("studies/<slug:slug>/scorings/", lifecycle.study_board, name="board"),
    path("scorings/<int:scoring_id>/", lifecycle.scoring_page, name="scoring-page"),
    *[
        path(f"scorings/<int:scoring_id>/{what}/", lifecycle.act, {"what": what}, name=what)
        for what in ACTS
    ],
]
