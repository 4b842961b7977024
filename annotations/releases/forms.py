"""Forms of releases: the composition of a draft, and the release terms of a study."""

from typing import Any

from django import forms

from annotations.exchange.exports import export_choices
from annotations.releases.composition import PARTS, SOURCE_WORDS, Composition, ReleaseSource
from annotations.scoring.models import Flag, Scorer
from studies.models import Study, Track

LINES = {"rows": 3, "spellcheck": "false"}


class TermsForm(forms.ModelForm):
    class Meta:
        model = Study
        fields = [
            "licence",
            "data_terms",
            "may_release_words",
            "may_release_images",
            "may_release_signals",
            "may_train_models",
        ]
        widgets = {"data_terms": forms.Textarea(attrs={"rows": 6})}


# Legend, help and fields of each group of the form.
GROUPS = (
    ("Title and authors", "Part of the dataset card and the citation.", ("title", "authors")),
    (
        "Scorings",
        "Only submitted and locked scorings are included.",
        ("source", "scorer", "track"),
    ),
    (
        "Also include",
        "Rationales are part of the fine track. Each kind must be allowed by the release terms.",
        ("with_ratings", "with_images", "with_signals", "with_published"),
    ),
    (
        "Epochs",
        "If empty: all epochs with a stage. Otherwise all conditions must be met.",
        ("recordings", "left_out_flags", "least_mean_rating", "least_agreement_percent"),
    ),
    (
        "Split by subject",
        "Percent of subjects, balanced by stage. If all are empty: no split.",
        ("train", "validation", "test", "seed", "given_parts"),
    ),
)


class ReleaseForm(forms.Form):
    """The fields of a composition."""

    title = forms.CharField(max_length=120)
    source = forms.ChoiceField(
        choices=[(source.value, words) for source, words in SOURCE_WORDS.items()],
        widget=forms.RadioSelect,
        initial=ReleaseSource.CONSENSUS,
        label="Source of scorings",
    )
    scorer = forms.ModelChoiceField(queryset=Scorer.objects.none(), required=False, label="Scorer")
    track = forms.ChoiceField(choices=Track.choices, initial=Track.FINE)
    recordings = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        label="Recordings",
        help_text="One name per line",
    )
    left_out_flags = forms.MultipleChoiceField(
        choices=Flag.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Exclude epochs with flags",
    )
    least_mean_rating = forms.FloatField(
        required=False, min_value=1, max_value=5, label="Minimum mean rating, 1 to 5"
    )
    least_agreement_percent = forms.FloatField(
        required=False,
        min_value=0,
        max_value=100,
        label="Minimum agreement of other experts, %",
    )
    train = forms.FloatField(required=False, min_value=0, label="Train, %")
    validation = forms.FloatField(required=False, min_value=0, label="Validation, %")
    test = forms.FloatField(required=False, min_value=0, label="Test, %")
    seed = forms.IntegerField(min_value=0, initial=1, label="Seed")
    given_parts = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        label="Predefined split",
        help_text="One recording and part per line: 01-0001, train",
    )
    with_ratings = forms.BooleanField(required=False, label="Ratings of the rationales")
    with_images = forms.BooleanField(required=False, label="Images of the epochs")
    with_signals = forms.BooleanField(required=False, label="Signals")
    with_published = forms.BooleanField(
        required=False,
        label="Samples in the published layout",
        help_text="As the scripts of the SleepVLM project read them. Names of images and samples"
        " contain the stage.",
    )
    authors = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        help_text="One per line: Family name, given names",
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._describe_terms(study)
        known = [choice.scorer.pk for choice in export_choices(study) if choice.finished]
        field = self.fields["scorer"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Scorer.objects.filter(pk__in=known)

    @property
    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Legend, help and fields of each group."""
        return [(legend, text, [self[name] for name in names]) for legend, text, names in GROUPS]

    def _describe_terms(self, study: Study) -> None:
        """Show beside images and signals that the release terms do not allow them."""
        for name, is_allowed, otherwise in (
            ("with_images", study.may_release_images, "images are listed but not included"),
            ("with_signals", study.may_release_signals, "a release with signals cannot be frozen"),
        ):
            if not is_allowed:
                self.fields[name].help_text = f"Not allowed by the release terms: {otherwise}."

    def clean_given_parts(self) -> dict[str, str]:
        parts: dict[str, str] = {}
        for line in _lines(self.cleaned_data["given_parts"]):
            night, _, part = (piece.strip() for piece in line.rpartition(","))
            if part not in PARTS or not night:
                raise forms.ValidationError(
                    f"“{line}” must be a recording, a comma and a part: {', '.join(PARTS)}."
                )
            if parts.setdefault(night, part) != part:
                raise forms.ValidationError(f"{night} is in two parts.")
        return parts

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if data.get("source") == ReleaseSource.SCORER and not data.get("scorer"):
            self.add_error("scorer", "Choose a scorer.")

    def composition(self) -> Composition:
        data = self.cleaned_data
        source = ReleaseSource(data["source"])
        return Composition(
            source=source,
            scorer_id=data["scorer"].pk if source is ReleaseSource.SCORER else None,
            recordings=tuple(_lines(data["recordings"])),
            track=Track(data["track"]),
            left_out_flags=tuple(data["left_out_flags"]),
            least_mean_rating=data["least_mean_rating"],
            least_agreement_percent=data["least_agreement_percent"],
            shares={part: data[part] for part in PARTS if data[part]},
            given_parts=data["given_parts"],
            seed=data["seed"],
            with_ratings=data["with_ratings"],
            with_images=data["with_images"],
            with_signals=data["with_signals"],
            with_published=data["with_published"],
            authors=tuple(_lines(data["authors"])),
        )


def initial_of(title: str, composition: Composition) -> dict[str, object]:
    """Return the initial values of the form for a composition."""
    parts = [f"{night}, {part}" for night, part in sorted(composition.given_parts.items())]
    return {
        **composition.as_json(),
        **composition.shares,
        "title": title,
        "scorer": composition.scorer_id,
        "recordings": "\n".join(composition.recordings),
        "given_parts": "\n".join(parts),
        "authors": "\n".join(composition.authors),
    }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
