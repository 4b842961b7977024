"""Forms of rating studies: the design, gold scores, and the filter of items."""

import re
import secrets
from collections import defaultdict
from typing import Any

from django import forms

from annotations.rating.design import (
    MOST_CALIBRATION,
    MOST_ITEMS,
    ArmDesign,
    RatingDesign,
    equal_arms,
    panel_of,
)
from annotations.rating.groups import groups_of, open_ways
from annotations.rating.items import ORDERS, ItemFilter
from annotations.rating.models import RatingArm, RatingStudy
from annotations.rating.sources import (
    ARM_LETTERS,
    RationaleSource,
    arm_label,
    arms_of,
    first_arms,
    references_of,
    scorer_labels,
    sources_of,
)
from annotations.rating.table import RatingTable
from annotations.rating.words import DIMENSION_WORDS
from annotations.scoring.models import Scorer, Scoring
from annotations.visibility import eligible_raters, open_recordings
from studies.models import Study, User

HIGHEST_SEED = 2**31 - 1
ARM_CHOICES = [("", "not rated"), *((letter, f"arm {letter}") for letter in ARM_LETTERS)]
USUAL_RATERS = 3


def _names(title: str, label: str) -> bool:
    """Whether the title has the label as words of its own, in the plural as well."""
    words = r"\s+".join(re.escape(word) for word in label.split())
    return re.search(rf"(?<!\w){words}s?(?!\w)", title, re.IGNORECASE) is not None


def _new_seed() -> int:
    return secrets.randbelow(HIGHEST_SEED)


class RatingDesignForm(forms.Form):
    """Whose rationales, how many, who rates them, and in which rounds."""

    title = forms.CharField(max_length=120, help_text="Shown to raters. Do not name a source here.")
    reference = forms.ChoiceField(
        required=False,
        label="Reference scorer",
        help_text="The sample then contains correct and wrong stages. Not shown to raters.",
    )
    raters = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Members who are, or were, lead, adjudicator or viewer, or could download a "
        "release, cannot rate: they see sources. No rater gets their own rationales.",
    )
    item_count = forms.IntegerField(
        min_value=1,
        max_value=MOST_ITEMS,
        initial=60,
        label="Number of rationales",
        help_text="Balanced over arms, stages and recordings.",
    )
    control_percent = forms.IntegerField(
        min_value=0,
        max_value=50,
        initial=10,
        label="Control items, %",
        help_text="Rationales of an epoch with another stage, to test the attention of raters.",
    )
    raters_per_item = forms.IntegerField(
        min_value=1,
        max_value=50,
        label="Raters per item",
        help_text="At least two are needed to measure agreement.",
    )
    repeat_percent = forms.IntegerField(
        min_value=0,
        max_value=30,
        initial=10,
        label="Hidden repeats, %",
        help_text="Items shown twice to the same rater, to measure repeatability.",
    )
    calibration_count = forms.IntegerField(
        min_value=0,
        max_value=MOST_CALIBRATION,
        initial=0,
        label="Calibration items",
        help_text="Rated first by all raters and compared with your reference scores. Not counted.",
    )
    calibration_pass_percent = forms.IntegerField(
        min_value=0,
        max_value=100,
        initial=70,
        label="Pass mark, % within 1 point",
        help_text="Share of scores within 1 point of the reference scores that is needed to pass.",
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=HIGHEST_SEED,
        initial=_new_seed,
        help_text="Determines sample, assignment and order. The same seed gives the same study.",
    )
    same_epochs = forms.BooleanField(
        required=False,
        initial=True,
        label="Same epochs in all arms",
        help_text="Arms can then be compared with fewer ratings. A rater may get an epoch once "
        "for each arm.",
    )
    own_stage_first = forms.BooleanField(
        required=False, label="Raters score the epoch before they see the rationale"
    )

    def __init__(
        self,
        *args: Any,
        study: Study,
        user: User | None = None,
        draft: RatingStudy | None = None,
        **kwargs: Any,
    ) -> None:
        if draft:
            kwargs["initial"] = _as_designed(draft)
        super().__init__(*args, **kwargs)
        self._study = study
        self._sources = sources_of(study, user)
        self._references = references_of(study, user)
        self.left_out = _closed_nights(study, user) if user else 0
        letters = arms_of(draft, self._sources) if draft else first_arms(self._sources)
        for source in self._sources:
            self.fields[_arm_name(source)] = forms.ChoiceField(
                choices=ARM_CHOICES,
                required=False,
                initial=letters.get(source.key, ""),
                label=f"Arm of {source}",
            )
        self._offer_reference(draft)
        raters = self.fields["raters"]
        assert isinstance(raters, forms.ModelMultipleChoiceField)
        able = [user.pk for user in eligible_raters(study)]
        raters.queryset = User.objects.filter(pk__in=able).order_by("username")
        if not draft:
            self.fields["raters_per_item"].initial = min(USUAL_RATERS, len(able))
            raters.initial = able
        self.can_be_rated, self.has_raters = bool(self._sources), bool(able)

    def _offer_reference(self, draft: RatingStudy | None) -> None:
        field = self.fields["reference"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "none"), *((source.key, str(source)) for source in self._references)]
        first = self._references[0] if self._references else None
        if draft:
            ids = set(draft.design["reference"])
            known = (
                s.key for s in self._references if ids & {scoring.pk for scoring in s.scorings}
            )
            field.initial = next(known, "")
        elif first and first.scorer.kind == Scorer.Kind.CONSENSUS:
            field.initial = first.key

    @property
    def arm_rows(self) -> list[tuple[RationaleSource, forms.BoundField]]:
        """Every source with the field that puts it into an arm."""
        return [(source, self[_arm_name(source)]) for source in self._sources]

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        for label in scorer_labels(self._study):
            if _names(title, label):
                raise forms.ValidationError(
                    f"The title is shown to raters and names the source {label}. Change the title."
                )
        return title

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(_arm_name(source)) for source in self._sources):
            self.add_error(None, "Assign at least one source to an arm.")
        raters, each = cleaned.get("raters"), cleaned.get("raters_per_item")
        if raters is not None and each and each > len(raters):
            self.add_error(
                "raters_per_item",
                f"Raters selected: {len(raters)}. Select more raters, or enter fewer.",
            )
        return cleaned

    def design(self) -> RatingDesign:
        """Return the design of a valid form."""
        fields = self.cleaned_data
        return RatingDesign(
            title=fields["title"],
            arms=self._arms(),
            raters=list(fields["raters"]),
            raters_per_item=fields["raters_per_item"],
            repeat_percent=fields["repeat_percent"],
            seed=fields["seed"],
            reference=self._reference_scorings(),
            calibration_count=fields["calibration_count"],
            calibration_pass_percent=fields["calibration_pass_percent"],
            own_stage_first=fields["own_stage_first"],
            same_epochs=fields["same_epochs"],
        )

    def _arms(self) -> list[ArmDesign]:
        by_letter: dict[str, list[RationaleSource]] = defaultdict(list)
        for source in self._sources:
            if letter := self.cleaned_data.get(_arm_name(source)):
                by_letter[letter].append(source)
        members = [by_letter[letter] for letter in sorted(by_letter)]
        return equal_arms(
            [
                (arm_label(sources), [s for source in sources for s in source.scorings])
                for sources in members
            ],
            item_count=self.cleaned_data["item_count"],
            control_percent=self.cleaned_data["control_percent"],
        )

    def _reference_scorings(self) -> list[Scoring]:
        chosen = self.cleaned_data["reference"]
        return [s for source in self._references if source.key == chosen for s in source.scorings]


def _closed_nights(study: Study, user: User) -> int:
    """Count the recordings that are closed to the user, whose texts the form does not offer."""
    return study.recordings.count() - open_recordings(user, study).count()


def _arm_name(source: RationaleSource) -> str:
    return f"arm-{source.key}"


def _as_designed(draft: RatingStudy) -> dict[str, object]:
    """Return the fields' first values for a draft that is to be changed."""
    design = draft.design
    controls = sum(arm["items"] for arm in design["arms"] if arm["kind"] == RatingArm.Kind.CONTROL)
    return {
        "title": draft.title,
        "raters": [user.pk for user in panel_of(draft)],
        "item_count": design["items"],
        "control_percent": round(100 * controls / design["items"]),
        "raters_per_item": design["raters_per_item"],
        "repeat_percent": design["repeat_percent"],
        "calibration_count": design["calibration_items"],
        "calibration_pass_percent": draft.calibration_pass_percent,
        "seed": draft.seed,
        "own_stage_first": draft.own_stage_first,
        "same_epochs": design.get("same_epochs", False),
    }


# The filter above the items of a rating study.


Choices = list[tuple[str, str]]
ANY: tuple[str, str] = ("", "any")
# Set by links from the results; kept while the rest is changed.
CARRIED = ("cannot_judge", "repeated", "arms", "unit", "controls")


class RatingItemsForm(forms.Form):
    """Offers what the study has; groups that would tell a source are missing while blind."""

    def __init__(self, *, table: RatingTable, chosen: ItemFilter) -> None:
        super().__init__(initial=vars(chosen))
        for way in open_ways(table):
            groups = [(group.key, group.label) for group in groups_of(table, way)]
            self._offer(way.name, way.label, [ANY, *groups])
        self._offer("rater", "Rater", [ANY, *((str(r.pk), r.name) for r in table.raters)])
        titles = [(name, words.title) for name, words in DIMENSION_WORDS.items()]
        self._offer("dimension", "Dimension", [ANY, *titles])
        self._offer("score", "Score", [ANY, *((str(n), str(n)) for n in range(1, 6))])
        self._offer("order", "Order", list(ORDERS.items()))
        for name in CARRIED:
            if getattr(chosen, name):
                self.fields[name] = forms.CharField(widget=forms.HiddenInput)

    def _offer(self, name: str, label: str, choices: Choices) -> None:
        field: Any = forms.ChoiceField(choices=choices, label=label)
        self.fields[name] = field


# Forms of rating studies after their design, and of exports.


FEEDBACK_LIMIT = 1000


class GoldForm(forms.Form):
    """What a calibration item deserves, and what a rater reads afterwards."""

    feedback = forms.CharField(
        max_length=FEEDBACK_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        label="Feedback for raters",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in DIMENSION_WORDS.items():
            levels = [(str(level), str(level)) for level, _ in words.numbered]
            self.fields[name] = forms.TypedChoiceField(
                choices=[("", "not set"), *levels],
                coerce=int,
                empty_value=None,
                required=False,
                label=words.title,
            )
        self.order_fields([*DIMENSION_WORDS, "feedback"])

    @property
    def score_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in DIMENSION_WORDS]

    def scores(self) -> dict[str, int | None]:
        return {name: self.cleaned_data[name] for name in DIMENSION_WORDS}
