"""Pages of the data manager: lists of recordings and scorings, their csv, views, acts on many."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.downloads import csv_lines
from annotations.tasks import send_refresh_of_nights
from epochwise.desk import acts
from epochwise.desk.acts import ACTS, Act
from epochwise.desk.list_forms import ActForm, AssignManyForm, ViewForm
from epochwise.desk.lists import KINDS, RECORDINGS, Listing, ListKind
from epochwise.desk.reading import Reader
from epochwise.desk.selection import Selection, chosen
from epochwise.desk.views import (
    address_of,
    removable_views,
    save_view,
    views_for,
)
from studies.access import get_or_404, signed_in, study_for
from studies.audit import record_download
from studies.models import Role


def _reader(request: HttpRequest, slug: str, kind: ListKind) -> Reader:
    user = signed_in(request)
    return Reader.of(user, study_for(user, slug, *kind.roles))


@login_required
@require_GET
def show(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Show a list, or, for htmx, its rows alone."""
    listed = KINDS[kind]
    reader = _reader(request, slug, listed)
    listing = Listing(listed, reader, request.GET)
    if reader.oversees and listed is RECORDINGS:
        send_refresh_of_nights(reader.study.pk)
    context = {
        "study": reader.study,
        "kind": listed,
        "listing": listing,
        "can_choose": reader.is_lead,
        "columns": list(listing.table.columns),
        "is_first": not listing.page.paginator.count and not listing.filter.is_active,
    }
    # The back button of the browser wants the whole page.
    if "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers:
        return render(request, "desk/_rows.html", context)
    views = views_for(reader.user, reader.study, listed.name)
    current = request.GET.get("view", "")
    context |= {
        "views": [(view, address_of(view), str(view.pk) == current) for view in views],
        "removable": set(
            removable_views(reader.user, reader.study, is_lead=reader.is_lead).values_list(
                "pk", flat=True
            )
        ),
        "acts": [ACTS[name] for name in listed.acts],
    }
    return render(request, "desk/list.html", context)


@login_required
@require_GET
def csv(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """Stream the rows of all pages, with the chosen columns in the chosen order."""
    listed = KINDS[kind]
    reader = _reader(request, slug, listed)
    listing = Listing(listed, reader, request.GET)
    record_download(request, study=reader.study, about=f"list of {listed.name} (csv)")
    return StreamingHttpResponse(
        csv_lines(listing.csv_columns, listing.csv_rows()),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{reader.study.slug}-{listed.name}.csv"'
        },
    )


# Saved views


@login_required
@require_POST
def save(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    listed = KINDS[kind]
    reader = _reader(request, slug, listed)
    form = ViewForm(request.POST, may_share=reader.is_lead)
    if not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{name}: {' '.join(map(str, errors))} The view was not saved.")
        return redirect(f"desk:{listed.name}", slug=reader.study.slug)
    given = form.cleaned_data
    view = save_view(
        user=reader.user,
        study=reader.study,
        page=listed.name,
        name=given["name"],
        query=given["query"],
        is_shared=given.get("is_shared", False),
    )
    messages.success(request, f"The view “{view}” is saved.")
    return redirect(address_of(view))


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, view_id: int) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, *RECORDINGS.roles)
    is_lead = study.allows(user, [Role.LEAD])
    view = get_or_404(removable_views(user, study, is_lead=is_lead), pk=view_id)
    view.delete()
    messages.success(request, f"The view “{view}” is removed. The rows of the list are as before.")
    return redirect(f"desk:{view.page}", slug=study.slug)


# Acts on the chosen rows


@login_required
@require_POST
def act(request: HttpRequest, slug: str, kind: str, what: str) -> HttpResponse:
    """Ask for what an act needs, show what it would do where that is not plain, then do it."""
    user = signed_in(request)
    reader = Reader.of(user, study_for(user, slug, Role.LEAD))
    selection = chosen(KINDS[kind], reader, request.POST)
    wanted = ACTS[what]
    acts.check_count(selection, wanted)
    step = request.POST.get("step", "")
    form = wanted.form(request.POST if step else None, selection=selection)
    if not step or not form.is_valid():
        return _ask(request, selection, wanted, form, status=400 if step else 200)
    if step == "preview" and isinstance(form, AssignManyForm):
        return _preview(request, selection, wanted, form)
    outcomes = acts.refused_first(wanted.do(selection, form))
    done = sum(outcome.done for outcome in outcomes)
    context = {
        **_around(request, selection, wanted),
        "outcomes": outcomes,
        "done": done,
        "refused": len(outcomes) - done,
    }
    return render(request, "desk/results.html", context)


def _ask(
    request: HttpRequest, selection: Selection, wanted: Act, form: ActForm, *, status: int
) -> HttpResponse:
    work = acts.open_work(selection) if wanted.is_of_open_work else None
    context = {
        **_around(request, selection, wanted),
        "form": form,
        "open_count": None if work is None else work.count(),
        "people_count": None
        if work is None
        else work.order_by().values("scorer").distinct().count(),
    }
    return render(request, "desk/act.html", context, status=status)


def _preview(
    request: HttpRequest, selection: Selection, wanted: Act, form: AssignManyForm
) -> HttpResponse:
    nights = acts.plan(selection, form)
    annotators = form.cleaned_data["annotators"]
    loads = Counter(person.pk for night in nights for person in night.gets)
    pairs = [pair for night in nights for pair in night.pairs]
    context = {
        **_around(request, selection, wanted),
        "form": form,
        "nights": sorted(nights, key=lambda night: not night.why),
        "loads": [(person.label, loads[person.pk]) for person in annotators],
        "pairs": ",".join(pairs),
        "count": len(pairs),
    }
    return render(request, "desk/plan.html", context)


def _around(request: HttpRequest, selection: Selection, wanted: Act) -> dict[str, Any]:
    """Return what every page of an act shows; `back` is the list as it was."""
    back = request.POST.get("back", "")
    return {
        "study": selection.reader.study,
        "kind": selection.kind,
        "selection": selection,
        "act": wanted,
        "back": back if back.startswith("?") else "",
    }
