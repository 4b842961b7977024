"""What was published for SleepVLM, to be seen beside one's own means and not mixed with them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class PublishedClaim:
    """A claim of one version of the paper; `high` is None where it only says "above"."""

    version: str
    label: str
    low: float
    high: float | None


SOURCE: Final = "arXiv 2603.26738"
PUBLISHED: Final = (
    PublishedClaim(
        version="v3",
        label="SleepVLM v3, two technologists: means 3.75 to 3.96",
        low=3.75,
        high=3.96,
    ),
    PublishedClaim(
        version="v1-v2",
        label="SleepVLM v1 and v2, abstract: above 4.0",
        low=4.0,
        high=None,
    ),
)
