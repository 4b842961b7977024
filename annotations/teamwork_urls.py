"""Addresses of working together: the board, whole scorings, comments."""

from django.urls import path

from annotations.api import comments
from annotations.views import lifecycle

ACTS = ["ask", "decline", "reopen", "withdraw", "give-back", "reschedule", "reassign"]

urlpatterns = [
    path(
        "api/v1/scorings/<int:scoring_id>/comments/",
        comments.CommentsView.as_view(),
        name="comments",
    ),
    path(
        "api/v1/comments/<int:comment_id>/resolve/",
        comments.ResolveView.as_view(),
        name="comment-resolve",
    ),
    path("studies/<slug:slug>/scorings/", lifecycle.study_board, name="board"),
    path("scorings/<int:scoring_id>/", lifecycle.scoring_page, name="scoring-page"),
    *[
        path(f"scorings/<int:scoring_id>/{what}/", lifecycle.act, {"what": what}, name=what)
        for what in ACTS
    ],
]
