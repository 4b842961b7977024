"""Marking lights off and lights on in a scoring. Every change appends a revision."""

import uuid
from collections.abc import Iterable

from django.db import transaction

from annotations.scoring.errors import LightsRefusedError, NotOpenError, StaleLightsError
from annotations.scoring.models import LightsRevision, Scoring
from psg.lights import Lights
from studies.models import User

LightsWhy = LightsRevision.Why


@transaction.atomic
def set_lights(
    *,
    scoring: Scoring,
    lights: Lights,
    seen_version: int,
    client_uuid: uuid.UUID,
    user: User,
    why: LightsWhy = LightsWhy.EDIT,
) -> LightsRevision:
    """Put the scorer's own marks in force, None for those of the file; a replay changes nothing.

    Raises
    ------
    StaleLightsError
        When the marks have moved on from `seen_version`.
    LightsRefusedError
        When a mark lies outside the recording, or lights on before lights off.
    NotOpenError
    """
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if answered := scoring.lights_revisions.filter(client_uuid=client_uuid).first():
        return answered
    if not scoring.is_open:
        raise NotOpenError(scoring)
    if scoring.lights_version != seen_version:
        raise StaleLightsError(scoring)
    _check(lights, scoring)
    return _append(scoring, lights, user=user, why=why, client_uuid=client_uuid)


@transaction.atomic
def bring_lights(
    *, scoring: Scoring, lights: Lights, why: LightsWhy, user: User | None = None
) -> None:
    """Give a scoring made elsewhere its marks; where they are so already nothing is written."""
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if lights != own_lights(scoring):
        _append(scoring, lights, user=user, why=why, client_uuid=uuid.uuid4())


def shared_lights(scorings: Iterable[Scoring]) -> Lights:
    """Return the marks that all these scorers set alike; a mark they differ in is left open."""
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
    scoring: Scoring, lights: Lights, *, user: User | None, why: LightsWhy, client_uuid: uuid.UUID
) -> LightsRevision:
    before = own_lights(scoring)
    scoring.lights_off_s, scoring.lights_on_s = lights.off_s, lights.on_s
    scoring.lights_version += 1
    scoring.save(update_fields=["lights_off_s", "lights_on_s", "lights_version"])
    return LightsRevision.objects.create(
        scoring=scoring,
        version=scoring.lights_version,
        client_uuid=client_uuid,
        user=user,
        why=why,
        before=vars(before),
        after=vars(lights),
    )
