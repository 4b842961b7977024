"""Notices about exports, and about imports of scorings, to whoever started them."""

from collections.abc import Collection, Mapping

from django.urls import reverse

from annotations.exchange.models import Export, FileImport, MassexImport, ScoringImport
from studies.models import User
from studies.notices.kinds import Thing
from studies.notices.sending import notify


def tell_export(export: Export) -> None:
    """Call after the state has changed."""
    if export.requested_by:
        notify("export", study=export.study, to=[export.requested_by], about=[export.pk])


def tell_import(made: FileImport) -> None:
    """Call after the state has changed."""
    if made.requested_by:
        name = "massex_import" if isinstance(made, MassexImport) else "scoring_import"
        notify(name, study=made.study, to=[made.requested_by], about=[made.pk])


def exports_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    exports = Export.objects.of(user).filter(pk__in=ids).select_related("study", "scorer")
    return {
        each.pk: Thing(
            f"Scorings by {each.scorer}",
            reverse("annotations:exports", args=[each.study.slug]),
            each.get_state_display().lower(),
        )
        for each in exports
    }


def massex_imports_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    imports = MassexImport.objects.of(user).filter(pk__in=ids)
    return {each.pk: _import(each, "annotations:massex-import") for each in imports}


def scoring_imports_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    imports = ScoringImport.objects.of(user).filter(pk__in=ids)
    return {each.pk: _import(each, "annotations:scoring-import") for each in imports}


def _import(made: FileImport, page: str) -> Thing:
    is_over = made.state == FileImport.State.DISCARDED
    state = made.get_state_display().lower()
    return Thing(f"Import {made.pk}", reverse(page, args=[made.pk]), state, is_over=is_over)
