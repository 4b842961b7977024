"""What a rater has to do in a rating study: the same count on every page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """The ratings of a rater. A second look, also at a calibration item, is a rating of its own."""

    calibration: int
    items: int
    """Items of the main round."""
    repeats: int
    """Hidden repeats."""
    done: int = 0

    @property
    def total(self) -> int:
        return self.calibration + self.items + self.repeats

    @property
    def words(self) -> str:
        """What the total consists of, without what there is none of."""
        parts = [
            (self.calibration, "calibration item"),
            (self.items, "item"),
            (self.repeats, "hidden repeat"),
        ]
        return ", ".join(f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in parts if n)
