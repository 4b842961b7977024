"""The worker's part of a correction: make the new store from the raw store, then replace the old.

The source file is gone, and the raw store has all channels as they were recorded. The old store
stays in the row of the correction if anything was made on it.
"""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from jobs.kinds import JobKind
from jobs.models import ATTEMPTS
from jobs.reader import Tell
from jobs.workers import INGEST_QUEUE
from psg.doubts import refuse_open
from psg.errors import RefusedError
from psg.ingest import (
    NightDecisions,
    assumed_in,
    described_sources,
    rebuild_night,
    with_units,
)
from psg.ingest.doubting import is_of_line, notes_of
from psg.ingest.quality import is_of_quality
from psg.rawfile import RawStoreFile, restate_units
from psg.typed_json import JsonObject
from recordings.corrections.models import SignalCorrection, signals_replaced, signals_replacing
from recordings.corrections.planning import (
    CorrectionPlan,
    opened_raw,
    opened_store,
    plan_correction,
)
from recordings.incoming import incoming_path
from recordings.models import Recording
from recordings.nightwork import Changing, NightWork, unexpected_faults
from recordings.notices import tell_of_work
from recordings.removals import remove_files
from recordings.storing import drop_work_folders

# Begin and end of each step on the progress bar, in percent.
_SPANS = {"filter": (0, 75), "spectrogram": (75, 80), "raw view": (80, 95), "store": (95, 100)}
_CLIPPING = "Clipping of {} is not known after the correction."
_SIGNALS, _RAW = "signals.epw", "raw.epw"
# Fields of a correction that its end writes, besides those of the lease.
_RESULTS = ("rests", "version_after", "sha256_before", "sha256_after", "signals_file", "raw_file")


@dataclass(frozen=True)
class _Rebuilt:
    """What the reader made; the stores are files."""

    plan: CorrectionPlan
    derivations: dict[str, JsonObject]
    quality: list[str]
    spectrogram: bytes
    units: list[dict[str, object]]
    """Unit of each channel of the raw store, where units are corrected."""
    sha256_before: str
    sha256_after: str


def dependents_of(recording: Recording) -> dict[str, list[int]]:
    """Return what was made on the present signals of a recording, as kind and primary keys.

    Raises
    ------
    RefusedError
        When the signals must stay as they are.
    """
    answers: list[tuple[Any, Any]] = signals_replacing.send(sender=Recording, recording=recording)
    return {kind: made for _, rests in answers for kind, made in rests.items()}


def correct_signals(correction: SignalCorrection) -> None:
    """Do the work of a claimed correction.

    Raises
    ------
    RefusedError
        When the signals cannot be corrected; trying again would not help.
    OSError, DatabaseError
        When disk or database are full or away; trying again may help.
    LeaseLostError
    """
    work = NightWork(correction, _beside(correction), _SPANS)
    with (
        unexpected_faults(
            correction,
            what="The signals could not be corrected; they were not changed",
            advice="Give this message to the administrator; the server log has the details.",
        ),
        work.made(partial(_rebuild, correction)) as (rebuilt, folder),
    ):
        _replace(work, correction, rebuilt, folder)


def _beside(correction: SignalCorrection) -> Path:
    return incoming_path(correction.folder_name)


def _rebuild(correction: SignalCorrection, folder: Path, tell: Tell) -> _Rebuilt:
    """Write new stores into `folder`; runs in the process of the reader, without a database."""
    recording = correction.recording
    plan = plan_correction(recording, NightDecisions.from_json(correction.after))
    refuse_open(plan.doubts)
    signals = folder / _SIGNALS
    spectrogram, derivations = b"", recording.derivations
    quality: list[str] = []
    units: list[dict[str, object]] = []
    if plan.changes_signals:
        with (
            opened_raw(recording) as raw,
            opened_store(recording.signals_file) as old,
        ):
            spectrogram, quality = rebuild_night(
                raw,
                plan.facts,
                old=old,
                unchanged=plan.unchanged,
                signals_path=signals,
                progress=tell,
            )
            derivations = _derivations(recording, plan, raw)
            if plan.after.units:
                tell("raw view", 0, 1)
                stated = with_units(raw, plan.facts.units)
                restate_units(raw, stated, folder / _RAW)
                units = [
                    {"unit": channel.unit, "uv_per_unit": channel.uv_per_unit}
                    for channel in stated.channels
                ]
    return _Rebuilt(
        plan=plan,
        derivations=derivations,
        quality=quality,
        spectrogram=spectrogram,
        units=units,
        sha256_before=_sha256(recording.signals_file.open("rb")),
        sha256_after=_sha256(signals.open("rb")) if plan.changes_signals else "",
    )


def _derivations(
    recording: Recording, plan: CorrectionPlan, raw: RawStoreFile
) -> dict[str, JsonObject]:
    """Describe the derivations again; those that did not change are described as before."""
    described = described_sources(with_units(raw, plan.facts.units), plan.facts.sources)
    return {
        name: recording.derivations.get(name, source) if name in plan.unchanged else source
        for name, source in described.items()
    }


def _notes(recording: Recording, plan: CorrectionPlan, quality: list[str]) -> list[str]:
    """Put the notes on what changed, and on what is still assumed, in the place of the old ones."""
    changed = tuple(str(derivation) for derivation in plan.changed)
    replaced = (*changed, *(_CLIPPING.format(name) for name in changed))
    # They stay in the intake record.
    assumed = assumed_in(recording.intake)
    kept = [note for note in recording.notes if note not in assumed]
    kept = [note for note in kept if not note.startswith(replaced) and not is_of_line(note)]
    if plan.changes_signals:  # `quality` tells of all signals
        kept = [note for note in kept if not is_of_quality(note)]
    # A line of the mains stands out or not in every derivation as the notch is.
    new = [note for note in plan.facts.notes if note.startswith(changed) or is_of_line(note)]
    new += notes_of(plan.doubts)
    new += [_CLIPPING.format(name) for name in changed if name in plan.facts.sources]
    return list(dict.fromkeys([*kept, *new, *quality]))


def _sha256(file: Any) -> str:
    with file as opened:
        digest = hashlib.sha256()
        for chunk in iter(partial(opened.read, 2**20), b""):
            digest.update(chunk)
        return digest.hexdigest()


def _replace(
    work: NightWork, correction: SignalCorrection, rebuilt: _Rebuilt, folder: Path
) -> None:
    with work.finished() as changing:
        recording = changing.recording
        correction.rests = dependents_of(recording)
        if rebuilt.plan.changes_clock:
            # Made of the clock before; the date for new ones is not kept.
            recording.stretches = []
        recording.start_clock_s = rebuilt.plan.after.start_clock_s
        recording.mains_hz = rebuilt.plan.after.mains_hz
        if rebuilt.plan.changes_signals:
            _replace_files(changing, correction, rebuilt, folder)
            _describe(recording, rebuilt)
        recording.notes = _notes(recording, rebuilt.plan, rebuilt.quality)
        correction.version_after = recording.signals_version
        correction.sha256_before = rebuilt.sha256_before
        correction.sha256_after = rebuilt.sha256_after or rebuilt.sha256_before
        recording.save()
        # The lease was ended in the database; this object still has its token.
        correction.save(update_fields=_RESULTS)
        signals_replaced.send(sender=Recording, recording=recording)


def _replace_files(
    changing: Changing, correction: SignalCorrection, rebuilt: _Rebuilt, folder: Path
) -> None:
    recording = changing.recording
    is_kept = any(correction.rests.values())
    made = {"signals_file": folder / _SIGNALS}
    if rebuilt.plan.after.units:
        made["raw_file"] = folder / _RAW
    for name in made:
        _keep_or_delete_store(correction, name, getattr(recording, name).name, is_kept=is_kept)
    remove_files([str(recording.spectrogram_file.name)])
    changing.store(made, spectrogram=rebuilt.spectrogram)


def _keep_or_delete_store(
    correction: SignalCorrection, name: str, stored: str, *, is_kept: bool
) -> None:
    """Keep a replaced store as evidence, or list it for deletion if nothing was made on it."""
    if is_kept:
        setattr(correction, name, stored)
    else:
        remove_files([stored])


def _describe(recording: Recording, rebuilt: _Rebuilt) -> None:
    recording.signals_version += 1
    recording.derivations = rebuilt.derivations
    if rebuilt.units:
        usable = iter(rebuilt.units)
        recording.channels = [
            {**channel, **next(usable)} if channel["usable"] else channel
            for channel in recording.channels
        ]
    recording.candidates.all().delete()


def _give_up(correction: SignalCorrection, error: str) -> None:
    with transaction.atomic():
        failed = SignalCorrection.State.FAILED
        correction.settle(state=failed, error=error, finished_at=timezone.now())
        tell_of_work(correction)
    drop_work_folders(_beside(correction))


CORRECTIONS = JobKind(
    SignalCorrection,
    work=correct_signals,
    give_up=_give_up,
    stopped=f"The worker stopped {ATTEMPTS} times while correcting the signals. The signals were"
    " not changed. Try again; if it stops again, tell the administrator.",
    refusals=(RefusedError,),
    related=("recording",),
    queue=INGEST_QUEUE,
)
