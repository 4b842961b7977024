"""Checks asked for on a page: rows that workers take, as they take chunks."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from inference.models import BundleCheck, ModelBundle
from inference.services.bundles import load_spec
from inference.services.loaded import adapter_of
from inference.services.trials import try_bundle
from studies.models import User


@transaction.atomic
def ask_for_check(*, bundle: ModelBundle, requested_by: User | None = None) -> BundleCheck:
    """Return the check that is waiting for this bundle; a new one where there is none."""
    ModelBundle.objects.select_for_update().get(pk=bundle.pk)
    last = bundle.checks.first()
    if last is not None and last.is_live:
        return last
    return BundleCheck.objects.create(bundle=bundle, requested_by=requested_by)


def check_next(*, adapters: Sequence[str]) -> bool:
    """Do the oldest check that these adapters can do; False when there is none."""
    check = _claim(adapters)
    if check is None:
        return False
    bundle = check.bundle
    trial = try_bundle(lambda: load_spec(bundle), lambda _: adapter_of(bundle))
    check.report = trial.as_json()
    check.state = BundleCheck.State.PASSED if trial.passed else BundleCheck.State.FAILED
    check.finished_at = timezone.now()
    check.save(update_fields=["report", "state", "finished_at"])
    return True


@transaction.atomic
def _claim(adapters: Sequence[str]) -> BundleCheck | None:
    waiting = BundleCheck.objects.filter(
        state=BundleCheck.State.QUEUED, bundle__adapter__in=adapters
    )
    check = waiting.select_for_update(skip_locked=True).order_by("created_at", "pk").first()
    if check is not None:
        check.state = BundleCheck.State.RUNNING
        check.save(update_fields=["state"])
    return check
