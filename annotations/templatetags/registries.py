"""What pages take from the registries: data for JavaScript, buttons of stages and flags."""

from typing import Any

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from annotations.rating.words import dimensions_for_browser
from annotations.scoring.models import Flag
from psg.events.registry import for_browser
from psg.stages import STAGES, stages_for_browser

register = template.Library()


def registries_for_browser() -> dict[str, Any]:
    """All registries as plain values for JSON.

    Returns
    -------
    dict
        ``kinds`` of events, ``dimensions`` of ratings, ``stages``, ``hypnogram_rows``, and
        ``flags``: a dict with ``id`` and ``label`` for each flag of an epoch.
    """
    return {
        "kinds": for_browser(),
        "dimensions": dimensions_for_browser(),
        **stages_for_browser(),
        "flags": [{"id": flag.value, "label": str(flag.label)} for flag in Flag],
    }


@register.simple_tag
def registries() -> SafeString:
    """The data block that ``static/js/site/registries.js`` reads."""
    return json_script(registries_for_browser(), "registries")


@register.inclusion_tag("components/stage_buttons.html")
def stage_buttons() -> dict[str, Any]:
    """A button for each stage, with its key; a key that is the stage itself is not written."""
    return {"stages": [stage.value for stage in STAGES]}


@register.inclusion_tag("components/flag_buttons.html")
def flag_buttons() -> dict[str, Any]:
    """A button for each flag, with its key."""
    return {"flags": list(Flag)}
