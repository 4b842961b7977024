"""Addresses of agreement, the same for a study and for a recording."""

from django.urls import path

from annotations.agreement import pages
from annotations.agreement.api import AgreementView
from annotations.agreement.pages import doubtful

STUDY, RECORDING = "studies/<slug:slug>", "recordings/<int:recording_id>"

urlpatterns = [
    *[
        path(f"{prefix}/agreement/{folder}", view, name=f"{of}-{name}")
        for of, prefix in (("study", STUDY), ("recording", RECORDING))
        for name, folder, view in (
            ("agreement", "", pages.agreement),
            ("pair", "pair/", pages.pair),
            ("epochs", "epochs/", pages.epochs),
        )
    ],
    path(f"{STUDY}/agreement/plot/", pages.plot, name="study-agreement-plot"),
    path(f"{STUDY}/agreement/progress/<int:work_id>/", pages.work, name="study-agreement-work"),
    path(f"{STUDY}/doubtful/", doubtful, name="doubtful"),
    path(f"api/v1/{STUDY}/agreement/", AgreementView.as_view(), name="api-study-agreement"),
    path(
        f"api/v1/{RECORDING}/agreement/",
        AgreementView.as_view(),
        name="api-recording-agreement",
    ),
]
