"""Preferences of a user, the same on every computer, and montages of a study."""

import json
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from psg.errors import RefusedError
from studies.access import signed_in, study_for
from studies.models import Preferences, Role, StudyMontages
from studies.montages import check_references, montages_of, set_montages

LIMIT_BYTES = 32_000


class PreferenceView(APIView):
    """Read or replace a part of the preferences; the URL configuration sets `field`."""

    field = ""

    def get(self, request: Request) -> Response:
        preferences = Preferences.objects.filter(user=signed_in(request)).first()
        return Response(getattr(preferences or Preferences(), self.field))

    def put(self, request: Request) -> Response:
        value = _validated(request.data)
        _check_montages(value)
        Preferences.objects.update_or_create(user=signed_in(request), defaults={self.field: value})
        return Response(value)


class MontagesView(APIView):
    """The montages of a study: read by its members, replaced by its leads."""

    def get(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        study = study_for(user, slug)
        may_change = study.allows(user, [Role.LEAD]) and study.archived_at is None
        return _montages(montages_of(study), may_change=may_change)

    def put(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        study = study_for(user, slug, Role.LEAD)
        data = request.data if isinstance(request.data, dict) else {}
        given = {"montages": data.get("montages"), "version": data.get("version")}
        return _montages(set_montages(study=study, user=user, **given), may_change=True)


def _montages(stored: StudyMontages, *, may_change: bool) -> Response:
    return Response(
        {"montages": stored.montages, "version": stored.version, "may_change": may_change}
    )


def _validated(value: Any) -> dict[str, object]:
    """Check size and type: preferences are shown to their user alone."""
    if not isinstance(value, dict):
        raise RefusedError("Preferences are a JSON object.")
    if len(json.dumps(value)) > LIMIT_BYTES:
        raise RefusedError(f"Preferences hold at most {LIMIT_BYTES} bytes of text.")
    return value


def _check_montages(display: dict[str, object]) -> None:
    """Refuse references that are no channels, in the rows of the display and of own montages."""
    check_references(display.get("rows"))
    montages = display.get("montages")
    for montage in montages if isinstance(montages, list) else []:
        if isinstance(montage, dict):
            check_references(montage.get("rows"))
