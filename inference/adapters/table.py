"""Table of all adapters. A new adapter is a folder and a line here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from inference.adapters.grounding import GroundedAdapter
from inference.adapters.protocol import Adapter
from inference.adapters.served import any_served
from inference.bundles import BundleError, BundleSpec
from inference.bundles.reading import SERVERS_VARIABLE, GroundingMode

ONLY = "PRESCORE_ADAPTERS"
"""Variable of a worker with the adapters that it may use; without it, all that are installed."""


@dataclass(frozen=True)
class AdapterEntry:
    """Dotted path of an adapter's ``load(spec)``, and its needs beyond the base installation."""

    load: str
    needs: tuple[str, ...] = ()
    needs_checkpoint: bool = False
    needs_server: bool = False
    stage_only: bool = False
    draws: bool = False
    """Whether it can write several replies to an epoch and keep the best."""
    chunk_epochs: int = 32
    """Epochs that a worker claims at once.

    A server reads many epochs at a time, and at the end of each chunk fewer than it could.
    """
    install: str = ""

    @property
    def is_ready(self) -> bool:
        """Return whether this process could load the adapter, without importing it."""
        has_packages = all(find_spec(name) is not None for name in self.needs)
        return has_packages and (not self.needs_server or _has_server())


def _has_server() -> bool:
    listed = (value for name, value in os.environ.items() if name.startswith(SERVERS_VARIABLE))
    return any(value.strip() for value in listed) or any_served()


ADAPTERS: dict[str, AdapterEntry] = {
    "rules": AdapterEntry("inference.adapters.rules.load"),
    "sleepvlm": AdapterEntry(
        "inference.adapters.sleepvlm.adapter.load",
        needs=("torch", "transformers", "llguidance"),
        needs_checkpoint=True,
        draws=True,
        install="make run SLEEPVLM=1 (or make install INFERENCE=1, then start again)",
    ),
    "openai": AdapterEntry(
        "inference.adapters.openai.adapter.load",
        needs_server=True,
        chunk_epochs=512,
        install="make gpu BUNDLE=NAME on a machine with a graphics card, or set "
        f"{SERVERS_VARIABLE} for the worker and start it again",
    ),
    "yasa": AdapterEntry(
        "inference.adapters.yasa.load",
        needs=("yasa",),
        stage_only=True,
        install="install the extra “yasa” where the worker runs and start it again",
    ),
}


FROM_FILES = "file"
"""Stands for an adapter where the predictions of a model were imported: it cannot be run."""


def entry_for(spec: BundleSpec) -> AdapterEntry:
    """Return the entry of a bundle's adapter; raises BundleError if the bundle lacks its needs."""
    entry = ADAPTERS.get(spec.adapter)
    if entry is None:
        raise BundleError(
            f"There is no adapter “{spec.adapter[:40]}”",
            where=spec.name,
            advice="Use " + " or ".join(ADAPTERS) + ".",
        )
    if entry.needs_checkpoint and spec.checkpoint is None:
        raise BundleError(
            f"The adapter “{spec.adapter}” needs a checkpoint",
            where=spec.name,
            advice='Name its folder in bundle.toml: checkpoint = "checkpoint".',
        )
    if entry.needs_server and spec.server is None:
        raise BundleError(
            f"The adapter “{spec.adapter}” needs a server",
            where=spec.name,
            advice="Name its model in bundle.toml under [server].",
        )
    if spec.decoding.best_of > 1 and not entry.draws:
        raise BundleError(
            f"The adapter “{spec.adapter}” writes a single reply to each epoch",
            where=spec.name,
            advice="Remove best_of from bundle.toml.",
        )
    return entry


def is_installed(adapter: str) -> bool:
    """True when this process could load the adapter."""
    entry = ADAPTERS.get(adapter)
    return entry is not None and entry.is_ready


def installed_adapters() -> list[str]:
    """Names of the adapters this process could load, and may."""
    allowed = os.environ.get(ONLY, "").replace(",", " ").split() or ADAPTERS
    return [name for name in ADAPTERS if name in allowed and is_installed(name)]


def is_stage_only(adapter: str) -> bool:
    """True for models that give neither rules nor a rationale."""
    return adapter in ADAPTERS and ADAPTERS[adapter].stage_only


def draws_replies(adapter: str) -> bool:
    """True for adapters that can write several replies to an epoch and keep the best."""
    return adapter in ADAPTERS and ADAPTERS[adapter].draws


def chunk_epochs(adapter: str) -> int:
    """Return how many epochs a worker with this adapter claims at once."""
    return ADAPTERS[adapter].chunk_epochs


def install_hint(adapter: str) -> str:
    """Return how to install an adapter, as a phrase to follow “To set up a worker:”."""
    if adapter == FROM_FILES:
        return "its predictions were imported; add the model itself with manage.py add_bundle"
    entry = ADAPTERS.get(adapter)
    return entry.install if entry else "update it: this version does not know the adapter"


def load_adapter(spec: BundleSpec) -> Adapter:
    """Load the adapter of a bundle, with its model, into this process."""
    entry = entry_for(spec)
    if not is_installed(spec.adapter):
        raise BundleError(
            f"The adapter “{spec.adapter}” is not installed on this worker",
            where=spec.name,
            advice=f"To install it: {install_hint(spec.adapter)}.",
        )
    module_name, _, function_name = entry.load.rpartition(".")
    load: Callable[[BundleSpec], Adapter] = getattr(import_module(module_name), function_name)
    adapter = load(spec)
    if spec.decoding.grounding is GroundingMode.OFF or entry.stage_only:
        return adapter
    return GroundedAdapter(adapter, spec)
