"""What all tabs of the page of a recording have in common."""

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from recordings.models import Recording
from studies.models import Role

register = template.Library()

# Heading, address, and how names of addresses begin that belong to the tab.
TABS = (
    ("Overview", "recordings:recording", "recordings:recording"),
    ("Scorings", "annotations:recording-scorings", "annotations:recording-scorings"),
    ("Agreement", "annotations:recording-agreement", "annotations:recording-"),
    ("Channels", "recordings:channels", "recordings:channels"),
    ("Intake", "recordings:intake-record", "recordings:intake-record"),
    ("History", "recordings:history", "recordings:history"),
)


@register.inclusion_tag("recordings/_head.html", takes_context=True)
def recording_head(context: Context, recording: Recording) -> dict[str, Any]:
    """Name, length, acts and tabs; the tabs only of a recording that is there."""
    request = context["request"]
    is_there = recording.state not in (Recording.State.INGESTING, Recording.State.FAILED)
    return {
        "recording": recording,
        "is_lead": recording.study.allows(request.user, [Role.LEAD]),
        "is_there": is_there,
        "tabs": _tabs(recording, request.resolver_match.view_name) if is_there else [],
    }


def _tabs(recording: Recording, here: str) -> list[tuple[str, str, bool]]:
    """Return heading and address of each tab, and whether it is open: the best match is."""
    fits = [begin for _, _, begin in TABS if here.startswith(begin)]
    best = max(fits, key=len, default="")
    return [
        (heading, reverse(view, args=[recording.pk]), begin == best)
        for heading, view, begin in TABS
    ]
