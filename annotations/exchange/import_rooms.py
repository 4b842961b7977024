"""The kinds of imports, MASS-EX tables and stage files, for pages and API that serve both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from annotations.exchange.forms import ImportForm, ImportOptionsForm, StageOptionsForm
from annotations.exchange.imports import (
    GivenFile,
    Options,
    confirm_import,
    look_again,
    request_file_import,
)
from annotations.exchange.models import FileImport, MassexImport, ScoringImport
from annotations.exchange.plan import ImportPreview
from annotations.exchange.stage_answers import questions_of
from annotations.exchange.stage_comparison import comparisons
from annotations.exchange.stage_plan import StageFilePreview, StageImportOptions, StagesPreview
from annotations.visibility import refuse_unaided_nights
from jobs.kinds import send_after_commit
from studies.access import get_or_404, signed_in
from studies.models import Role, Study, User

Import = TypeVar("Import", bound=FileImport)
Preview = TypeVar("Preview", ImportPreview, StagesPreview)
MoreContext = Callable[[HttpRequest, Any, Any], dict[str, object]]


@dataclass(frozen=True)
class ImportRoom(Generic[Import, Preview]):
    """A kind of imports, and what is done with them by page and API.

    Attributes
    ----------
    model : type
        Its rows.
    preview : type
        What their previews are.
    form : type
        The form of their options.
    page : str
        The name of the address of an import; the names of its acts begin with it.
    templates : tuple of str
        The page on which files are chosen, and the page of an import.
    reads : str
        Which files the browser sends, see static/js/exchange/dropped.js.
    more_context : callable
        Returns what the template of a preview needs besides its files.
    """

    model: type[Import]
    preview: type[Preview]
    form: type[ImportForm]
    page: str
    templates: tuple[str, str]
    reads: str = "massex"
    more_context: MoreContext = lambda request, made, preview: {}

    def imports_of(self, study: Study) -> QuerySet[Import]:
        return self.model._default_manager.filter(study=study).select_related("requested_by")

    def visible(self, user: User, pk: int) -> Import:
        """Return an import into a study that the user leads.

        Raises
        ------
        Http404
        """
        mine = self.model._default_manager.filter(study__in=Study.objects.of(user, Role.LEAD))
        return get_or_404(mine.select_related("study"), pk=pk)

    def readable(self, user: User, pk: int) -> Import:
        """Return an import whose preview the user may read: it tells of stored scorings.

        Raises
        ------
        Http404, UnaidedNightsError
        """
        made = self.visible(user, pk)
        ids = [file.recording_id for file in self.preview_of(made).files]
        refuse_unaided_nights([pk for pk in ids if pk is not None], user)
        return made

    def preview_of(self, made: Import) -> Preview:
        return self.preview.from_json(made.preview or {})

    @transaction.atomic
    def begin(
        self, study: Study, files: Sequence[GivenFile], options: Options, user: User
    ) -> Import:
        """Store files, and let a worker read them."""
        made = request_file_import(self.model, study=study, files=files, options=options, user=user)
        send_after_commit(made)
        return made

    @transaction.atomic
    def again(self, made: Import, options: Options) -> None:
        """Let a worker read the files again, with these options."""
        look_again(file_import=made, options=options)
        send_after_commit(made)

    @transaction.atomic
    def confirm(self, made: Import, paths: Sequence[str], *, seen: str) -> None:
        """Let a worker write files as the preview `seen` shows them."""
        confirm_import(file_import=made, paths=paths, seen=seen)
        send_after_commit(made)


MASSEX = ImportRoom(
    MassexImport,
    ImportPreview,
    ImportOptionsForm,
    page="massex-import",
    templates=("exchange/massex_imports.html", "exchange/massex_import.html"),
)


def _stage_context(
    request: HttpRequest, made: ScoringImport, preview: StagesPreview
) -> dict[str, object]:
    """Return the questions, and a file above the other scorings of its recording."""
    shown = _shown(preview.files, request.GET.get("file", ""))
    user = signed_in(request)
    return {
        "recording": chosen_recording(made),
        "questions": questions_of(preview.files),
        "shown": shown,
        "comparisons": comparisons(shown, study=made.study, user=user) if shown else [],
    }


def _shown(rows: Sequence[StageFilePreview], path: str) -> StageFilePreview | None:
    """Return the file of this path, else the first with stages."""
    with_stages = [row for row in rows if row.scorers]
    named = [row for row in with_stages if row.path == path]
    return next(iter(named or with_stages), None)


def chosen_recording(made: ScoringImport) -> object:
    """Return the recording of all files of an import, where a person has chosen one."""
    options = StageImportOptions.from_json(made.options)
    return made.study.recordings.filter(pk=options.recording or 0).first()


STAGES = ImportRoom(
    ScoringImport,
    StagesPreview,
    StageOptionsForm,
    page="scoring-import",
    templates=("exchange/scoring_imports.html", "exchange/scoring_import.html"),
    reads="stages",
    more_context=_stage_context,
)
