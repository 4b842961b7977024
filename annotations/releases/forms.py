"""Forms of releases: what goes in, and the terms under which a study lets it go."""

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


# Legend, help, fields. Those that stand beside each other are filled in together.
GROUPS = (
    ("What it is", "Title and authors go into card and citation.", ("title", "authors")),
    (
        "Scorings",
        "Submitted and locked ones only.",
        ("source", "scorer", "track"),
    ),
    (
        "What goes along",
        "Words come with the fine track. Each kind needs the study’s leave.",
        ("with_ratings", "with_images", "with_signals"),
    ),
    (
        "Which epochs",
        "Empty: all that have a stage. Every condition has to be met.",
        ("recordings", "left_out_flags", "least_mean_rating", "least_agreement_percent"),
    ),
    (
        "Split by subject",
        "Percent of subjects, stages kept level; all empty: no split.",
        ("train", "validation", "test", "seed", "given_parts"),
    ),
)


class ReleaseForm(forms.Form):
    """A composition, field by field."""

    title = forms.CharField(max_length=120)
    source = forms.ChoiceField(
        choices=[(source.value, words) for source, words in SOURCE_WORDS.items()],
        widget=forms.RadioSelect,
        initial=ReleaseSource.CONSENSUS,
        label="Whose scorings",
    )
    scorer = forms.ModelChoiceField(
        queryset=Scorer.objects.none(), required=False, label="Which, where it is one"
    )
    track = forms.ChoiceField(choices=Track.choices, initial=Track.FINE)
    recordings = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        label="Nights",
        help_text="Names, one a line",
    )
    left_out_flags = forms.MultipleChoiceField(
        choices=Flag.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Leave out epochs flagged",
    )
    least_mean_rating = forms.FloatField(
        required=False, min_value=1, max_value=5, label="Mean rating at least, 1 to 5"
    )
    least_agreement_percent = forms.FloatField(
        required=False,
        min_value=0,
        max_value=100,
        label="Other experts who agree, at least %",
    )
    train = forms.FloatField(required=False, min_value=0, label="Train, %")
    validation = forms.FloatField(required=False, min_value=0, label="Validation, %")
    test = forms.FloatField(required=False, min_value=0, label="Test, %")
    seed = forms.IntegerField(min_value=0, initial=1, label="Seed")
    given_parts = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        label="Or a given split",
        help_text="Night and part, one a line: 01-0001, train",
    )
    with_ratings = forms.BooleanField(required=False, label="With the ratings of the words")
    with_images = forms.BooleanField(required=False, label="With the images of the epochs")
    with_signals = forms.BooleanField(required=False, label="With the signals")
    authors = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs=LINES),
        help_text="One a line: Family name, given names",
    )

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._say_what_may_leave(study)
        known = [choice.scorer.pk for choice in export_choices(study) if choice.finished]
        field = self.fields["scorer"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Scorer.objects.filter(pk__in=known)

    @property
    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Legend, help and fields of each part of the form."""
        return [(legend, said, [self[name] for name in names]) for legend, said, names in GROUPS]

    def _say_what_may_leave(self, study: Study) -> None:
        """Tell beside each kind what the study's terms make of it."""
        for name, may_leave, otherwise in (
            ("with_images", study.may_release_images, "named only"),
            ("with_signals", study.may_release_signals, "cannot be frozen with them"),
        ):
            if not may_leave:
                self.fields[name].help_text = f"The study does not allow it: {otherwise}."

    def clean_given_parts(self) -> dict[str, str]:
        parts: dict[str, str] = {}
        for line in _lines(self.cleaned_data["given_parts"]):
            night, _, part = (piece.strip() for piece in line.rpartition(","))
            if part not in PARTS or not night:
                raise forms.ValidationError(f"“{line}” is not a night and one of {PARTS}.")
            if parts.setdefault(night, part) != part:
                raise forms.ValidationError(f"{night} stands in two parts.")
        return parts

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("source") == ReleaseSource.SCORER and not data.get("scorer"):
            self.add_error("scorer", "Say which scorer.")
        return data

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
            authors=tuple(_lines(data["authors"])),
        )


def initial_of(title: str, composition: Composition) -> dict[str, Any]:
    """Return a composition as the form shows it."""
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
