"""Forms of imports and exports."""

import re
from dataclasses import replace
from typing import Any

from django import forms

from annotations.exchange.exports import ExportChoice, export_choices
from annotations.exchange.imports import Options
from annotations.exchange.plan import (
    COUNTING_WORDS,
    DEFAULT_SCORER,
    LONGEST_LABEL,
    Counting,
    ImportOptions,
)
from annotations.exchange.stage_plan import StageImportOptions
from annotations.scoring.models import Scorer
from psg.errors import PsgError
from psg.namepatterns import NamePattern, NamePatternError
from psg.stagefiles import CODE_MAPS
from psg.stagefiles.declared import meaning_of
from psg.stagefiles.facts import LASTS_EPOCH, LASTS_NEXT, StageOptions
from psg.typed_json import JsonObject
from recordings.models import Recording
from studies.models import Study

RK_EPOCH_S = 20.0
LATE_DAY = re.compile(r"day ([89]|[1-9]\d)")


class ImportForm(forms.Form):
    """The options of an import, of any kind."""

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def options(self) -> Options:
        raise NotImplementedError

    def options_after(self, before: JsonObject) -> Options:
        """Return the options of an import that had others before."""
        return self.options()

    @classmethod
    def initial_of(cls, options: JsonObject) -> dict[str, object]:
        """Return the values of the fields for these options."""
        return dict(options)


class ImportOptionsForm(ImportForm):
    """The options of an import of MASS-EX tables."""

    scorer = forms.CharField(
        max_length=LONGEST_LABEL,
        required=False,
        label="Scorer",
        help_text=f"If empty: from the folder of a release, else {DEFAULT_SCORER}.",
    )
    counting = forms.ChoiceField(
        choices=[(counting.value, words) for counting, words in COUNTING_WORDS.items()],
        required=False,
        label="Epoch numbering",
        help_text="Meaning of N. Needed only without epochs.csv.",
    )
    staged_by = forms.ModelChoiceField(
        queryset=Scorer.objects.none(),
        required=False,
        label="Scorer of the stages",
        help_text="For the third choice: the scorer whose staged epochs are numbered.",
    )
    make_nights = forms.BooleanField(required=False, label="Create recordings without signals")
    own_scorings = forms.BooleanField(
        required=False,
        label="Count near-copies of a consensus or model as scorings of another person",
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, study=study, **kwargs)
        known = [choice.scorer.pk for choice in export_choices(study) if choice.finished]
        field = self.fields["staged_by"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Scorer.objects.filter(pk__in=known)

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("counting") == Counting.STAGED and not data.get("staged_by"):
            self.add_error("staged_by", "Choose the scorer whose staged epochs are numbered.")

    def options(self) -> ImportOptions:
        data = self.cleaned_data
        return ImportOptions(
            scorer=" ".join(data["scorer"].split()),
            counting=Counting(data["counting"]),
            staged_by=data["staged_by"].pk if data["staged_by"] else None,
            make_nights=data["make_nights"],
            own_scorings=data["own_scorings"],
        )


AS_THE_FILE = ("", "as stated in the file")
PLACE_CHOICES = (
    ("", "by clock where file and recording have one"),
    ("clock", "by clock"),
    ("index", "from the first epoch"),
    ("elapsed", "seconds from the start"),
    *((f"day {day}", f"by clock, on day {day}") for day in range(1, 8)),
)


class StageOptionsForm(ImportForm):
    """The options of an import of stage files."""

    scorer = forms.CharField(
        max_length=LONGEST_LABEL,
        required=False,
        label="Scorer",
        help_text="If empty: from the name of the file, else from the file itself.",
    )
    pattern = forms.CharField(
        max_length=200,
        required=False,
        label="Pattern of file names",
        help_text="Such as {recording}_{scorer}.edf. If empty, names are compared with recordings.",
    )
    codes = forms.ChoiceField(
        choices=[AS_THE_FILE, *((name, name) for name in CODE_MAPS)],
        required=False,
        label="Meaning of integers",
    )
    first_epoch = forms.TypedChoiceField(
        choices=[AS_THE_FILE, ("0", "0"), ("1", "1")],
        coerce=int,
        empty_value=None,
        required=False,
        label="Number of the first epoch",
    )
    place = forms.ChoiceField(choices=PLACE_CHOICES, required=False, label="Placement")
    lasts = forms.ChoiceField(
        choices=[AS_THE_FILE, (LASTS_EPOCH, "one epoch"), (LASTS_NEXT, "until the next stage")],
        required=False,
        label="Stages without a duration last",
    )
    unscored = forms.CharField(
        max_length=2000,
        required=False,
        label="Texts that mean no stage",
        help_text="One on each line, as the file has them.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    meanings = forms.CharField(
        max_length=2000,
        required=False,
        label="Texts that mean a stage",
        help_text="One on each line, such as SP=R.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    from_20_s = forms.BooleanField(required=False, label="Convert 20-s epochs to 30-s epochs")
    make_nights = forms.BooleanField(required=False, label="Create recordings without signals")
    recording = forms.ModelChoiceField(
        queryset=Recording.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, study=study, **kwargs)
        field = self.fields["recording"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = study.recordings.all()
        day = str(self["place"].value() or "")
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        if LATE_DAY.fullmatch(day):
            place.choices = [*PLACE_CHOICES, (day, f"by clock, on {day}")]

    def clean_pattern(self) -> str:
        text = str(self.cleaned_data["pattern"]).strip()
        try:
            NamePattern(text)
        except NamePatternError as error:
            raise forms.ValidationError(str(error)) from error
        return text

    def clean_meanings(self) -> str:
        text = str(self.cleaned_data["meanings"])
        try:
            for line in _lines(text):
                meaning_of(line)
        except PsgError as error:
            raise forms.ValidationError(str(error)) from error
        return text

    @classmethod
    def initial_of(cls, options: JsonObject) -> dict[str, object]:
        chosen = StageImportOptions.from_json(options)
        said = chosen.stages
        return {
            "scorer": chosen.scorer,
            "pattern": chosen.pattern,
            "codes": said.codes,
            "first_epoch": said.first_epoch,
            "place": said.place,
            "lasts": said.lasts,
            "unscored": "\n".join(said.unscored),
            "meanings": "\n".join(said.meanings),
            "from_20_s": said.epoch_s == RK_EPOCH_S,
            "make_nights": chosen.make_nights,
            "recording": chosen.recording,
        }

    def options_after(self, before: JsonObject) -> StageImportOptions:
        """Keep the answers to questions that the form has no field for."""
        answered, said = StageImportOptions.from_json(before), self.options()
        stages = replace(said.stages, format=answered.stages.format, scorer=answered.stages.scorer)
        return replace(said, stages=stages, copies=answered.copies)

    def options(self) -> StageImportOptions:
        data = self.cleaned_data
        return StageImportOptions(
            scorer=" ".join(data["scorer"].split()),
            pattern=data["pattern"],
            recording=data["recording"].pk if data["recording"] else None,
            make_nights=data["make_nights"],
            stages=StageOptions(
                codes=data["codes"],
                first_epoch=data["first_epoch"],
                unscored=_lines(data["unscored"]),
                meanings=_lines(data["meanings"]),
                epoch_s=RK_EPOCH_S if data["from_20_s"] else None,
                place=data["place"],
                lasts=data["lasts"],
            ),
        )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.splitlines())))


class ScorerField(forms.ModelChoiceField):
    """Scorers, each with the number of nights that can be exported."""

    choices_by_scorer: dict[int, ExportChoice]

    def label_from_instance(self, scorer: Scorer) -> str:
        choice = self.choices_by_scorer[scorer.pk]
        return f"{scorer.label_and_kind} · {choice.finished} finished, {choice.open} open"


class ExportForm(forms.Form):
    """Whose scorings go into the export."""

    scorer = ScorerField(queryset=Scorer.objects.none(), empty_label=None, label="Scorer")
    include_open = forms.BooleanField(
        required=False, label="Include scorings that are not submitted"
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {choice.scorer.pk: choice for choice in export_choices(study)}
        field = self.fields["scorer"]
        assert isinstance(field, ScorerField)
        field.choices_by_scorer = known
        field.queryset = Scorer.objects.filter(pk__in=known)
        self.has_scorings = bool(known)
        if known:
            self.initial.setdefault("scorer", next(iter(known)))
