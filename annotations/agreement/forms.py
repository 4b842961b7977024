"""What a link to the epochs behind a number asks for."""

from typing import Any

from django import forms

from annotations.agreement.epochs import NO_STAGE, EpochQuery
from annotations.agreement.sheet import Column
from psg.stages import STAGES

STAGE_CHOICES = [(str(stage), str(stage)) for stage in STAGES]
SAID_CHOICES = [("", "any stage"), *STAGE_CHOICES, (NO_STAGE, "no stage")]
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
    """All fields may be left out; the page shows them as its filter."""

    sa = forms.ChoiceField(label="Stage of the scorer", choices=SAID_CHOICES, required=False)
    sb = forms.ChoiceField(
        label="Stage of the reference", choices=SAID_CHOICES[:-1], required=False
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
        asked = self.cleaned_data
        return EpochQuery(
            differ=asked.get("differ", False),
            stages=(asked.get("sa", ""), asked.get("sb", "")) if is_pair else ("", ""),
            stage=asked.get("stage", ""),
            rule=asked.get("rule", ""),
            place=asked.get("place") or "all",
            by_second=is_pair,
            recording_id=asked.get("night"),
            order=asked.get("order") or "night",
        )

    def in_words(self, pair: tuple[Column, Column] | None) -> str:
        """Say which epochs these are."""
        asked: dict[str, Any] = self.cleaned_data
        parts = []
        if pair:
            for column, stage in zip(pair, (asked.get("sa"), asked.get("sb")), strict=True):
                if stage:
                    said = "gives no stage" if stage == NO_STAGE else f"scores {stage}"
                    parts.append(f"{column.label} {said}")
        if asked.get("stage"):
            parts.append(f"any scorer scores {asked['stage']}")
        if asked.get("rule"):
            parts.append(f"any scorer cites {asked['rule']}")
        if asked.get("differ"):
            parts.append("scorers disagree")
        if asked.get("place"):
            parts.append(dict(PLACE_CHOICES)[asked["place"]])
        return ", ".join(parts) or "epochs with two or more scorers"
