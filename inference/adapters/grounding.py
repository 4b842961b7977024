"""Replies compared with what was measured in their epoch, and written again where they go beyond.

A reply is first written freely: its stage and its probabilities stay, whatever is done with its
words. With ``grounding = "flag"`` its contradicted statements are marked. With ``"bind"`` a reply
that goes beyond the measurements is written once more under a grammar of its epoch, with its stage
fixed. If that is not possible, the free reply stays and a note gives the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from inference.adapters.protocol import Adapter, Grounding, JsonObject, NightToScore, RawReply
from inference.bundles import BundleSpec
from inference.bundles.reading import GroundingMode
from inference.parsing import ParsedReply, parse_reply
from psg.claims import (
    MeasuredEpoch,
    MeasuredNight,
    PermittedKind,
    ReadAgainstSignal,
    measure_night,
    permitted_kinds,
    read_against,
)
from psg.events.measures import EpochMeasures
from psg.night import measured_form
from psg.stages import Stage

NOT_MEASURED = "No trusted detector reads this epoch."
CANNOT_BIND = "This model cannot be bound"
STILL_BEYOND = "The bound reply still goes beyond the measurements: {words}"
NOT_READABLE = "The bound reply cannot be read."


@dataclass(frozen=True)
class BoundForm:
    """What the bound reply of an epoch may hold: a stage, rules for it, and what was measured.

    ``words`` is a text with the words that it may use, besides the names of kinds.
    """

    stage: Stage
    rules: tuple[str, ...]
    kinds: tuple[PermittedKind, ...]
    words: str


@dataclass(frozen=True)
class BoundText:
    """A reply that was written under a form; empty with a ``problem`` where there is none."""

    text: str = ""
    problem: str = ""


@runtime_checkable
class BindingAdapter(Protocol):
    """An adapter that can write replies under a form."""

    @property
    def binding_problem(self) -> str:
        """Why it cannot at present; empty if it can."""
        ...

    def bound_texts(
        self, night: NightToScore, forms: Mapping[int, BoundForm]
    ) -> dict[int, BoundText]:
        """Write a reply for each epoch under its form."""
        ...


class GroundedAdapter:
    """Compares the replies of an adapter with the measurements of their night."""

    def __init__(self, adapter: Adapter, spec: BundleSpec) -> None:
        self.renderer_version = adapter.renderer_version
        self._adapter = adapter
        self._spec = spec
        self._mode = spec.decoding.grounding
        self._key = ""
        self._measures: tuple[EpochMeasures, ...] = ()

    @property
    def about(self) -> JsonObject:
        grounding = f"{self._mode}: {problem}" if (problem := self._problem) else f"{self._mode}"
        return {**self._adapter.about, "grounding": grounding}

    def replies(self, night: NightToScore, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        measured = self._measured(night)
        for group in self._adapter.replies(night, epochs):
            yield self._grounded(night, measured, group)

    @property
    def _problem(self) -> str:
        """Why replies are not bound although the bundle wants it; empty otherwise."""
        if self._mode is not GroundingMode.BIND:
            return ""
        if not isinstance(self._adapter, BindingAdapter):
            return f"{CANNOT_BIND}: its adapter writes no replies under a grammar."
        return self._adapter.binding_problem

    def _measured(self, night: NightToScore) -> MeasuredNight:
        """Measure a night once; its signals may be another open file the next time."""
        if night.key != self._key:
            measured = measure_night(night.signals, is_simulated=night.is_simulated)
            self._measures, self._key = measured.measures, night.key
        return MeasuredNight(measured_form(night.signals), self._measures, night.is_simulated)

    def _grounded(
        self, night: NightToScore, measured: MeasuredNight, group: Sequence[RawReply]
    ) -> list[RawReply]:
        read = [_Compared.of(raw, measured.epoch(raw.epoch), self._spec) for raw in group]
        bound = self._bound(night, [its for its in read if its.goes_beyond])
        return [
            its.bound(bound[its.raw.epoch], self._spec)
            if its.raw.epoch in bound
            else self._as_is(its)
            for its in read
        ]

    def _bound(self, night: NightToScore, beyond: Sequence[_Compared]) -> dict[int, BoundText]:
        if self._mode is not GroundingMode.BIND or not beyond:
            return {}
        if problem := self._problem:
            return {its.raw.epoch: BoundText(problem=problem) for its in beyond}
        assert isinstance(self._adapter, BindingAdapter)
        forms = {its.raw.epoch: its.form(self._spec) for its in beyond}
        return self._adapter.bound_texts(night, forms)

    def _as_is(self, its: _Compared) -> RawReply:
        """A free reply that keeps to the measurements is what the grammar would have written."""
        keeps = self._mode is GroundingMode.BIND and its.is_limited and not its.goes_beyond
        return replace(its.flagged(), grounding=Grounding.BOUND) if keeps else its.flagged()


@dataclass(frozen=True)
class _Compared:
    """A free reply beside the measurements of its epoch; ``reply`` None if it cannot be read."""

    raw: RawReply
    epoch: MeasuredEpoch
    permitted: tuple[PermittedKind, ...]
    reply: ParsedReply | None
    result: ReadAgainstSignal

    @classmethod
    def of(cls, raw: RawReply, epoch: MeasuredEpoch, spec: BundleSpec) -> _Compared:
        permitted = permitted_kinds(epoch)
        read = parse_reply(raw.text, rule_ids=spec.edition.rule_ids)
        reply = read if isinstance(read, ParsedReply) else None
        words = reply.rationale if reply else ""
        return cls(raw, epoch, permitted, reply, read_against(words, epoch, permitted))

    @property
    def is_limited(self) -> bool:
        return self.reply is not None and bool(self.reply.rationale and self.permitted)

    @property
    def goes_beyond(self) -> bool:
        return self.is_limited and bool(self.result.not_permitted)

    def flagged(self) -> RawReply:
        if self.reply is None or not self.reply.rationale:
            return self.raw
        if not self.permitted:
            return replace(self.raw, grounding_note=NOT_MEASURED)
        if not self.result.contradicted:
            return self.raw
        return replace(self.raw, grounding=Grounding.FLAGGED, contradicted=self.result.contradicted)

    def form(self, spec: BundleSpec) -> BoundForm:
        assert self.reply is not None
        stage = self.reply.stage
        rules = spec.edition.supporting(stage)
        return BoundForm(
            stage=stage,
            rules=tuple(rule.id for rule in rules),
            kinds=self.permitted,
            words=" ".join([self.reply.rationale, *(rule.text for rule in rules)]),
        )

    def bound(self, written: BoundText, spec: BundleSpec) -> RawReply:
        """Return the bound reply, or the free reply with the reason why it is not bound."""
        if written.problem:
            return replace(self.flagged(), grounding_note=written.problem)
        read = parse_reply(written.text, rule_ids=spec.edition.rule_ids)
        if not isinstance(read, ParsedReply):
            return replace(self.flagged(), grounding_note=NOT_READABLE)
        beyond = read_against(read.rationale, self.epoch, self.permitted).not_permitted
        if beyond:
            note = STILL_BEYOND.format(words="; ".join(beyond))
            return replace(self.flagged(), grounding_note=note)
        return replace(self.raw, text=written.text, grounding=Grounding.BOUND)
