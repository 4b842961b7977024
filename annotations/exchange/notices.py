"""Notices about exports, and about imports of scorings, to whoever started them."""

from collections.abc import Collection, Mapping

from django.db.models import QuerySet
from django.urls import reverse

from annotations.exchange.models import Export, FileImport, MassexImport, ScoringImport
from annotations.visibility import closed_recordings
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
    return _imports(user, MassexImport.objects.of(user).filter(pk__in=ids), "massex-import")


def scoring_imports_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    return _imports(user, ScoringImport.objects.of(user).filter(pk__in=ids), "scoring-import")


def _imports(
    user: User, imports: "QuerySet[MassexImport] | QuerySet[ScoringImport]", page: str
) -> Mapping[int, Thing]:
    """Return imports by their state. Their page may be closed to who scores; the list never is."""
    imports = imports.select_related("study")
    is_blind = bool(closed_recordings(user)) if imports else False
    return {each.pk: _import(each, page, to_list=is_blind) for each in imports}


def _import(made: FileImport, page: str, *, to_list: bool) -> Thing:
    if to_list:
        address = reverse(f"annotations:{page}s", args=[made.study.slug])
    else:
        address = reverse(f"annotations:{page}", args=[made.pk])
    is_over = made.state == FileImport.State.DISCARDED
    return Thing(f"Import {made.pk}", address, made.get_state_display().lower(), is_over=is_over)
