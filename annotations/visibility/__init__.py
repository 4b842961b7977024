"""Permissions: who may see, score, rate, adjudicate and download which rows, and get which help.

Modes of scoring and blindness are decided in this package alone; every page, API view, export,
design and assignment uses it. The querysets that it returns hold the rows that a person may open.
For that person other rows do not exist: a request for them gets a 404.

Blindness applies in both directions. A night is *closed* to a person who still scores it without
help, or who has texts of it to rate: nothing of anybody else's scoring of it is shown to them. A
person who knows a text from elsewhere (see `annotations.exposure`) does not rate it.
Recordings of the same file are a single night, in whichever studies they are.
"""

from annotations.exposure import OVERSEERS
from annotations.visibility.adjudication import (
    adjudications_to_discard,
    adjudications_to_settle,
    why_not_adjudicated,
)
from annotations.visibility.assignment import (
    assignable_annotators,
    suggestible_scorings,
    why_none_assigned,
    why_not_assigned,
    why_not_opened_again,
    why_not_suggested,
)
from annotations.visibility.audit import withheld_from_audit
from annotations.visibility.help import (
    ShownByServer,
    allowed_suggestions,
    assisted_epochs,
    checkable_epochs,
    is_kept_blind_by_another,
    locked_epochs,
    may_have_events,
    shown_by_server,
    visible_events,
    why_claims_withheld,
)
from annotations.visibility.modes import (
    UNAIDED,
    assignable_modes,
    is_review,
    locks_answers,
    shows_another,
)
from annotations.visibility.nights import (
    UnaidedNightsError,
    closed_recordings,
    open_recordings,
    rates_texts_of,
    refuse_unaided_nights,
    unaided_recordings,
    unaided_scorings,
)
from annotations.visibility.rating import (
    WithheldItems,
    barred_items,
    blind_rating_studies,
    calibration_slots_of,
    could_oversee,
    eligible_raters,
    rating_slots_of,
    rating_studies_led_by,
    rating_studies_rated_by,
    recordings_of_items,
    slots_in_rated_studies,
    withheld_items,
    without_barred,
)
from annotations.visibility.releases import readable_releases, shared_releases, why_not_shared
from annotations.visibility.scorings import (
    checkable_scorings,
    own_scorings,
    readers_of,
    visible_comments,
    visible_scorings,
)

__all__ = [
    "OVERSEERS",
    "UNAIDED",
    "ShownByServer",
    "UnaidedNightsError",
    "WithheldItems",
    "adjudications_to_discard",
    "adjudications_to_settle",
    "allowed_suggestions",
    "assignable_annotators",
    "assignable_modes",
    "assisted_epochs",
    "barred_items",
    "blind_rating_studies",
    "calibration_slots_of",
    "checkable_epochs",
    "checkable_scorings",
    "closed_recordings",
    "could_oversee",
    "eligible_raters",
    "is_kept_blind_by_another",
    "is_review",
    "locked_epochs",
    "locks_answers",
    "may_have_events",
    "open_recordings",
    "own_scorings",
    "rates_texts_of",
    "rating_slots_of",
    "rating_studies_led_by",
    "rating_studies_rated_by",
    "readable_releases",
    "readers_of",
    "recordings_of_items",
    "refuse_unaided_nights",
    "shared_releases",
    "shown_by_server",
    "shows_another",
    "slots_in_rated_studies",
    "suggestible_scorings",
    "unaided_recordings",
    "unaided_scorings",
    "visible_comments",
    "visible_events",
    "visible_scorings",
    "why_claims_withheld",
    "why_none_assigned",
    "why_not_adjudicated",
    "why_not_assigned",
    "why_not_opened_again",
    "why_not_shared",
    "why_not_suggested",
    "withheld_from_audit",
    "withheld_items",
    "without_barred",
]
