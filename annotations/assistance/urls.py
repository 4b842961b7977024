"""URLs of assistance: suggestions, detected events, checked claims, effect of suggestions."""

from django.urls import path

from annotations.assistance import api as suggestions_api
from annotations.assistance.api import AssistanceView, CandidatesView, ClaimsView
from annotations.assistance.pages import assistance, assistance_epochs

urlpatterns = [
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
    path("studies/<slug:slug>/assistance/", assistance, name="assistance"),
    path("studies/<slug:slug>/assistance/epochs/", assistance_epochs, name="assistance-epochs"),
    path("api/v1/studies/<slug:slug>/assistance/", AssistanceView.as_view(), name="api-assistance"),
]
