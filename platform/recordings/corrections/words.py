"""What a correction changes, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from psg.ingest import NightDecisions
from psg.lights import time_text
from recordings.corrections.models import SignalCorrection
from recordings.models import Recording


@dataclass(frozen=True)
class Change:
    """Something that is corrected, with its value before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class CorrectionRow:
    """A correction and its changes, for the history of a recording."""

    correction: SignalCorrection
    changes: list[Change]


def changes_between(before: NightDecisions, after: NightDecisions) -> list[Change]:
    """List what differs between two states of what can be corrected."""
    old, new = dict(_described(before)), dict(_described(after))
    names = [*old, *(name for name in new if name not in old)]
    changes = [Change(name, old.get(name, "as imported"), new.get(name, "")) for name in names]
    return [change for change in changes if change.before != change.after]


def history(recording: Recording) -> list[CorrectionRow]:
    """List the corrections of a recording, the newest first."""
    return [
        CorrectionRow(
            correction,
            changes_between(
                NightDecisions.from_json(correction.before),
                NightDecisions.from_json(correction.after),
            ),
        )
        for correction in recording.corrections.select_related("user").order_by("-pk")
    ]


def _described(decisions: NightDecisions) -> Iterator[tuple[str, str]]:
    for derivation, source in decisions.channels.items():
        yield derivation.value, "missing" if source is None else str(source)
    for label, unit in decisions.units.items():
        yield f"Unit of {label}", unit
    mains_hz = decisions.mains_hz
    yield "Mains frequency", "50 Hz, assumed" if mains_hz is None else f"{mains_hz:g} Hz"
    clock_s = decisions.start_clock_s
    yield (
        "Start",
        "not known" if clock_s is None else time_text(clock_s, start_clock_s=0, end_s=0),
    )
