"""The default model of a study: comparisons to decide by, and the decision."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from annotations.scoring.models import Scorer
from inference.bundles import BundleError
from inference.models import ModelBundle, PreScoreRun, Promotion
from inference.registry.bundles import find_bundle
from psg.errors import RefusedError
from studies.audit import record
from studies.models import Act, Study, User


def promoted_bundle(study: Study) -> ModelBundle | None:
    """Return the default model; None where there is none, or its promotion was withdrawn."""
    promoted = study.promotions.filter(decision=Promotion.Decision.PROMOTED)
    last = promoted.select_related("bundle__scorer").first()
    if last is None or study.promotions.filter(bundle=last.bundle, pk__gt=last.pk).exists():
        return None
    return last.bundle


def nights_read(study: Study, user: User) -> dict[int, int]:
    """Return how many nights each bundle has pre-scored, of those that `user` may see."""
    runs = PreScoreRun.objects.of(user).filter(recording__study=study, state=PreScoreRun.State.DONE)
    counted = runs.order_by().values("bundle").annotate(nights=Count("recording", distinct=True))
    return {row["bundle"]: row["nights"] for row in counted}


def consensus_of(study: Study) -> Scorer | None:
    """Return the scorer “consensus” of the study; None without any consensus."""
    return study.scorers.filter(kind=Scorer.Kind.CONSENSUS).first()


@dataclass(frozen=True)
class Comparison:
    """A page that compares a scorer with a reference."""

    label: str
    tested: int
    reference: int


def comparisons(
    bundle: ModelBundle, *, promoted: ModelBundle | None, consensus: Scorer | None
) -> list[Comparison]:
    """Return the comparisons of a model with the default model and with the experts."""
    pages = []
    if promoted is not None and promoted != bundle:
        pages.append(Comparison(f"with {promoted}", bundle.scorer_id, promoted.scorer_id))
    if consensus is not None:
        pages.append(Comparison("with the consensus", bundle.scorer_id, consensus.pk))
    return pages


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
        Without a reason, before the model has pre-scored a night of this study, or when it is
        already the default model.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    decision = Promotion.Decision(decision)
    if not reason.strip():
        raise PromotionRefusedError("Enter a reason. It is stored with the decision.")
    has_read = bundle.runs.filter(recording__study=study, state=PreScoreRun.State.DONE)
    if not has_read.exists():
        raise PromotionRefusedError(
            f"{bundle} has not pre-scored a recording of this study yet. Pre-score one first."
        )
    if decision is Promotion.Decision.PROMOTED and bundle.is_imported:
        raise PromotionRefusedError(
            f"The predictions of {bundle} were imported, so it cannot be run here."
        )
    if decision is Promotion.Decision.PROMOTED and promoted_bundle(study) == bundle:
        raise PromotionRefusedError(f"{bundle} is already the default model.")
    made = Promotion.objects.create(
        study=study, bundle=bundle, decision=decision, reason=reason.strip(), user=user
    )
    record(Act.MODEL_DECIDED, user=user, study=study, about=str(made), why=made.reason)
    return made


def bundle_to_use(*, study: Study, name: str) -> ModelBundle:
    """Return the bundle of this name; without a name the default model of the study.

    Raises
    ------
    BundleError
        When there is no bundle of that name, or without a name no default model.
    """
    if name:
        return find_bundle(name)
    promoted = promoted_bundle(study)
    if promoted is None:
        raise BundleError(
            "This study has no default model",
            where=study.slug,
            advice="Name the bundle to use.",
        )
    return promoted
