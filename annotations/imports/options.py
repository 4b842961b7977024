"""What a person says of the files they import: whose they are, and what N counts."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

DEFAULT_SCORER = "MASS-EX"
LONGEST_LABEL = 120


class Counting(StrEnum):
    """What N counts where no epochs.csv says when the epochs were."""

    UNKNOWN = ""
    EPOCHS = "epochs"
    STAGED = "staged"


COUNTING_WORDS = {
    Counting.UNKNOWN: "epochs.csv says it",
    Counting.EPOCHS: "all epochs of the recording",
    Counting.STAGED: "the epochs that another scoring has staged, as in the published MASS-EX",
}


@dataclass(frozen=True)
class ImportOptions:
    """How to read and place the files of one import.

    `staged_by` is the id of the scorer by whose staged epochs N counts; `make_nights` makes
    recordings with labels only for nights that the study does not have.
    """

    scorer: str = ""
    counting: Counting = Counting.UNKNOWN
    staged_by: int | None = None
    make_nights: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ImportOptions":
        return cls(**{**data, "counting": Counting(data["counting"])})

    def label_of(self, folder: str, *, is_only: bool) -> str:
        """Name the scorer of a bundle: as asked for, as its folder says, or by both."""
        if self.scorer and folder and not is_only:
            return f"{self.scorer} {folder}"[:LONGEST_LABEL]
        return (self.scorer or folder or DEFAULT_SCORER)[:LONGEST_LABEL]
