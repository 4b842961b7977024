"""Preferences of a user, the same on every computer: display settings and keys."""

import json
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from psg.errors import RefusedError
from studies.access import signed_in
from studies.models import Preferences

LIMIT_BYTES = 32_000


class PreferenceView(APIView):
    """Read or replace a part of the preferences; the URL configuration sets `field`."""

    field = ""

    def get(self, request: Request) -> Response:
        preferences = Preferences.objects.filter(user=signed_in(request)).first()
        return Response(getattr(preferences or Preferences(), self.field))

    def put(self, request: Request) -> Response:
        value = _validated(request.data)
        Preferences.objects.update_or_create(user=signed_in(request), defaults={self.field: value})
        return Response(value)


def _validated(value: Any) -> dict[str, object]:
    """Check size and type only: preferences are shown to their user alone."""
    if not isinstance(value, dict):
        raise RefusedError("Preferences are a JSON object.")
    if len(json.dumps(value)) > LIMIT_BYTES:
        raise RefusedError(f"Preferences hold at most {LIMIT_BYTES} bytes of text.")
    return value
