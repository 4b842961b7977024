"""Evening out how a text is set, so that its looks do not tell who or what wrote it.

Words, numbers and their order stay. Removed are the layout (lines, lists,
headings, emphasis, fences) and the choice between signs that mean the same.
"""

import hashlib
import json
import random
import re
import secrets
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import BooleanField, ExpressionWrapper, Q

from annotations.rating.design import ArmDesign, RatingDesign
from annotations.rating.models import RatingArm, RatingItem, RatingStudy
from annotations.rating.sampling import (
    Candidate,
    changes_beside,
    inclusion_probabilities,
    known_wrong,
    sample,
    shared_epochs,
)
from annotations.scoring.models import EpochScore
from psg.render import RENDERER_VERSION
from recordings.models import Recording

_SAME_SIGNS: Final = {
    "-": "\u2010\u2011\u2012\u2013\u2014\u2212",
    "'": "\u2018\u2019\u201a\u02bc",
    '"': "\u201c\u201d\u201e\u00ab\u00bb",
    "\u03bc": "\u00b5",
    "...": "\u2026",
    "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff",
}
_SIGNS: Final = str.maketrans({old: new for new, signs in _SAME_SIGNS.items() for old in signs})
_FENCE: Final = re.compile(r"^\s*(```|~~~)[\w-]*\s*$", re.MULTILINE)
_LIST_MARK: Final = re.compile(r"^\s*(?:[-*+\u2022\u25e6\u25aa]|\(?(?:\d{1,2}|[a-z])[.)])\s+")
_HEADING: Final = re.compile(r"^\s*#{1,6}\s+")
_EMPHASIS: Final = re.compile(r"(?<!\w)(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_MICROVOLT: Final = re.compile(r"(?<![^\W\d_])uV\b")
_UNIT: Final = re.compile(r"(?<=\d)(?=(?:\u03bcV|Hz|ms|s)\b|%)")
_ENDS: Final = (".", "!", "?", ":", ";", ",")


def evened(text: str) -> str:
    """Return the text as a single line without marks that ends with a full stop."""
    plain = unicodedata.normalize("NFC", _FENCE.sub("", text)).translate(_SIGNS)
    joined = _EMPHASIS.sub(r"\2", " ".join(_sentences(plain)))
    joined = _UNIT.sub(" ", _MICROVOLT.sub("\u03bcV", joined))
    return " ".join(joined.split())


def _sentences(text: str) -> list[str]:
    """Return the lines without their marks; what a line break ended, a full stop ends."""
    lines = text.splitlines()
    sentences = []
    for place, line in enumerate(lines):
        words = _LIST_MARK.sub("", _HEADING.sub("", line)).strip()
        if not words:
            continue
        after = lines[place + 1] if place + 1 < len(lines) else ""
        needs_stop = (_begins_anew(after) or _HEADING.match(line)) and not _is_ended(words)
        sentences.append(f"{words}." if needs_stop else words)
    return sentences


def _is_ended(words: str) -> bool:
    return words.rstrip("*_`\"')").endswith(_ENDS)


def _begins_anew(line: str) -> bool:
    return not line.strip() or bool(_LIST_MARK.match(line) or _HEADING.match(line))


# Drawing the items of a rating study: which words, beside which epoch, for which arm.


CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
# Controls made for the sample to choose from: in all, and of a scoring.
CONTROLS_TO_CHOOSE_FROM = 2000
FEWEST_CONTROLS = 20
Phase = RatingItem.Phase
Stages = dict[int, str]


@dataclass(frozen=True)
class Drawn:
    """An item before it is written down; `arm` is its place among the arms.

    `probability` is that of being drawn to the main round; None in other rounds, and if unknown.
    """

    candidate: Candidate
    arm: int
    phase: Phase
    probability: float | None = None


@dataclass(frozen=True)
class Drawing:
    """The items, and from what they were drawn: rationales of each arm, and epochs of all arms."""

    items: list[Drawn]
    frame: list[int]
    shared_epochs: int | None = None
    """With a rationale of every arm; None where each arm was drawn by itself."""


def draw(design: RatingDesign) -> Drawing:
    """Draw every arm's items, calibration round included, in an order that tells no arm.

    Fewer come where an arm has fewer; controls never use words that are rated as written.
    """
    rng = random.Random(design.seed)
    scored = _rateable(design)
    frame = [sum(len(scored[scoring.pk]) for scoring in arm.scorings) for arm in design.arms]
    sources = [n for n, arm in enumerate(design.arms) if arm.kind == RatingArm.Kind.SOURCE]
    controls = [n for n in range(len(design.arms)) if n not in sources]
    drawn: list[Drawn] = []
    shared_epochs = None
    if design.same_epochs and sources:
        drawn, shared_epochs = _draw_together(design, sources, scored, rng)
        sources = []
    for place in sources + controls:
        taken = {item.candidate.score_id for item in drawn}
        arm, candidates = design.arms[place], _candidates(design.arms[place], scored, taken, rng)
        of_arm = _draw_arm(design, place, candidates, rng)
        # Control items are of no population, and arms with common scorings draw from what is left.
        is_whole = arm.kind == RatingArm.Kind.SOURCE and len(candidates) == frame[place]
        drawn += _with_probabilities(of_arm, candidates) if is_whole else of_arm
    rng.shuffle(drawn)
    return Drawing(drawn, frame, shared_epochs)


def _with_probabilities(drawn: Sequence[Drawn], candidates: Sequence[Candidate]) -> list[Drawn]:
    in_main = sum(item.phase == Phase.MAIN for item in drawn) / max(len(drawn), 1)
    chosen = inclusion_probabilities(candidates, count=len(drawn))
    likely = {c.score_id: in_main * p for c, p in zip(candidates, chosen, strict=True)}
    return [
        replace(item, probability=likely[item.candidate.score_id])
        if item.phase == Phase.MAIN
        else item
        for item in drawn
    ]


def _draw_arm(
    design: RatingDesign, place: int, candidates: Sequence[Candidate], rng: random.Random
) -> list[Drawn]:
    share = _calibration_shares(design)[place]
    chosen = sample(candidates, count=design.arms[place].item_count + share, rng=rng)
    gold = set(rng.sample(chosen, min(share, len(chosen) // 2)))
    return [Drawn(c, place, Phase.CALIBRATION if c in gold else Phase.MAIN) for c in chosen]


def _draw_together(
    design: RatingDesign,
    places: Sequence[int],
    scored: Mapping[int, list[Candidate]],
    rng: random.Random,
) -> tuple[list[Drawn], int]:
    """Draw epochs that all arms have words about, so that arms are compared epoch by epoch.

    Returns the items, and the number of epochs from which they were drawn.
    """
    arms = [design.arms[place] for place in places]
    shares = [_calibration_shares(design)[place] for place in places]
    words = [
        [candidate for scoring in arm.scorings for candidate in scored[scoring.pk]] for arm in arms
    ]
    wanted = max(arm.item_count for arm in arms) + max(shares)
    shared = shared_epochs(words, rng=rng)
    chosen = sample(shared, count=wanted, rng=rng)
    likely = dict(zip(shared, inclusion_probabilities(shared, count=len(chosen)), strict=True))
    gold = rng.sample(chosen, min(max(shares), len(chosen) // 2))
    # In random order, so that an arm with fewer items has an even part of the epochs.
    main = [epoch for epoch in rng.sample(chosen, len(chosen)) if epoch not in gold]
    drawn = []
    for side, (place, arm, share) in enumerate(zip(places, arms, shares, strict=True)):
        in_main = min(arm.item_count, len(main)) / max(len(chosen), 1)
        rivals = Counter((c.recording, c.epoch) for c in words[side])
        drawn += [
            Drawn(
                epoch.by_arm[side],
                place,
                Phase.MAIN,
                in_main * likely[epoch] / rivals[epoch.recording, epoch.epoch],
            )
            for epoch in main[: arm.item_count]
        ]
        drawn += [Drawn(epoch.by_arm[side], place, Phase.CALIBRATION) for epoch in gold[:share]]
    return drawn, len(shared)


def _calibration_shares(design: RatingDesign) -> list[int]:
    each, rest = divmod(design.calibration_count, len(design.arms))
    return [each + (place < rest) for place in range(len(design.arms))]


def _candidates(
    arm: ArmDesign, scored: Mapping[int, list[Candidate]], taken: set[int], rng: random.Random
) -> list[Candidate]:
    of_scorings = [scored[scoring.pk] for scoring in arm.scorings]
    if arm.kind == RatingArm.Kind.CONTROL:
        count = max(FEWEST_CONTROLS, CONTROLS_TO_CHOOSE_FROM // len(of_scorings))
        return [
            candidate
            for of_scoring in of_scorings
            for candidate in known_wrong(of_scoring, taken=taken, count=count, rng=rng)
        ]
    return [
        candidate
        for of_scoring in of_scorings
        for candidate in of_scoring
        if candidate.score_id not in taken
    ]


def _rateable(design: RatingDesign) -> dict[int, list[Candidate]]:
    """Return, by scoring, the epochs with a stage, a rationale and a signal to hold it against."""
    scorings = {scoring.pk: scoring for arm in design.arms for scoring in arm.scorings}
    stages, with_words = _stages({*scorings, *(scoring.pk for scoring in design.reference)})
    reference = {
        scoring.recording_id: stages[scoring.pk]
        for scoring in design.reference
        if scoring.pk in stages
    }
    rateable: dict[int, list[Candidate]] = {pk: [] for pk in scorings}
    for score_id, scoring_id, epoch in with_words:
        if scoring_id not in scorings:
            continue
        recording_id = scorings[scoring_id].recording_id
        known = reference.get(recording_id, {})
        rateable[scoring_id].append(
            Candidate(
                score_id=score_id,
                recording=recording_id,
                epoch=epoch,
                stage=stages[scoring_id][epoch],
                reference_stage=known.get(epoch),
                is_transition=changes_beside(
                    known if epoch in known else stages[scoring_id], epoch
                ),
            )
        )
    return rateable


def _stages(scorings: Iterable[int]) -> tuple[dict[int, Stages], list[tuple[int, int, int]]]:
    """Return the stages of each scoring, and which scores (pk, scoring, epoch) have words."""
    has_words = ExpressionWrapper(~Q(rationale=""), output_field=BooleanField())
    rows = (
        EpochScore.objects.filter(
            scoring__in=list(scorings),
            scoring__recording__state=Recording.State.READY,
            stage__isnull=False,
        )
        .order_by("scoring_id", "epoch")
        .values_list("pk", "scoring_id", "epoch", "stage", has_words)
    )
    stages: dict[int, Stages] = defaultdict(dict)
    with_words = []
    for pk, scoring_id, epoch, stage, is_worded in rows:
        stages[scoring_id][epoch] = stage or ""
        if is_worded:
            with_words.append((pk, scoring_id, epoch))
    return stages, with_words


def write_items(
    rating_study: RatingStudy, arms: Sequence[RatingArm], drawn: Sequence[Drawn]
) -> None:
    """Copy what is drawn into items: nothing of them follows their source from here on."""
    scores = EpochScore.objects.select_related("scoring").in_bulk(
        [item.candidate.score_id for item in drawn]
    )
    codes = _codes(len(drawn))
    RatingItem.objects.bulk_create(
        _item(rating_study, arms[item.arm], item, scores[item.candidate.score_id], code)
        for item, code in zip(drawn, codes, strict=True)
    )


def _codes(count: int) -> list[str]:
    """Return codes that follow from nothing, so that nothing follows from them."""
    codes: set[str] = set()
    while len(codes) < count:
        codes.add("".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH)))
    return list(codes)


def _item(
    rating_study: RatingStudy, arm: RatingArm, drawn: Drawn, score: EpochScore, code: str
) -> RatingItem:
    candidate = drawn.candidate
    return RatingItem(
        rating_study=rating_study,
        arm=arm,
        phase=drawn.phase,
        code=code,
        recording_id=candidate.recording,
        epoch=candidate.epoch,
        source=score,
        stage=candidate.stage,
        rules=score.rules,
        rationale=score.rationale,
        words=evened(score.rationale),
        reference_stage=candidate.reference_stage,
        is_transition=candidate.is_transition,
        inclusion_probability=drawn.probability,
        rule_edition=score.scoring.rule_edition,
        renderer_version=RENDERER_VERSION,
        text_sha256=text_sha256(score),
    )


def text_sha256(score: EpochScore) -> str:
    """Hash what a score says: stage, rules and rationale as written."""
    text = json.dumps([score.stage, score.rules, score.rationale], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
