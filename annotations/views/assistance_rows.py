"""The numbers of the report on suggestions in words, in the order in which the page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations.queries.assistance.behind import EVERY, NO_REFERENCE
from studies.models import Mode

WRONG_ACCEPTED = "Wrong suggestions that ended as the answer"
RATES: dict[str, dict[str, str]] = {
    Mode.REVEAL: {
        "switched": "Switched to the suggestion, where it differed",
        "switched_to_right": "Switched to it, where it differed and was right",
        "switched_to_wrong": "Switched to it, where it differed and was wrong",
        "led_astray": "Switched to it, where it was wrong and the own answer right",
        "switched_elsewhere": "Switched to a third stage, where it differed",
        "accepted_wrong": WRONG_ACCEPTED,
        "said_the_same_wrong_before": "Wrong suggestions answered alike before they were seen",
        "right_before": "Right before the suggestion was seen",
        "right_after": "Right afterwards",
    },
    Mode.ASSISTED: {
        "followed": "Ended as suggested",
        "taken_by_key": "Taken over by the key",
        "accepted_wrong": WRONG_ACCEPTED,
        "refused_right": "Right suggestions that did not end as the answer",
        "right_after": "Right in the end",
    },
}
OTHERS: dict[str, dict[str, str]] = {
    Mode.REVEAL: {
        "words_unchanged": "Rationale unchanged from the locked one",
        "before_reveal": "Timed before the suggestion",
        "after_reveal_alike": "Timed after it, where it was alike",
        "after_reveal_different": "Timed after it, where it differed",
    },
    Mode.ASSISTED: {
        "words_unchanged": "Rationale unchanged from the suggested one, followed",
        "with_suggestion": "Timed",
    },
}
IN_BOTH = {
    EVERY: "Answered with a suggestion at hand",
    NO_REFERENCE: "Without a reference of somebody else",
    "not_locked": "Never locked, in reveal",
    "suggestion_never_sent": "Answered before any suggestion had left the server",
    "without_stage": "Without a stage on either side",
}


@dataclass(frozen=True)
class RateRow:
    name: str
    words: str
    rate: Mapping[str, Any]


def rate_rows(of_mode: Mapping[str, Any]) -> list[RateRow]:
    words = RATES[of_mode["mode"]]
    return [RateRow(name, told, of_mode["rates"][name]) for name, told in words.items()]


def numbers_in(mode: str) -> dict[str, str]:
    """Every number that has epochs behind it, in one mode or, with none named, in both."""
    if not mode:
        return IN_BOTH
    return {EVERY: IN_BOTH[EVERY], **RATES[mode], **OTHERS[mode]}
