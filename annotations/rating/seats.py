"""Who is to rate which item of a study, before launch to look at and at launch to keep."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.rating.assignment import Block, TooFewRatersError, assign_raters
from annotations.rating.design import RatingDesignError, panel_of
from annotations.rating.models import RatingItem, RatingSlot, RatingStudy
from annotations.rating.sampling import Turn, queue_order, spread
from annotations.visibility import barred_items
from studies.models import User

Phase = RatingItem.Phase
# Number of items of the main round for each calibration item that is repeated there.
MAIN_ITEMS_PER_GOLD_ITEM = 10


@dataclass(frozen=True)
class Seating:
    """Raters and items with who rates what; blocks name raters by their place."""

    raters: Sequence[User]
    calibration: Sequence[RatingItem]
    calibration_blocks: Sequence[Block]
    items: Sequence[RatingItem]
    blocks: Sequence[Block]

    def queue(self, rater: int, *, repeat_percent: int, seed: int) -> list[tuple[RatingItem, Turn]]:
        """Return the turns of a rater: the calibration round, then the main round, each shuffled.

        Gold items come again in the main round, to see whether the rater still meets them.
        """
        user_id = self.raters[rater].pk
        first = _turns(self.calibration, self.calibration_blocks, rater)
        main = _turns(self.items, self.blocks, rater)
        opening = queue_order(first, repeat_percent=0, seed=seed, rater=-user_id)
        turns = queue_order(main, repeat_percent=repeat_percent, seed=seed, rater=user_id)
        again = [Turn(turn.item, 1) for turn in opening[: len(main) // MAIN_ITEMS_PER_GOLD_ITEM]]
        rated = [(main[turn.item], turn) for turn in turns]
        return [
            *((first[turn.item], turn) for turn in opening),
            *spread([(first[turn.item], turn) for turn in again], among=rated),
        ]


def _turns(
    items: Sequence[RatingItem], blocks: Sequence[Block], rater: int
) -> dict[int, RatingItem]:
    return {
        place: item
        for place, (item, block) in enumerate(zip(items, blocks, strict=True))
        if rater in block
    }


def seating_of(rating_study: RatingStudy) -> Seating:
    """Assign the raters of a study to its items; the same study and seed give the same.

    Raises
    ------
    RatingDesignError
        When there is no item to rate, as after the erasure of its recordings, or when items have
        too few raters who neither wrote nor know them.
    """
    raters = panel_of(rating_study)
    items = list(
        rating_study.items.select_related("source__scoring__scorer", "recording", "gold").order_by(
            "pk"
        )
    )
    blocked = _blocked(rating_study, items, raters)
    main = [item for item in items if item.phase == Phase.MAIN]
    first = [item for item in items if item.phase == Phase.CALIBRATION]
    if not main:
        raise RatingDesignError("There is no item to rate. Change the draft and draw items again.")
    try:
        blocks = assign_raters(
            rater_count=len(raters),
            raters_per_item=rating_study.design["raters_per_item"],
            blocked=[blocked[item.pk] for item in main],
            groups=[item.arm_id for item in main],
            seed=rating_study.seed,
        )
    except TooFewRatersError as short:
        raise RatingDesignError(
            f"{len(short.items)} of {len(main)} items have fewer than "
            f"{rating_study.design['raters_per_item']} raters who may rate them: nobody rates "
            "what they wrote, know from elsewhere, or still score without help. "
            "Choose more raters, or fewer for each item."
        ) from None
    everyone = range(len(raters))
    return Seating(
        raters=raters,
        calibration=first,
        calibration_blocks=[
            tuple(rater for rater in everyone if rater not in blocked[item.pk]) for item in first
        ],
        items=main,
        blocks=blocks,
    )


def _blocked(
    rating_study: RatingStudy, items: Sequence[RatingItem], raters: Sequence[User]
) -> dict[int, set[int]]:
    """Return, by item, the places of raters who must not rate it."""
    blocked: dict[int, set[int]] = {item.pk: set() for item in items}
    for place, rater in enumerate(raters):
        for pk in barred_items(rater, rating_study.items.all()):
            blocked[pk].add(place)
    return blocked


def slots_of_seating(seating: Seating, rating_study: RatingStudy) -> list[RatingSlot]:
    """Return the queues of all raters, not saved yet."""
    return [
        RatingSlot(item=item, rater=rater, place=place, repeat=turn.repeat)
        for seat, rater in enumerate(seating.raters)
        for place, (item, turn) in enumerate(
            seating.queue(
                seat,
                repeat_percent=rating_study.design["repeat_percent"],
                seed=rating_study.seed,
            ),
            start=1,
        )
    ]
