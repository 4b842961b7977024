"""Finding or making the scorer behind a scoring."""

from typing import Any

from annotations.models import Scorer
from studies.models import Study, User


def scorer_of_user(*, user: User) -> Scorer:
    scorer, _ = Scorer.objects.get_or_create(
        user=user, defaults={"kind": Scorer.Kind.HUMAN, "label": str(user)}
    )
    return scorer


def imported_scorer(*, study: Study, label: str, provenance: dict[str, Any]) -> Scorer:
    """Return the scorer of imported files under this label; the first file's origin is kept."""
    scorer, _ = Scorer.objects.get_or_create(
        study=study, kind=Scorer.Kind.IMPORT, label=label, defaults={"provenance": provenance}
    )
    return scorer


def consensus_scorer(*, study: Study) -> Scorer:
    scorer, _ = Scorer.objects.get_or_create(
        study=study, kind=Scorer.Kind.CONSENSUS, label="Consensus"
    )
    return scorer


def model_scorer(*, label: str, provenance: dict[str, Any]) -> Scorer:
    """Make the scorer of one model. Its provenance never changes: a new one needs a new label."""
    return Scorer.objects.create(kind=Scorer.Kind.MODEL, label=label, provenance=provenance)
