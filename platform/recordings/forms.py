"""Forms of the recording page."""

from typing import Any

from django import forms

from psg.lights import DAY_S, AmbiguousTimeError, Lights, second_at
from recordings.models import Recording
from recordings.templatetags.night_format import clock_in


class ClockField(forms.CharField):
    """A clock time of the recording, typed as 22:41:30 or 2 22:41:30; empty means no mark."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "size": 12})


class LightsForm(forms.Form):
    """Lights off and lights on of a recording, as times of its clock."""

    off = ClockField(label="Lights off", required=False, max_length=20)
    on = ClockField(label="Lights on", required=False, max_length=20)

    def __init__(self, *args: Any, recording: Recording, **kwargs: Any) -> None:
        self.recording = recording
        self.example = "2 22:41:30" if recording.end_s >= DAY_S else "22:41:30"
        marks = {"off": recording.lights_off_s, "on": recording.lights_on_s}
        self.marks = {name: (self._text(mark_s), mark_s) for name, mark_s in marks.items()}
        initial = {name: text for name, (text, _) in self.marks.items()}
        super().__init__(*args, **{**kwargs, "initial": initial})
        if recording.end_s >= DAY_S:
            self.fields["on"].help_text = "Day and time: day 1 is the day on which it starts."

    def lights(self) -> Lights:
        return Lights(self.cleaned_data["off"], self.cleaned_data["on"])

    def clean_off(self) -> float | None:
        return self._second("off")

    def clean_on(self) -> float | None:
        return self._second("on")

    def _text(self, mark_s: float | None) -> str:
        return "" if mark_s is None else clock_in(mark_s, self.recording)

    def _second(self, name: str) -> float | None:
        """Read a field; if its text was not changed, the mark keeps its fraction of a second."""
        typed, (text, mark_s) = self.cleaned_data[name], self.marks[name]
        if typed == text:
            return mark_s
        if not typed:
            return None
        try:
            second = second_at(
                typed,
                start_clock_s=self.recording.start_clock_s or 0.0,
                end_s=self.recording.end_s,
                near_s=mark_s,
            )
        except AmbiguousTimeError as error:
            raise forms.ValidationError(str(error)) from error
        if second is None:
            raise forms.ValidationError(
                f"This is not a time of this recording. Enter a time such as {self.example}."
            )
        return second
