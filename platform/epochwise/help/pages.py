"""Texts of the help, as a part of a page or as pages of their own, and tours."""

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from epochwise.help import tours
from epochwise.help.topics import INDEX, Text, guides, topics
from studies.access import NOTHING_HERE, signed_in
from studies.models import User


@require_GET
@vary_on_headers("HX-Request")
def topic(request: HttpRequest, name: str) -> HttpResponse:
    """Show the help of a page."""
    return _show(request, topics(), name)


@require_GET
@vary_on_headers("HX-Request")
def guide(request: HttpRequest, name: str) -> HttpResponse:
    """Show a guide."""
    return _show(request, guides(), name)


def _show(request: HttpRequest, texts: Mapping[str, Text], name: str) -> HttpResponse:
    """Show a text: to htmx as a part, with its title below the headings of the page around it."""
    text = texts.get(name)
    if text is None:
        raise Http404(NOTHING_HERE)
    # The renderer takes 4 MiB, which processes do without until somebody reads a help.
    from epochwise.help.rendering import html_of

    is_part = "HX-Request" in request.headers
    context = {
        "text": text,
        "html": html_of(text, top=2 if is_part else 1),
        "is_index": texts is topics() and name == INDEX,
        "legs": _legs(request.user, text) if is_part else [],
        "follows_link": "HX-Boosted" in request.headers,
    }
    return render(request, "help/_text.html" if is_part else "help/text.html", context)


def _legs(user: object, text: Text) -> list[tours.Leg]:
    """Return the tours of the pages that a text is about, for the roles of this person."""
    legs = [leg for leg in tours.LEGS if leg.view in text.views]
    if not legs or not isinstance(user, User):
        return []
    roles = tours.roles_of(user)
    return [leg for leg in legs if not roles.isdisjoint(leg.steps)]


@login_required
@require_http_methods(["GET", "POST"])
def tour(request: HttpRequest, leg: str) -> HttpResponse:
    """Give the steps of a tour, or remember that it was seen or that none is wanted."""
    user = signed_in(request)
    found = tours.BY_NAME.get(leg)
    if found is None:
        raise Http404(NOTHING_HERE)
    if request.method == "GET":
        names = ("target", "title", "text")
        steps = tours.steps_for(found, tours.roles_of(user))
        return JsonResponse({"steps": [dict(zip(names, step, strict=True)) for step in steps]})
    if "skip" in request.POST:
        tours.skip_tours(user=user)
    else:
        tours.remember_seen(user=user, leg=found)
    return HttpResponse() if "HX-Request" in request.headers else redirect("home")
