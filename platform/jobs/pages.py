"""How pages follow work under a lease: one part of a page that asks for itself until it is over."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jobs.models import MeasuredWork


def progress_answer(request: HttpRequest, job: MeasuredWork) -> HttpResponse:
    """Answer how far a job is; when it is over the page is loaded anew."""
    answer = render(request, "components/job.html", {"job": job, "address": request.path})
    if not job.is_busy:
        answer["HX-Refresh"] = "true"
    return answer
