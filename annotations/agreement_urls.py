"""Addresses of agreement, the same for a study and for a recording."""

from django.urls import path

from annotations.api import agreement as api
from annotations.views import agreement
from annotations.views.assistance import doubtful

STUDY, RECORDING = "studies/<slug:slug>", "recordings/<int:recording_id>"

urlpatterns = [
    path(f"{RECORDING}/scorings/", agreement.recording_scorings, name="recording-scorings"),
    *[
        path(f"{prefix}/agreement/{folder}", view, name=f"{of}-{name}")
        for of, prefix in (("study", STUDY), ("recording", RECORDING))
        for name, folder, view in (
            ("agreement", "", agreement.agreement),
            ("pair", "pair/", agreement.pair),
            ("epochs", "epochs/", agreement.epochs),
        )
    ],
    path(f"{STUDY}/doubtful/", doubtful, name="doubtful"),
    path(f"api/v1/{STUDY}/agreement/", api.AgreementView.as_view(), name="api-study-agreement"),
    path(
        f"api/v1/{RECORDING}/agreement/",
        api.AgreementView.as_view(),
        name="api-recording-agreement",
    ),
]
