"""The readers of nights (the evaluated bundle and baselines) and their answers.

Replies are parsed as in pre-scoring.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference import bundles
from inference.adapters import (
    Adapter,
    NightToScore,
    RawReply,
    install_hint,
    is_installed,
    is_stage_only,
    load_adapter,
)
from inference.bundles import BundleSpec, checkpoint, read_bundle
from inference.parsing import FaultKind, ParsedReply, ReplyFault, parse_reply
from inference.training.evaluation.results import ReaderDescription
from psg.stages import UNSCORED_CODE, stage_codes

BASELINES = ("rules", "yasa")
MAJORITY = "majority"


@dataclass(frozen=True)
class Reader:
    """A bundle and its adapter, loaded."""

    spec: BundleSpec
    adapter: Adapter

    @property
    def gives_words(self) -> bool:
        """Whether its replies have rules and a rationale."""
        return not is_stage_only(self.spec.adapter)

    @property
    def description(self) -> ReaderDescription:
        """Facts that identify the bundle and its weights."""
        return ReaderDescription(
            bundle=self.spec.name,
            version=self.spec.version,
            title=self.spec.title,
            prompt_sha256=self.spec.prompt.sha256,
            weights_sha256=checkpoint.weights_sha256(self.spec.checkpoint),
            about=dict(self.adapter.about),
        )


@dataclass
class Baselines:
    """Readers to compare with, and the reasons why others are missing."""

    readers: dict[str, Reader] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def bundle_folder(name: str) -> Path:
    """Return the folder of a bundle, which may be the name of a bundle of Epochwise."""
    shipped = Path(bundles.__file__).parent / name
    return shipped if "/" not in name and (shipped / bundles.FILE_NAME).is_file() else Path(name)


def load_reader(name: str) -> Reader:
    """Read a bundle and load it; raises BundleError where either fails."""
    spec = read_bundle(bundle_folder(name))
    return Reader(spec, load_adapter(spec))


def load_baselines(names: Collection[str], *, besides: Reader) -> Baselines:
    """Load the installed baselines, except the evaluated bundle itself."""
    baselines = Baselines()
    for name in names:
        if name == besides.spec.adapter:
            continue
        if is_installed(name):
            baselines.readers[name] = load_reader(name)
        else:
            baselines.missing[name] = f"not installed: {install_hint(name)}"
    return baselines


@dataclass(frozen=True)
class EpochAnswer:
    """An unchanged reply, and the result of parsing it."""

    raw: RawReply
    read: ParsedReply | ReplyFault


@dataclass(frozen=True)
class NightAnswers:
    """The answers of a reader for a night, by epoch, without the epochs left out."""

    epoch_count: int
    by_epoch: Mapping[int, EpochAnswer]
    seconds: float
    """Time for all answers, including measurements of the night."""

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Which epochs were answered; (n_epochs,)."""
        mask = np.zeros(self.epoch_count, dtype=np.bool_)
        mask[list(self.by_epoch)] = True
        return mask

    @property
    def codes(self) -> NDArray[np.int8]:
        """Stage codes, -1 where no stage was read or the epoch was left out; (n_epochs,)."""
        codes = np.full(self.epoch_count, UNSCORED_CODE, dtype=np.int8)
        parsed = self.parsed
        codes[list(parsed)] = stage_codes([reply.stage for reply in parsed.values()])
        return codes

    @property
    def parsed(self) -> dict[int, ParsedReply]:
        reads = {epoch: answer.read for epoch, answer in self.by_epoch.items()}
        return {epoch: read for epoch, read in reads.items() if isinstance(read, ParsedReply)}

    @property
    def faults(self) -> Counter[str]:
        """Replies without a stage, counted by their fault."""
        read = (answer.read for answer in self.by_epoch.values())
        return Counter(fault.kind.value for fault in read if isinstance(fault, ReplyFault))


def answer_night(
    adapter: Adapter, night: NightToScore, epochs: Sequence[int], *, rule_ids: Sequence[str]
) -> NightAnswers:
    """Get the answers of a reader for some epochs of a night."""
    started = time.perf_counter()
    raw = [reply for group in adapter.replies(night, epochs) for reply in group]
    return NightAnswers(
        night.signals.epoch_count,
        {reply.epoch: EpochAnswer(reply, _parsed(reply, rule_ids)) for reply in raw},
        time.perf_counter() - started,
    )


def _parsed(raw: RawReply, rule_ids: Sequence[str]) -> ParsedReply | ReplyFault:
    if raw.error:
        return ReplyFault(FaultKind.NO_REPLY, raw.error)
    return parse_reply(raw.text, rule_ids=rule_ids)
