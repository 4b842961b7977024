"""The one table of adapters. A new one is a folder and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from inference.adapters.protocol import Adapter
from inference.bundles import BundleError, BundleSpec


@dataclass(frozen=True)
class AdapterEntry:
    """Where an adapter's ``load(spec)`` is, and the packages it needs beyond the base install."""

    load: str
    needs: tuple[str, ...] = ()
    needs_checkpoint: bool = False


ADAPTERS: dict[str, AdapterEntry] = {
    "rules": AdapterEntry("inference.adapters.rules.adapter.load"),
    "sleepvlm": AdapterEntry(
        "inference.adapters.sleepvlm.adapter.load",
        needs=("torch", "transformers"),
        needs_checkpoint=True,
    ),
}
_INSTALL = "make install INFERENCE=1"
_RUN = "make run SLEEPVLM=1"


def entry_for(spec: BundleSpec) -> AdapterEntry:
    """The table's line for a bundle; raises BundleError where the two do not fit."""
    entry = ADAPTERS.get(spec.adapter)
    if entry is None:
        raise BundleError(
            f"There is no adapter “{spec.adapter[:40]}”",
            where=spec.name,
            advice="Use one of " + ", ".join(ADAPTERS) + ".",
        )
    if entry.needs_checkpoint and spec.checkpoint is None:
        raise BundleError(
            f"The adapter “{spec.adapter}” needs a checkpoint",
            where=spec.name,
            advice='Name its folder in bundle.toml: checkpoint = "checkpoint".',
        )
    return entry


def is_installed(adapter: str) -> bool:
    """True when the packages of an adapter are there. Looks, and imports nothing."""
    entry = ADAPTERS.get(adapter)
    return entry is not None and all(find_spec(name) is not None for name in entry.needs)


def install_hint(adapter: str) -> str:
    """The command that installs what an adapter lacks; empty when nothing is lacking."""
    return "" if is_installed(adapter) else f"{_RUN} (or {_INSTALL}, then start again)"


def load_adapter(spec: BundleSpec) -> Adapter:
    """Load the adapter of a bundle, with its model, into this process."""
    entry = entry_for(spec)
    if not is_installed(spec.adapter):
        raise BundleError(
            f"The adapter “{spec.adapter}” is not installed on this worker",
            where=spec.name,
            advice=f"Run {install_hint(spec.adapter)}.",
        )
    module_name, _, function_name = entry.load.rpartition(".")
    load: Callable[[BundleSpec], Adapter] = getattr(import_module(module_name), function_name)
    return load(spec)
