"""Preferences of a person: display settings and key map, the same on every computer."""

import json

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from psg.errors import RefusedError
from studies.access import signed_in
from studies.models import Preferences
from studies.storable import why_unstorable

LIMIT_BYTES = 32_000


class PreferenceView(APIView):
    """A part of the preferences, read and written as a whole. The address sets `field`."""

    field = ""

    def get(self, request: Request) -> Response:
        preferences = Preferences.objects.filter(user=signed_in(request)).first()
        return Response(getattr(preferences or Preferences(), self.field))

    def put(self, request: Request) -> Response:
        value = _checked(request.data)
        Preferences.objects.update_or_create(user=signed_in(request), defaults={self.field: value})
        return Response(value)


def _checked(value: object) -> dict[str, object]:
    """Check size and characters of preferences; only their own person ever sees them."""
    if not isinstance(value, dict):
        raise RefusedError("Preferences must be a JSON object.")
    if len(json.dumps(value)) > LIMIT_BYTES:
        raise RefusedError(f"Preferences hold at most {LIMIT_BYTES} bytes of text.")
    if why := why_unstorable(value):
        raise RefusedError(f"These cannot be kept: {why}.")
    return value
