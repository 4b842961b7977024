"""Read a whole night."""

from __future__ import annotations

from psg.events import detect_events, read_continuous
from psg.events.chin_tone import measure_tone
from psg.events.evidence import evidence_of
from psg.events.measures import measure_epochs
from psg.night import NightSignals
from psg.rules.editions import get_edition
from psg.rules.reader.calibration import calibrate
from psg.rules.reader.deciding import decide
from psg.rules.reader.reading import Reading
from psg.rules.reader.signs import Signs
from psg.rules.reader.wording import rationale_of


def read_night(night: NightSignals) -> list[Reading]:
    """Stage every epoch of a night, with rules, rationale and evidence.

    The whole night is measured before the first epoch is decided: whether the sleeper makes alpha
    and where chin tone is low are facts of the night.
    """
    if night.epoch_count == 0:
        return []
    continuous = read_continuous(night)
    tone = measure_tone(continuous)
    measured = measure_epochs(detect_events(continuous), tone, night.epoch_count)
    calibration = calibrate(measured, tone, night.derivations)
    signs = [
        Signs(here, measured[epoch - 1] if epoch else None) for epoch, here in enumerate(measured)
    ]
    decisions = decide(signs, calibration)
    edition = get_edition()
    return [
        Reading(
            stage=decision.stage,
            rules=edition.in_order(decision.rules),
            rationale=rationale_of(epoch, decisions, signs, calibration),
            evidence=evidence_of(signs[epoch].here),
        )
        for epoch, decision in enumerate(decisions)
    ]
