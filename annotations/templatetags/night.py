"""What the pages of a recording show of its scorings, as far as the person may see them."""

from typing import Any

from django import template
from django.template import Context

from annotations.night.history import history_of
from annotations.night.overview import overview_of
from recordings.models import Recording
from studies.models import Role

register = template.Library()


@register.inclusion_tag("night/_overview.html", takes_context=True)
def night_overview(context: Context, recording: Recording) -> dict[str, Any]:
    """The time axis, sleep statistics and agreement."""
    user = context["request"].user
    return {
        "recording": recording,
        "overview": overview_of(recording, user),
        "is_lead": recording.study.allows(user, [Role.LEAD]),
        "is_adjudicator": recording.study.allows(user, [Role.ADJUDICATOR]),
    }


@register.inclusion_tag("night/_history.html", takes_context=True)
def scoring_history(context: Context, recording: Recording) -> dict[str, Any]:
    """What happened to its scorings, the newest first."""
    return {"events": history_of(recording, context["request"].user)}
