"""The places of a study: what its side navigation lists, for whom, and which is open now."""

from collections.abc import Iterable
from dataclasses import dataclass

from annotations.visibility import OVERSEERS
from studies.models import Role

EVERYBODY = frozenset(Role)
# Raters must not learn which recordings there are: their texts would tell where they are from.
SEE_RECORDINGS = EVERYBODY - {Role.RATER}
LEADS = frozenset({Role.LEAD})


@dataclass(frozen=True)
class Place:
    """An entry of the side navigation."""

    name: str
    """Name of its icon in static/img/places.svg."""
    label: str
    view: str
    """Name of the address, which takes the slug of the study."""
    roles: frozenset[Role]
    """Any of these roles opens the page; the page checks it again."""
    inside: tuple[str, ...] = ()
    """How names of other addresses begin that belong to this place."""
    anchor: str = ""
    begins_group: bool = False


PLACES = (
    Place("overview", "Overview", "study", EVERYBODY, inside=("desk:plot",)),
    Place(
        "recordings",
        "Recordings",
        "desk:recordings",
        SEE_RECORDINGS,
        inside=(
            "recordings:",
            "desk:view-",
            "lifecycle:",
            "annotations:recording-",
            "annotations:night-",
            "annotations:import-scoring",
            "annotations:assign",
            "annotations:adjudicate",
            "inference:recording-runs",
        ),
    ),
    Place("scorings", "Scorings", "desk:scorings", LEADS, inside=("annotations:scoring-page",)),
    Place(
        "agreement",
        "Agreement",
        "annotations:study-agreement",
        frozenset(OVERSEERS),
        inside=("annotations:study-", "annotations:doubtful", "annotations:assistance"),
    ),
    Place(
        "rating",
        "Rating studies",
        "annotations:rating-studies",
        LEADS,
        inside=("annotations:rating-",),
    ),
    Place(
        "runs",
        "Pre-scoring",
        "inference:runs",
        frozenset(OVERSEERS),
        inside=("inference:",),
        begins_group=True,
    ),
    Place(
        "models", "Models", "inference:models", frozenset(OVERSEERS), inside=("inference:models",)
    ),
    Place(
        "imports",
        "Imports",
        "annotations:massex-imports",
        LEADS,
        inside=("annotations:massex-import", "annotations:scoring-import"),
    ),
    Place("exports", "Exports", "annotations:exports", LEADS, inside=("annotations:export",)),
    Place("releases", "Releases", "annotations:releases", LEADS, inside=("annotations:release",)),
    Place(
        "people",
        "People",
        "studies:members",
        LEADS,
        inside=("studies:remove", "desk:give-role", "desk:removal"),
        begins_group=True,
    ),
    Place(
        "settings",
        "Settings",
        "desk:settings",
        LEADS,
        inside=("studies:", "desk:", "annotations:release-terms"),
    ),
    Place("audit", "Audit trail", "audit", LEADS),
)


def places_for(roles: Iterable[Role]) -> list[Place]:
    """Return the places that somebody with these roles in a study may open."""
    held = frozenset(roles)
    return [place for place in PLACES if held & place.roles]


def place_of(view_name: str) -> Place | None:
    """Return the place to which an address belongs: the one with the longest beginning of it."""
    by_beginning = {
        beginning: place for place in PLACES for beginning in (*place.inside, place.view)
    }
    # Of two places with the same address the first is open.
    by_beginning |= {place.view: place for place in reversed(PLACES)}
    matching = [beginning for beginning in by_beginning if view_name.startswith(beginning)]
    return by_beginning[max(matching, key=len)] if matching else None
