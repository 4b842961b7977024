"""Copies: imported scorings that are no answers of another person.

A consensus or a model's scoring that was exported and comes in again as a file must not be counted
as another expert. It is recognised by its stages, and by the mark that exports carry.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from annotations.exposure import same_nights
from annotations.scoring.models import COPIED_KINDS, EpochScore, Scorer, Scoring, label_of
from annotations.scoring.scores import ScoreContent
from psg.doubts import Choice, Doubt, refuse_open
from psg.epochs import EpochGrid
from psg.stagefiles.marks import Mark
from psg.stages import Stage
from recordings.models import Recording

# Two experts agree in about 82 % of epochs, so that 100 equal epochs in a row of chance have a
# probability below 1e-8. Short nights can agree by chance; of a model they are copies all the same.
PERSON_EPOCHS = 100
LEAST_EPOCHS = 20
NEARLY = 0.995

COPY, OWN = "copy", "own"
# Where nobody can be asked, as in a worker: what is nearly equal is a copy, as most such files are.
WITHOUT_ANSWER = "unasked"
CODE = "copy"
CHOICES = (
    Choice(COPY, "A copy: it is not counted as another person"),
    Choice(OWN, "A scoring of its own: it is counted as another person"),
)


@dataclass(frozen=True)
class CopyFinding:
    """What an imported scoring is a copy of; `doubts` where that is assumed or to be answered.

    `kind` is the kind of the copied scorer, empty where the import is a scoring of its own.
    """

    original: Scoring | None = None
    kind: str = ""
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_copy(self) -> bool:
        return self.kind != ""


@dataclass(frozen=True)
class _Likeness:
    original: Scoring
    scored: int
    equal: int

    @property
    def kind(self) -> str:
        return str(self.original.copied_kind or self.original.scorer.kind)

    @property
    def share(self) -> float:
        return self.equal / self.scored

    @property
    def is_exact(self) -> bool:
        return self.equal == self.scored

    @property
    def is_derived(self) -> bool:
        """Whether the original itself is no answer of a person."""
        return self.kind in COPIED_KINDS

    @property
    def words(self) -> str:
        return (
            f"{self.equal} of {self.scored} stages equal those of"
            f" {label_of(self.original)} ({self.original.scorer.get_kind_display().lower()})"
        )


def find_copy(
    *,
    recording: Recording,
    stages: Sequence[Stage | str | None],
    mark: Mark | None = None,
    answer: str = "",
    besides: Scoring | None = None,
) -> CopyFinding:
    """Find out whether stages for an import are a copy of a scoring of the same night.

    Parameters
    ----------
    recording
        The recording of the import.
    stages
        Of every epoch of its grid.
    mark
        Of the file, where it has one.
    answer
        `COPY` or `OWN`, where a person said which; `UNASKED` where nobody can be asked. Empty
        leaves it to the content, and a person is asked where that is not certain.
    besides
        A scoring that is not compared, because it is the one that is imported again.
    """
    nearest = _nearest(recording, stages, besides)
    if mark and not mark.is_of(stages) and mark.kind in COPIED_KINDS:
        return _marked_and_changed(mark, nearest, answer)
    if nearest and nearest.is_exact and nearest.scored >= PERSON_EPOCHS:
        return CopyFinding(nearest.original, nearest.kind)
    if mark and mark.kind in COPIED_KINDS:
        return CopyFinding(nearest.original if nearest else None, mark.kind)
    if nearest is None:
        return CopyFinding()
    if nearest.is_exact and (nearest.is_derived or _is_marked_person(mark)):
        return CopyFinding(nearest.original, nearest.kind)
    if nearest.is_exact:
        return _short(nearest, answer)
    return _nearly(nearest, answer)


def stages_over(
    grid: EpochGrid, contents: Iterable[tuple[int, ScoreContent]]
) -> list[Stage | str | None]:
    """Return the stages of every epoch of a grid, None where the contents have none."""
    stages: list[Stage | str | None] = [None] * grid.epoch_count
    for epoch, content in contents:
        stages[epoch] = content.stage
    return stages


def refuse_doubtful(finding: CopyFinding) -> None:
    """Refuse while a person must say whether it is a copy.

    Raises
    ------
    OpenDoubtsError
    """
    refuse_open(finding.doubts)


def link_copy(*, scoring: Scoring, finding: CopyFinding) -> None:
    """Write on a scoring what it is a copy of."""
    scoring.copy_of = finding.original
    scoring.copied_kind = finding.kind if finding.kind in COPIED_KINDS else ""
    scoring.save(update_fields=["copy_of", "copied_kind"])


def copy_note(scoring: Scoring) -> str:
    """Say of what a scoring is a copy, for people."""
    kind = Scorer.Kind(scoring.copied_kind or Scorer.Kind.IMPORT).label.lower()
    original = label_of(scoring.copy_of) if scoring.copy_of else f"a {kind} scoring"
    return f"{scoring.scorer.label} is a copy of {original}, and is not counted as another person."


def _nearest(
    recording: Recording, stages: Sequence[Stage | str | None], besides: Scoring | None
) -> _Likeness | None:
    """Return the scoring that is most like these stages and could be their original.

    A person's scoring in another study is none: there the import stands for that person.
    """
    others = Scoring.objects.filter(recording__in=same_nights([recording.pk]))
    others = others.exclude(state=Scoring.State.WITHDRAWN)
    others = others.exclude(pk=besides.pk) if besides else others
    known = {scoring.pk: scoring for scoring in others.select_related("scorer", "recording")}
    of_scoring = _stages_of(known)
    likes = [_likeness(scoring, of_scoring[pk], stages) for pk, scoring in known.items()]
    able = [like for like in likes if like and _could_be_original(like, recording)]
    # An original comes before a copy of it, and of equal ones the consensus.
    return max(able, key=lambda n: (n.share, not n.original.is_copy, n.is_derived), default=None)


def _could_be_original(like: _Likeness, recording: Recording) -> bool:
    if like.scored < LEAST_EPOCHS:
        return False
    if like.is_derived:
        return like.share >= NEARLY
    return like.is_exact and like.original.recording_id == recording.pk


def _stages_of(scorings: Mapping[int, Scoring]) -> dict[int, dict[int, str]]:
    stages: dict[int, dict[int, str]] = {pk: {} for pk in scorings}
    rows = EpochScore.objects.filter(scoring__in=list(scorings), stage__isnull=False)
    for pk, epoch, stage in rows.order_by().values_list("scoring_id", "epoch", "stage"):
        stages[pk][epoch] = str(stage)
    return stages


def _likeness(
    original: Scoring, theirs: Mapping[int, str], stages: Iterable[Stage | str | None]
) -> _Likeness | None:
    given = {epoch: str(stage) for epoch, stage in enumerate(stages) if stage is not None}
    equal = sum(theirs.get(epoch) == stage for epoch, stage in given.items())
    return _Likeness(original, len(given), equal) if given and equal else None


def _is_marked_person(mark: Mark | None) -> bool:
    return mark is not None and mark.kind in (Scorer.Kind.HUMAN, Scorer.Kind.IMPORT)


def _short(like: _Likeness, answer: str) -> CopyFinding:
    """Judge a night so short that two people may agree on all of it."""
    if answer == COPY:
        return CopyFinding(like.original, like.kind)
    if answer == OWN:
        return CopyFinding()
    doubt = Doubt(
        code=CODE,
        what=f"All {like.words}, and the night is too short to tell a copy from full agreement",
        assumed="It is counted as a scoring of its own.",
        choices=CHOICES,
        option="--copy",
    )
    return CopyFinding(doubts=(doubt,))


def _nearly(like: _Likeness, answer: str) -> CopyFinding:
    if answer in (COPY, WITHOUT_ANSWER):
        return CopyFinding(like.original, like.kind)
    if answer == OWN:
        return CopyFinding()
    return CopyFinding(doubts=(_question(like.words[0].upper() + like.words[1:]),))


def _marked_and_changed(mark: Mark, like: _Likeness | None, answer: str) -> CopyFinding:
    if answer in (COPY, WITHOUT_ANSWER) or (like and like.is_exact):
        return CopyFinding(like.original if like else None, mark.kind)
    if answer == OWN:
        return CopyFinding()
    kind = Scorer.Kind(mark.kind).label.lower()
    what = f"The file was exported here or elsewhere from a {kind} scoring and changed since"
    return CopyFinding(doubts=(_question(what),))


def _question(what: str) -> Doubt:
    return Doubt(
        code=CODE,
        what=f"{what}. Is this file a copy, or did another person score the recording?",
        choices=CHOICES,
        option="--copy or --own-scoring",
    )
