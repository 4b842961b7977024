"""What can be done with many rows of a list: assign, pre-score, set due dates, remind, export."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from annotations.exchange.exports import exportable_scorings, request_export
from annotations.scoring.many import Outcome, remind_many, reschedule_many
from annotations.scoring.models import Scoring
from annotations.scoring.sharing import PlannedNight, assign_many, plan_assignments
from annotations.tasks import send_reminders
from epochwise.desk.list_forms import (
    ActForm,
    AssignManyForm,
    DueManyForm,
    ExportManyForm,
    PrescoreForm,
    RemindForm,
)
from epochwise.desk.lists import RECORDINGS
from epochwise.desk.selection import MOST_ROWS, Selection, SelectionError
from inference.runs.entry import begin_each
from jobs.kinds import send_after_commit
from recordings.models import Recording


@dataclass(frozen=True)
class Act:
    """An act on the chosen rows: its words, its fields, and the service behind it."""

    name: str
    title: str
    button: str
    """Of the list, where rows are chosen."""
    confirm: str
    """Of the page of the act."""
    form: type[ActForm]
    do: Callable[[Selection, ActForm], list[Outcome]]
    previews: bool = False
    is_of_open_work: bool = False
    """Whether it concerns the open scorings alone."""


def recordings_of(selection: Selection) -> QuerySet[Recording]:
    """Return the chosen recordings."""
    chosen = RECORDINGS.rows(selection.reader).filter(pk__in=selection.ids)
    return chosen.select_related("study", "subject").order_by("name")


def open_work(selection: Selection) -> QuerySet[Scoring]:
    """Return the open scorings of people that are chosen, or that chosen recordings have."""
    path = "recording" if selection.kind is RECORDINGS else "pk"
    work = selection.reader.work.filter(state=Scoring.State.OPEN)
    return work.filter(**{f"{path}__in": selection.ids})


def _without_work(selection: Selection, work: QuerySet[Scoring]) -> list[Outcome]:
    """Return a refusal for each chosen row without an open scoring."""
    path = "recording" if selection.kind is RECORDINGS else "pk"
    having = set(work.values_list(path, flat=True))
    idle = selection.kind.rows(selection.reader).filter(pk__in=set(selection.ids) - having)
    return [
        Outcome(str(row), False, "No open scoring by an annotator that you may see.")
        for row in idle
    ]


# Assign, in two steps: a plan, and what was planned


def plan(selection: Selection, form: AssignManyForm) -> list[PlannedNight]:
    return plan_assignments(
        study=selection.reader.study,
        recordings=list(recordings_of(selection)),
        annotators=list(form.cleaned_data["annotators"]),
        wish=form.wish,
        by=selection.reader.user,
    )


def planned_pairs(given: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Read the pairs of recording and annotator that a person saw in the plan.

    Raises
    ------
    SelectionError
    """
    texts = [text for text in given.get("pairs", "").split(",") if text]
    pairs = [tuple(text.split(":")) for text in texts]
    if not all(len(pair) == 2 and all(map(_is_id, pair)) for pair in pairs):
        raise SelectionError("The plan was not understood. Nothing was assigned. Start again.")
    if len(pairs) > 10 * MOST_ROWS:
        raise SelectionError("The plan has too many assignments. Narrow the list by a filter.")
    return [(int(recording), int(user)) for recording, user in pairs]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _assign(selection: Selection, form: ActForm) -> list[Outcome]:
    assert isinstance(form, AssignManyForm)
    reader, chosen = selection.reader, set(selection.ids)
    pairs = [pair for pair in planned_pairs(form.data) if pair[0] in chosen]
    return assign_many(study=reader.study, pairs=pairs, wish=form.wish, by=reader.user)


# The other acts


def _set_due(selection: Selection, form: ActForm) -> list[Outcome]:
    reader, work = selection.reader, open_work(selection)
    idle = _without_work(selection, work)
    ids = list(work.values_list("pk", flat=True))
    due = form.cleaned_data["due"]
    return idle + reschedule_many(study=reader.study, scorings=ids, due=due, by=reader.user)


def _remind(selection: Selection, form: ActForm) -> list[Outcome]:
    reader, work = selection.reader, open_work(selection)
    idle = _without_work(selection, work)
    ids = list(work.values_list("pk", flat=True))
    outcomes, reminded = remind_many(study=reader.study, scorings=ids, by=reader.user)
    transaction.on_commit(lambda: send_reminders(reminded))
    return idle + outcomes


def _prescore(selection: Selection, form: ActForm) -> list[Outcome]:
    start = begin_each(
        study=selection.reader.study,
        recordings=recordings_of(selection),
        bundle=form.cleaned_data["bundle"],
        requested_by=selection.reader.user,
    )
    queued = [Outcome(str(run.recording), True, "Queued for pre-scoring.") for run in start.runs]
    return [Outcome(str(night), False, reason) for night, reason in start.left_out] + queued


@transaction.atomic
def _export(selection: Selection, form: ActForm) -> list[Outcome]:
    reader, scorer = selection.reader, form.cleaned_data["scorer"]
    include_open = form.cleaned_data["include_open"]
    export = request_export(
        study=reader.study,
        scorer=scorer,
        include_open=include_open,
        requested_by=reader.user,
        recordings=selection.ids,
    )
    send_after_commit(export)
    scorings = exportable_scorings(
        reader.study, scorer, include_open=include_open, recordings=selection.ids
    )
    exported = {scoring.recording_id for scoring in scorings}
    return [
        Outcome(str(night), True, "In the export.")
        if night.pk in exported
        else Outcome(str(night), False, f"No scoring by {scorer} to export.")
        for night in recordings_of(selection)
    ]


ACTS = {
    act.name: act
    for act in (
        Act(
            "assign", "Assign recordings", "Assign…", "Preview assignments", AssignManyForm,
            _assign, previews=True,
        ),
        Act(
            "prescore", "Pre-score recordings", "Pre-score…", "Start pre-scoring", PrescoreForm,
            _prescore,
        ),
        Act(
            "due", "Set due date", "Set due date…", "Set due date", DueManyForm, _set_due,
            is_of_open_work=True,
        ),
        Act(
            "remind", "Send reminders", "Remind…", "Send reminders", RemindForm, _remind,
            is_of_open_work=True,
        ),
        Act("export", "Export scorings", "Export…", "Export scorings", ExportManyForm, _export),
    )
}  # fmt: skip


def refused_first(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda outcome: outcome.done)
