"""The number of unseen notices, in the bar of every page."""

from django import template
from django.http import HttpRequest
from django.template import Context

from studies.models import User
from studies.notices.pages import ASKS_EVERY
from studies.notices.reading import bell_of

register = template.Library()


@register.inclusion_tag("notices/_bell.html", takes_context=True)
def bell(context: Context, place: str = "page") -> dict[str, object]:
    """Show the number of unseen notices; nothing to people who are not signed in.

    It comes with the page, so that no page needs another request for it. Later the browser asks.
    """
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    found = bell_of(user) if isinstance(user, User) else None
    return {"bell": found, "place": place, "every_s": ASKS_EVERY[place]}
