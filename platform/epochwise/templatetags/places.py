"""The side navigation of a study."""

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse

from epochwise.places import Place, place_of, places_for
from studies.models import Study, User

register = template.Library()


@register.inclusion_tag("studies/_places.html", takes_context=True)
def places(context: Context, study: Study) -> dict[str, object]:
    """List the places of `study` that the user may open, with the open one marked."""
    request: HttpRequest = context["request"]
    user = request.user
    roles = study.roles_of(user) if isinstance(user, User) else set()
    match = request.resolver_match
    current = place_of(match.view_name) if match else None
    entries = [
        {"place": place, "address": _address(place, study), "is_current": place is current}
        for place in places_for(roles)
    ]
    return {"study": study, "entries": entries, "current": current}


def _address(place: Place, study: Study) -> str:
    return reverse(place.view, args=[study.slug]) + place.anchor
