"""First steps in a new study: what its lead does until the first recording is assigned."""

from dataclasses import dataclass

from django.urls import reverse

from studies.models import Study


@dataclass(frozen=True)
class FirstStep:
    """A step with the page on which it is done."""

    action: str
    words: str
    address: str
    is_done: bool = False


def first_steps(study: Study, *, recordings: int, assigned: int) -> list[FirstStep]:
    """Return the steps of a study; none once recordings are there and assigned."""
    if recordings and assigned:
        return []
    slug = [study.slug]
    others = study.memberships.order_by().values("user").distinct().count() > 1
    return [
        FirstStep(
            "Add recordings",
            "Drop files or a folder. Names and dates are removed. Scoring can start after about a"
            " minute.",
            reverse("recordings:intake", args=slug),
            bool(recordings),
        ),
        FirstStep(
            "Invite people",
            "Annotators score recordings. Adjudicators, raters and viewers can follow later.",
            reverse("studies:members", args=slug) + "#invite",
            others or study.invitations.exists(),
        ),
        FirstStep(
            "Assign recordings",
            "Choose rows in the list of recordings, then the number of annotators. You can also"
            " assign a recording to yourself.",
            reverse("desk:recordings", args=slug),
            bool(assigned),
        ),
        FirstStep(
            "Check the protocol",
            "Track, mode and guideline apply to what is assigned afterwards.",
            reverse("studies:protocol", args=slug),
        ),
    ]
