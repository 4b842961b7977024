"""Promote a model in a study, or decide that it is not promoted."""

from django.db import transaction

from inference.bundles import BundleError
from inference.models import ModelBundle, PreScoreRun, Promotion
from inference.queries.promotions import promoted_bundle
from inference.services.bundles import find_bundle
from studies.models import Study, User


class PromotionRefusedError(Exception):
    """The decision cannot be made, or changes nothing."""


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
