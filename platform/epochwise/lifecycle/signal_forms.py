"""The form that corrects the signals of a recording."""

from collections.abc import Sequence
from typing import Any

from django import forms

from psg.ingest import NightDecisions
from psg.ingest.decisions import (
    MAINS_HZ,
    ChannelSource,
    parse_start_clock,
    parse_units,
)
from psg.lights import time_text
from psg.montage import DERIVATIONS, Derivation
from recordings.models import Recording

NO_CHANNEL = [("", "none")]
NOT_STATED = [("", "not stated, 50 Hz assumed")]


def _mains_field(first: Sequence[tuple[str, str]]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Mains frequency",
        required=False,
        coerce=float,
        empty_value=None,
        choices=[*first, *((hz, f"{hz:g} Hz") for hz in MAINS_HZ)],
    )


class SignalsForm(forms.Form):
    """Channels of each derivation, units, mains, clock, and the reason.

    Parameters
    ----------
    labels
        Channels of the raw store.
    present
        What can be corrected, as it is.
    seen
        Their state; a form that was opened before a correction is refused.

    Only what a person changed is said; the rest stays as it is, to the fraction of a second.
    """

    units = forms.CharField(
        label="Units",
        required=False,
        max_length=4000,
        help_text="One channel a line, such as EEG C4=uV. Leave empty if the units are right.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    mains_hz = _mains_field(NOT_STATED)
    start_clock = forms.CharField(
        label="Start of the recording",
        required=False,
        max_length=12,
        help_text="Time of day, such as 22:41:30",
        error_messages={"required": "Enter the time of day. A known start cannot be removed."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 10}),
    )
    why = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="Stays in the history and in the audit trail",
        error_messages={"required": "Enter a reason. It stays in the audit trail."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    epoch = forms.IntegerField(label="Epoch of the preview", min_value=1)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        recording: Recording,
        labels: Sequence[str],
        present: NightDecisions,
        seen: str,
        **kwargs: Any,
    ) -> None:
        initial = {
            "seen": seen,
            "mains_hz": present.mains_hz,
            "start_clock": _clock(present.start_clock_s),
            "epoch": recording.epoch_count // 2 + 1,
        }
        for derivation, source in present.channels.items():
            for side in ("positive", "negative"):
                initial[_name(derivation, side)] = getattr(source, side, "")
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.fields["epoch"] = forms.IntegerField(
            label="Epoch of the preview", min_value=1, max_value=recording.epoch_count
        )
        # What is known can be corrected, but not be made unknown again.
        if present.mains_hz is not None:
            self.fields["mains_hz"] = _mains_field(NOT_STATED[:0])
        if present.start_clock_s is not None:
            self.fields["start_clock"].required = True
        for derivation in DERIVATIONS:
            for side in ("positive", "negative"):
                self.fields[_name(derivation, side)] = forms.ChoiceField(
                    label=f"{derivation.value}, {side}",
                    required=False,
                    choices=[*NO_CHANNEL, *((label, label) for label in labels)],
                )

    def full_clean(self) -> None:
        """Accept a preview without a reason."""
        self.fields["why"].required = "preview" not in self.data
        super().full_clean()
        self.fields["why"].required = True

    @property
    def map_rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """The fields of each derivation: its channel, and the channel that is subtracted."""
        return [
            (d.value, self[_name(d, "positive")], self[_name(d, "negative")]) for d in DERIVATIONS
        ]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("mains_hz", "start_clock", "units", "epoch", "why")]

    def decisions(self) -> NightDecisions:
        """Read what the form says.

        Raises
        ------
        PsgError
            When a unit or the time cannot be read, or a channel is named twice.
        """
        data, changed = self.cleaned_data, set(self.changed_data)
        return NightDecisions(
            channels={
                derivation: self._source(derivation)
                for derivation in DERIVATIONS
                if changed & {_name(derivation, side) for side in ("positive", "negative")}
            },
            units=parse_units(line for line in data["units"].splitlines() if line.strip()),
            mains_hz=data["mains_hz"] if "mains_hz" in changed else None,
            start_clock_s=(
                parse_start_clock(data["start_clock"].strip())
                if "start_clock" in changed and data["start_clock"].strip()
                else None
            ),
        )

    def _source(self, derivation: Derivation) -> ChannelSource | None:
        positive = self.cleaned_data[_name(derivation, "positive")]
        negative = self.cleaned_data[_name(derivation, "negative")]
        return ChannelSource(positive, negative) if positive else None


def _name(derivation: Derivation, side: str) -> str:
    return f"{derivation.name.lower()}_{side}"


def _clock(clock_s: float | None) -> str:
    return "" if clock_s is None else time_text(clock_s, start_clock_s=0, end_s=0)
