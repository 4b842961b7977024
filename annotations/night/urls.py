"""Addresses of the scorings of a recording and of the night report."""

from django.urls import path

from annotations.night import pages

RECORDING = "recordings/<int:recording_id>"

urlpatterns = [
    path(f"{RECORDING}/scorings/", pages.scorings, name="recording-scorings"),
    path(f"{RECORDING}/report/", pages.report, name="night-report"),
    path(f"{RECORDING}/report.pdf", pages.report_pdf, name="night-report-pdf"),
]
