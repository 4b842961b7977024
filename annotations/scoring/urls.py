"""URLs of scorings: the workbench, assignments, comments."""

from django.urls import path

from annotations.scoring import api, pages

ACTS = ["ask", "decline", "reopen", "withdraw", "give-back", "reschedule", "reassign"]

urlpatterns = [
    path("scorings/<int:scoring_id>/score/", pages.workbench, name="workbench"),
    path("recordings/<int:recording_id>/assign/", pages.assign_recording, name="assign"),
    path("api/v1/scorings/<int:scoring_id>/", api.ScoringView.as_view(), name="scoring"),
    path(
        "api/v1/scorings/<int:scoring_id>/epochs/<int:epoch>/",
        api.EpochScoreView.as_view(),
        name="epoch-score",
    ),
    path(
        "api/v1/scorings/<int:scoring_id>/submit/",
        api.SubmitView.as_view(),
        name="submit",
    ),
    path("api/v1/scorings/<int:scoring_id>/lights/", api.LightsView.as_view(), name="lights"),
    path("api/v1/scorings/<int:scoring_id>/findings/", api.FindingsView.as_view(), name="findings"),
    path(
        "api/v1/scorings/<int:scoring_id>/events/",
        api.ScoredEventsView.as_view(),
        name="scored-events",
    ),
    path(
        "api/v1/scorings/<int:scoring_id>/epochs/<int:epoch>/history/",
        api.HistoryView.as_view(),
        name="epoch-history",
    ),
    path(
        "api/v1/scorings/<int:scoring_id>/comments/",
        api.CommentsView.as_view(),
        name="comments",
    ),
    path(
        "api/v1/comments/<int:comment_id>/resolve/",
        api.ResolveView.as_view(),
        name="comment-resolve",
    ),
    path("scorings/<int:scoring_id>/", pages.scoring_page, name="scoring-page"),
    *[
        path(f"scorings/<int:scoring_id>/{what}/", pages.act, {"what": what}, name=what)
        for what in ACTS
    ],
]
