"""The way to the help of a page, and the offer of a tour on a first visit."""

from django import template
from django.http import HttpRequest
from django.template import Context

from epochwise.help.topics import topic_of
from epochwise.help.tours import BY_VIEW, steps_for, unseen_by
from studies.models import User

register = template.Library()


def _view_of(context: Context) -> str:
    """Return the name of the address that is open; a page of an error may know none."""
    match = getattr(context.get("request"), "resolver_match", None)
    return match.view_name if match else ""


@register.simple_tag(takes_context=True)
def help_address(context: Context) -> str:
    """Return the address of the help of this page."""
    return topic_of(_view_of(context)).address


@register.inclusion_tag("help/_tour.html", takes_context=True)
def tour_offer(context: Context, *, short: bool = False) -> dict[str, object]:
    """Offer the tour of this page to a person who has not seen it; `short` is for a narrow bar."""
    request: HttpRequest = context["request"]
    leg = BY_VIEW.get(_view_of(context))
    if leg is None or not isinstance(request.user, User):
        return {"leg": None}
    steps = steps_for(leg, unseen_by(request.user, leg))
    return {"leg": leg if steps else None, "count": len(steps), "short": short}
