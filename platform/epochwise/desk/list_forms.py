"""Forms of saved views and of acts on many rows."""

from typing import Any

from django import forms

from annotations.scoring.models import FINISHED, Scorer
from annotations.scoring.sharing import Wish, annotators_of
from annotations.visibility import shows_another
from epochwise.desk.filters import DATE, scorers_of
from epochwise.desk.selection import Selection
from inference.models import ModelBundle
from inference.registry.promotions import promoted_bundle
from inference.runs.reading import gpu_workers
from studies.models import Mode, SavedView, User

MOST_EACH = 50


class ViewForm(forms.ModelForm):
    """Name of a view, and whether the others of the study see it."""

    query = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput())
    name = forms.CharField(max_length=60, label="Name")

    class Meta:
        model = SavedView
        fields = ("name", "is_shared", "query")

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]


class ActForm(forms.Form):
    """The fields of an act on the chosen rows."""

    def __init__(self, *args: Any, selection: Selection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.selection = selection


class PeopleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return obj.label


class AssignManyForm(ActForm):
    """How many annotators each recording gets, who can be chosen, in which mode, until when."""

    each = forms.IntegerField(
        min_value=1,
        max_value=MOST_EACH,
        initial=2,
        label="Annotators for each recording",
        help_text="Those who have it already are counted.",
    )
    annotators = PeopleField(
        User.objects.none(),
        label="Choose from",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one annotator."},
    )
    mode = forms.ChoiceField(choices=[(mode.value, mode.label) for mode in Mode])
    source = forms.ModelChoiceField(
        Scorer.objects.none(),
        required=False,
        label="Scoring to show",
        empty_label="none",
        help_text="For modes that show another scoring: the finished scoring of this scorer.",
    )
    due = forms.DateField(required=False, widget=DATE, label="Due")

    def __init__(self, *args: Any, selection: Selection, **kwargs: Any) -> None:
        super().__init__(*args, selection=selection, **kwargs)
        reader = selection.reader
        people = annotators_of(reader.study)
        annotators, source = self.fields["annotators"], self.fields["source"]
        assert isinstance(annotators, forms.ModelMultipleChoiceField)
        assert isinstance(source, forms.ModelChoiceField)
        annotators.queryset = User.objects.filter(pk__in=[p.pk for p in people]).order_by(
            "username"
        )
        annotators.initial = [person.pk for person in people]
        finished = reader.scorings.filter(recording__in=selection.ids, state__in=FINISHED)
        source.queryset = Scorer.objects.filter(pk__in=finished.order_by().values("scorer"))
        self.fields["mode"].initial = reader.study.mode

    def clean(self) -> None:
        super().clean()
        mode = self.cleaned_data.get("mode")
        if mode and shows_another(mode) and not self.cleaned_data.get("source"):
            self.add_error("source", "This mode shows another scoring. Choose whose.")

    @property
    def wish(self) -> Wish:
        given = self.cleaned_data
        return Wish(
            each=given["each"], mode=Mode(given["mode"]), due=given["due"], source=given["source"]
        )


class DueManyForm(ActForm):
    due = forms.DateField(
        required=False, widget=DATE, label="Due", help_text="Leave empty to remove the date."
    )


class RemindForm(ActForm):
    """Nothing to enter; the act is confirmed."""


class PrescoreForm(ActForm):
    bundle = forms.ModelChoiceField(ModelBundle.objects.none(), label="Model", empty_label=None)

    def __init__(self, *args: Any, selection: Selection, **kwargs: Any) -> None:
        super().__init__(*args, selection=selection, **kwargs)
        workers = gpu_workers()
        runnable = [b.pk for b in ModelBundle.objects.all() if workers.can_run(b)]
        field = self.fields["bundle"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = ModelBundle.objects.filter(pk__in=runnable)
        field.error_messages["required"] = "No worker can run a model now. Start a worker first."
        self.initial["bundle"] = promoted_bundle(selection.reader.study)


class ExportManyForm(ActForm):
    scorer = forms.ModelChoiceField(Scorer.objects.none(), label="Scorer", empty_label=None)
    include_open = forms.BooleanField(required=False, label="Also scorings not yet submitted")

    def __init__(self, *args: Any, selection: Selection, **kwargs: Any) -> None:
        super().__init__(*args, selection=selection, **kwargs)
        field = self.fields["scorer"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = scorers_of(selection.reader)
