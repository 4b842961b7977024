"""Addresses of scorings, ratings and exports."""

from django.urls import path

from annotations import (
    adjudication_urls,
    agreement_urls,
    massex_import_urls,
    rating_urls,
    release_urls,
    teamwork_urls,
)
from annotations.api import scorings as scorings_api
from annotations.api import suggestions as suggestions_api
from annotations.api.candidates import CandidatesView
from annotations.api.claims import ClaimsView
from annotations.api.findings import FindingsView
from annotations.api.history import HistoryView
from annotations.api.lights import LightsView
from annotations.views import assignments, scorings

app_name = "annotations"
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
        "api/v1/scorings/<int:scoring_id>/suggestions/",
        suggestions_api.SuggestionsView.as_view(),
        name="suggestions",
    ),
    path(
        "api/v1/scorings/<int:scoring_id>/suggestions/stages/",
        suggestions_api.SuggestedStagesView.as_view(),
        name="suggested-stages",
    ),
    path(
        "api/v1/scorings/<int:scoring_id>/candidates/", CandidatesView.as_view(), name="candidates"
    ),
    path("api/v1/scorings/<int:scoring_id>/claims/", ClaimsView.as_view(), name="claims"),
    path(
        "api/v1/scorings/<int:scoring_id>/epochs/<int:epoch>/lock/",
        suggestions_api.LockView.as_view(),
        name="lock",
    ),
    *adjudication_urls.urlpatterns,
    *agreement_urls.urlpatterns,
    *massex_import_urls.urlpatterns,
    *rating_urls.urlpatterns,
    *release_urls.urlpatterns,
    *teamwork_urls.urlpatterns,
]
