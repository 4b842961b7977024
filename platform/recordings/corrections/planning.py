"""What a correction of signals would change, computed before anything is written."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, cast

from django.db.models import Max
from django.db.models.fields.files import FieldFile

from psg.doubts import Doubt
from psg.errors import RefusedError, SignalStoreError
from psg.filters import MAINS_HZ
from psg.ingest import NightDecisions, NightFacts, inspect_night
from psg.ingest.decisions import ChannelSource
from psg.montage import DERIVATIONS, Derivation
from psg.rawfile import RawStoreFile
from psg.signalstore import SignalStore
from psg.stagefiles import StageOptions
from psg.units import uv_per_unit
from recordings.corrections.models import SignalCorrection
from recordings.models import Recording

log = logging.getLogger(__name__)


class CorrectionRefusedError(RefusedError):
    """A recording cannot be corrected as requested; the message gives the reason."""

    code = "not_corrected"
    status = 409


class OutdatedCorrectionError(CorrectionRefusedError):
    """The signals were corrected after a person saw them."""

    code = "outdated"
    default = "The signals were corrected after this was opened. Nothing was changed."


@dataclass(frozen=True)
class CorrectionPlan:
    """What would change.

    Attributes
    ----------
    before, after : NightDecisions
        Everything that can be corrected, as it is and as it would be. Units are those that a
        person states now: the raw store has those that were stated earlier.
    facts : NightFacts
        The raw store, read as `after` says.
    """

    before: NightDecisions
    after: NightDecisions
    facts: NightFacts

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return self.facts.doubts

    @property
    def changed(self) -> tuple[Derivation, ...]:
        """Derivations that would be made of other channels, or of channels in another unit."""
        return tuple(d for d in DERIVATIONS if self._has_other_source(d) or self._has_other_unit(d))

    @property
    def unchanged(self) -> tuple[Derivation, ...]:
        return tuple(d for d in DERIVATIONS if d not in self.changed)

    @property
    def changes_signals(self) -> bool:
        """Whether a new store is needed; a clock alone needs none."""
        before_hz, after_hz = (given.mains_hz or MAINS_HZ for given in (self.before, self.after))
        return bool(self.changed or self.after.units) or before_hz != after_hz

    @property
    def changes_clock(self) -> bool:
        return self.before.start_clock_s != self.after.start_clock_s

    @property
    def changes_nothing(self) -> bool:
        return not self.changes_signals and self.before == self.after

    def _has_other_source(self, derivation: Derivation) -> bool:
        return self.before.channels.get(derivation) != self.after.channels.get(derivation)

    def _has_other_unit(self, derivation: Derivation) -> bool:
        source = self.after.channels.get(derivation)
        return source is not None and bool(
            {source.positive, source.negative} & self.after.units.keys()
        )


def state_of_signals(recording: Recording) -> str:
    """Name the present state of what can be corrected: a version, and the last correction.

    A correction of the clock alone makes no new version.
    """
    done = recording.corrections.filter(state=SignalCorrection.State.DONE)
    return f"{recording.signals_version}-{done.aggregate(last=Max('pk'))['last'] or 0}"


def refuse_outdated(recording: Recording, seen: str | None) -> None:
    """Refuse what a person says of signals that were corrected since; None names no state.

    Raises
    ------
    OutdatedCorrectionError
    """
    if seen is not None and seen != state_of_signals(recording):
        raise OutdatedCorrectionError(
            advice="Open the page again, and enter what is still to be corrected."
        )


def present_decisions(recording: Recording) -> NightDecisions:
    """Return what can be corrected, as it is now."""
    return NightDecisions(
        channels={name: _source_of(recording.derivations.get(name.value)) for name in DERIVATIONS},
        mains_hz=recording.mains_hz,
        start_clock_s=recording.start_clock_s,
    )


def _source_of(described: Mapping[str, Any] | None) -> ChannelSource | None:
    if described is None:
        return None
    if "positive" not in described:
        return ChannelSource.of(described["label"])
    return ChannelSource(described["positive"], described["negative"] or "")


def merged(before: NightDecisions, given: NightDecisions) -> NightDecisions:
    """Lay what a person says over what is; everything else stays."""
    return replace(
        before,
        channels={**before.channels, **given.channels},
        units=given.units,
        mains_hz=given.mains_hz or before.mains_hz,
        start_clock_s=(
            before.start_clock_s if given.start_clock_s is None else given.start_clock_s
        ),
    )


def plan_correction(recording: Recording, given: NightDecisions) -> CorrectionPlan:
    """Compute what a correction would change.

    Raises
    ------
    CorrectionRefusedError
        When the recording has no signals that could be corrected.
    PsgError
        When what is said does not fit the channels.
    """
    if given.epoch_start_s is not None:
        raise CorrectionRefusedError(
            "The start of the epochs cannot be corrected",
            advice="Nothing was changed. Import the file again with another epoch start.",
        )
    if given.stages != StageOptions():
        raise CorrectionRefusedError(
            "A correction of signals cannot change stages",
            advice="Nothing was changed. Import the stage file again with these options.",
        )
    before = present_decisions(recording)
    after = merged(before, given)
    with opened_raw(recording) as raw:
        return CorrectionPlan(before, after, inspect_night(raw, after))


@contextmanager
def opened_raw(recording: Recording) -> Iterator[RawStoreFile]:
    """Open the raw store of a recording as a file.

    Raises
    ------
    CorrectionRefusedError
        When there is none, or it is missing or damaged.
    """
    if not recording.has_signals or not recording.raw_file:
        raise CorrectionRefusedError("This recording has no unfiltered signals to correct from.")
    with opened_store(recording.raw_file) as store:
        yield RawStoreFile(store, recording.first_epoch_clock_s, list(_uv_per_unit(recording)))


@contextmanager
def opened_store(file: FieldFile) -> Iterator[SignalStore]:
    """Open a store of a recording.

    Raises
    ------
    CorrectionRefusedError
        When its file is missing or damaged; also when that is found in the block.
    """
    try:
        with SignalStore.open(cast(BinaryIO, file.open("rb"))) as store:
            yield store
    except FileNotFoundError as error:
        raise CorrectionRefusedError(
            "A file with the stored signals of this recording is missing",
            advice="Nothing was changed. Tell the administrator, who may find it in the quarantine"
            " or in a backup.",
        ) from error
    except SignalStoreError as error:
        log.exception("%s is damaged", file.name)
        raise CorrectionRefusedError(
            "A file with the stored signals of this recording is damaged",
            advice="Nothing was changed. Tell the administrator; the server log has the details.",
        ) from error


def _uv_per_unit(recording: Recording) -> Iterator[float]:
    """Yield the uV in the unit that the file stated, for the channels that the raw store has."""
    for channel in recording.channels:
        if channel["usable"]:
            # Imports of earlier versions noted a conversion in words alone.
            words = channel["note"].removeprefix("given in ").removesuffix(", converted to uV")
            yield channel.get("uv_per_unit") or uv_per_unit(words) or 1.0
