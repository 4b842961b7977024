"""The filter of the epochs behind a number."""

from django import forms

from annotations.agreement.epochs import NO_STAGE, EpochQuery
from annotations.agreement.sheet import Column
from psg.stages import STAGES

STAGE_CHOICES = [(str(stage), str(stage)) for stage in STAGES]
PAIR_STAGE_CHOICES = [("", "any stage"), *STAGE_CHOICES, (NO_STAGE, "no stage")]
PLACE_CHOICES = [
    ("", "whole recording"),
    ("transition", "beside a transition"),
    ("steady", "away from transitions"),
]
ORDER_CHOICES = [
    ("", "order of time"),
    ("disagreement", "most disagreement first"),
    ("uncertainty", "most uncertain model first"),
]


class EpochsForm(forms.Form):
    """Every field is optional; the page shows the fields as its filter."""

    sa = forms.ChoiceField(label="Stage of the scorer", choices=PAIR_STAGE_CHOICES, required=False)
    sb = forms.ChoiceField(
        label="Stage of the reference", choices=PAIR_STAGE_CHOICES[:-1], required=False
    )
    stage = forms.ChoiceField(
        label="Stage of any scorer", choices=[("", "any stage"), *STAGE_CHOICES], required=False
    )
    rule = forms.CharField(label="Rule of any scorer", max_length=12, required=False)
    place = forms.ChoiceField(label="Where", choices=PLACE_CHOICES, required=False)
    order = forms.ChoiceField(label="Order", choices=ORDER_CHOICES, required=False)
    differ = forms.BooleanField(label="Disagreements only", required=False)
    words = forms.BooleanField(label="With rules and rationales", required=False)
    night = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def wanted(self, *, is_pair: bool) -> EpochQuery:
        fields = self.cleaned_data
        return EpochQuery(
            differ=fields.get("differ", False),
            stages=(fields.get("sa", ""), fields.get("sb", "")) if is_pair else ("", ""),
            stage=fields.get("stage", ""),
            rule=fields.get("rule", ""),
            place=fields.get("place") or "all",
            by_second=is_pair,
            recording_id=fields.get("night"),
            order=fields.get("order") or "night",
        )

    def in_words(self, pair: tuple[Column, Column] | None) -> str:
        """Describe the chosen epochs for the head of the page."""
        fields = self.cleaned_data
        parts = []
        if pair:
            for column, stage in zip(pair, (fields.get("sa"), fields.get("sb")), strict=True):
                if stage:
                    answer = "gives no stage" if stage == NO_STAGE else f"scores {stage}"
                    parts.append(f"{column.label} {answer}")
        if fields.get("stage"):
            parts.append(f"any scorer scores {fields['stage']}")
        if fields.get("rule"):
            parts.append(f"any scorer cites {fields['rule']}")
        if fields.get("differ"):
            parts.append("scorers disagree")
        if fields.get("place"):
            parts.append(dict(PLACE_CHOICES)[fields["place"]])
        return ", ".join(parts) or "epochs with two or more scorers"
