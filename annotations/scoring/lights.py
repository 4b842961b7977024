"""Lights off and lights on of a scoring. Every change adds a revision."""

import uuid
from collections.abc import Iterable
from typing import TypedDict

from django.db import transaction

from annotations.saving import Save, StaleError, atomic_save
from annotations.scoring.errors import NotOpenError
from annotations.scoring.models import LightsRevision, Scoring
from psg.lights import Lights
from recordings.lights import LightsRefusedError
from studies.models import User

LightsWhy = LightsRevision.Why


class MarksJson(TypedDict):
    """Lights off and on in seconds from the start of the recording; None where not marked."""

    off_s: float | None
    on_s: float | None


class LightsJson(MarksJson):
    """The scorer's own marks with their version, and the marks of the file."""

    version: int
    file: MarksJson


def lights_json(scoring: Scoring) -> LightsJson:
    file = scoring.recording.lights
    return {
        "version": scoring.lights_version,
        "off_s": scoring.lights_off_s,
        "on_s": scoring.lights_on_s,
        "file": {"off_s": file.off_s, "on_s": file.on_s},
    }


@atomic_save
def set_lights(*, scoring: Scoring, lights: Lights, save: Save) -> LightsRevision:
    """Set the scorer's own marks; None means the mark of the file.

    Raises
    ------
    LightsRefusedError
        When a mark lies outside the recording, or lights on before lights off.
    ForeignClientUuidError, NotOpenError, StaleError
    """
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    known = save.first_answer(LightsRevision, scoring_id=scoring.pk, user_id=save.user.pk)
    if known:
        return known
    if not scoring.is_open:
        raise NotOpenError(scoring)
    if save.is_stale(scoring.lights_version):
        raise StaleError(
            "Lights off and on were changed in another window. Nothing was overwritten.",
            current=lights_json(scoring),
            yours=vars(lights),
        )
    _check(lights, scoring)
    return _append(scoring, lights, user=save.user, why=save.why, client_uuid=save.client_uuid)


@transaction.atomic
def bring_lights(
    *, scoring: Scoring, lights: Lights, why: LightsWhy, user: User | None = None
) -> None:
    """Set the marks of an imported, copied or consensus scoring; equal marks write nothing."""
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if lights != own_lights(scoring):
        _append(scoring, lights, user=user, why=why)


def shared_lights(scorings: Iterable[Scoring]) -> Lights:
    """Return the marks that all these scorings share; None for a mark in which they differ."""
    own = [own_lights(scoring) for scoring in scorings]
    offs, ons = {lights.off_s for lights in own}, {lights.on_s for lights in own}
    return Lights(
        off_s=offs.pop() if len(offs) == 1 else None, on_s=ons.pop() if len(ons) == 1 else None
    )


def own_lights(scoring: Scoring) -> Lights:
    return Lights(scoring.lights_off_s, scoring.lights_on_s)


def _check(lights: Lights, scoring: Scoring) -> None:
    recording = scoring.recording
    if problem := lights.over(recording.lights).problem(recording.end_s):
        raise LightsRefusedError(problem)


def _append(
    scoring: Scoring, lights: Lights, *, user: User | None, why: str, **identity: uuid.UUID
) -> LightsRevision:
    before = own_lights(scoring)
    scoring.lights_off_s, scoring.lights_on_s = lights.off_s, lights.on_s
    scoring.lights_version += 1
    scoring.save(update_fields=["lights_off_s", "lights_on_s", "lights_version"])
    return LightsRevision.objects.create(
        scoring=scoring,
        version=scoring.lights_version,
        user=user,
        why=why,
        before=vars(before),
        after=vars(lights),
        **identity,
    )
