"""The progress of background work as a part of a page, which reloads itself until the end."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jobs.models import MeasuredWork


def progress_answer(request: HttpRequest, job: MeasuredWork) -> HttpResponse:
    """Return the progress of a job; after its end, reload the whole page."""
    answer = render(request, "components/job.html", {"job": job, "address": request.path})
    if not job.is_busy:
        answer["HX-Refresh"] = "true"
    return answer
