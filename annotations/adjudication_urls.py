"""Addresses of adjudication."""

from django.urls import path

from annotations.api import adjudications as api
from annotations.views import adjudications

urlpatterns = [
    path(
        "recordings/<int:recording_id>/adjudicate/",
        adjudications.adjudicate_recording,
        name="adjudicate",
    ),
    path("adjudications/<int:adjudication_id>/", adjudications.adjudication, name="adjudication"),
    path(
        "adjudications/<int:adjudication_id>/discard/",
        adjudications.discard,
        name="adjudication-discard",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/",
        api.AdjudicationView.as_view(),
        name="api-adjudication",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/epochs/<int:epoch>/",
        api.DecisionView.as_view(),
        name="decision",
    ),
    path(
        "api/v1/adjudications/<int:adjudication_id>/finish/",
        api.FinishView.as_view(),
        name="adjudication-finish",
    ),
]
