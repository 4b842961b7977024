"""Who reads the nights, the evaluated bundle and simpler readers, and what they answer.

Replies are read by the parser that pre-scoring uses.
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
        """Whether there are rules and a rationale to evaluate."""
        return not is_stage_only(self.spec.adapter)

    @property
    def description(self) -> ReaderDescription:
        """What identifies the bundle and its weights."""
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
    """Readers to compare with, and why a baseline that belongs here is missing."""

    readers: dict[str, Reader] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def bundle_folder(name: str) -> Path:
    """The folder of a bundle: as given, or one that comes with Epochwise."""
    shipped = Path(bundles.__file__).parent / name
    return shipped if "/" not in name and (shipped / bundles.FILE_NAME).is_file() else Path(name)


def load_reader(name: str) -> Reader:
    """Read a bundle and load it; raises BundleError where either fails."""
    spec = read_bundle(bundle_folder(name))
    return Reader(spec, load_adapter(spec))


def load_baselines(names: Collection[str], *, besides: Reader) -> Baselines:
    """Those of the baselines that are installed; never the evaluated bundle itself."""
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
    """A reply word for word, and what was read in it."""

    raw: RawReply
    read: ParsedReply | ReplyFault


@dataclass(frozen=True)
class NightAnswers:
    """The answers of one reader for one night, by epoch; epochs left out are not in it."""

    epoch_count: int
    by_epoch: Mapping[int, EpochAnswer]
    seconds: float
    """Time that all of them took, whatever is measured of the night included."""

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
        """Replies without a stage, by what was wrong with them."""
        read = (answer.read for answer in self.by_epoch.values())
        return Counter(fault.kind.value for fault in read if isinstance(fault, ReplyFault))


def answer_night(
    adapter: Adapter, night: NightToScore, epochs: Sequence[int], *, rule_ids: Sequence[str]
) -> NightAnswers:
    """Have a reader answer for some epochs of a night."""
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
