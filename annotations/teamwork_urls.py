"""Addresses of working together: the board, whole scorings, comments."""

from django.urls import path

from annotations.views import lifecycle

ACTS = ["ask", "decline", "reopen", "withdraw", "give-back", "reschedule"]

urlpatterns = [
    path("studies/<slug:slug>/scorings/", lifecycle.study_board, name="board"),
    path("scorings/<int:scoring_id>/", lifecycle.scoring_page, name="scoring-page"),
    *[
        path(f"scorings/<int:scoring_id>/{what}/", lifecycle.act, {"what": what}, name=what)
        for what in ACTS
    ],
]
