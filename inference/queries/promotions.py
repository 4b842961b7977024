"""The promoted model of a study, and what there is to decide by."""

from dataclasses import dataclass

from django.db.models import Count

from annotations.scoring.models import Scorer
from inference.models import ModelBundle, PreScoreRun, Promotion
from studies.models import Study, User


def promoted_bundle(study: Study) -> ModelBundle | None:
    """The model promoted last, unless that was taken back since."""
    promoted = study.promotions.filter(decision=Promotion.Decision.PROMOTED)
    last = promoted.select_related("bundle__scorer").first()
    if last is None or study.promotions.filter(bundle=last.bundle, pk__gt=last.pk).exists():
        return None
    return last.bundle


def nights_read(study: Study, user: User) -> dict[int, int]:
    """How many nights of the study each bundle has read to the end, of those `user` may see."""
    runs = PreScoreRun.objects.of(user).filter(recording__study=study, state=PreScoreRun.State.DONE)
    counted = runs.order_by().values("bundle").annotate(nights=Count("recording", distinct=True))
    return {row["bundle"]: row["nights"] for row in counted}


def consensus_of(study: Study) -> Scorer | None:
    """The experts' consensus, where one was ever made."""
    return study.scorers.filter(kind=Scorer.Kind.CONSENSUS).first()


@dataclass(frozen=True)
class Comparison:
    """A page that judges one scorer by another."""

    label: str
    tested: int
    reference: int


def comparisons(
    bundle: ModelBundle, *, promoted: ModelBundle | None, consensus: Scorer | None
) -> list[Comparison]:
    """What a lead should look at before deciding: against the promoted model, and the experts."""
    found = []
    if promoted is not None and promoted != bundle:
        found.append(Comparison(f"with {promoted}", bundle.scorer_id, promoted.scorer_id))
    if consensus is not None:
        found.append(Comparison("with the consensus", bundle.scorer_id, consensus.pk))
    return found
