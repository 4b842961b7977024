"""The default model of a study, what there is to decide by, and the decision."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from annotations.scoring.models import Scorer
from inference.bundles import BundleError
from inference.models import ModelBundle, PreScoreRun, Promotion
from inference.registry.bundles import find_bundle
from psg.errors import RefusedError
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


# Promote a model in a study, or decide that it is not promoted.


class PromotionRefusedError(RefusedError):
    """The decision cannot be made, or changes nothing."""

    status = 409


@transaction.atomic
def decide(
    *, study: Study, bundle: ModelBundle, decision: str, reason: str, user: User | None
) -> Promotion:
    """Record a lead's decision about a model.

    Raises
    ------
    PromotionRefusedError
        Without a reason, or before the model has read a night of this study, since there is
        nothing to go by; or when it is promoted already.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    decision = Promotion.Decision(decision)
    if not reason.strip():
        raise PromotionRefusedError("Say why: the reason stays with the decision.")
    has_read = bundle.runs.filter(recording__study=study, state=PreScoreRun.State.DONE)
    if not has_read.exists():
        raise PromotionRefusedError(
            f"{bundle} has read no night of this study yet: there is nothing to go by."
        )
    if decision is Promotion.Decision.PROMOTED and promoted_bundle(study) == bundle:
        raise PromotionRefusedError(f"{bundle} is promoted already.")
    return Promotion.objects.create(
        study=study, bundle=bundle, decision=decision, reason=reason.strip(), user=user
    )


def bundle_to_use(*, study: Study, name: str) -> ModelBundle:
    """The bundle of this name, or the study's promoted one where none is named.

    Raises
    ------
    BundleError
        When there is none of that name, or none is named and none promoted.
    """
    if name:
        return find_bundle(name)
    promoted = promoted_bundle(study)
    if promoted is None:
        raise BundleError(
            "No model is promoted in this study",
            where=study.slug,
            advice="Name the bundle to use.",
        )
    return promoted
