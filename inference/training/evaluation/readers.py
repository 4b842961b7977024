"""Who reads the nights: the bundle that is judged, and simpler readers beside it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference import bundles
from inference.adapters import Adapter, install_hint, is_installed, is_stage_only, load_adapter
from inference.bundles import BundleSpec, checkpoint, read_bundle

BASELINES = ("rules", "yasa")
MAJORITY = "majority"


@dataclass(frozen=True)
class Reader:
    """A bundle and its adapter, loaded."""

    spec: BundleSpec
    adapter: Adapter

    @property
    def gives_words(self) -> bool:
        """Whether there are rules and a rationale to be judged."""
        return not is_stage_only(self.spec.adapter)

    def as_json(self) -> dict[str, Any]:
        return {
            "bundle": self.spec.name,
            "version": self.spec.version,
            "title": self.spec.title,
            "prompt_sha256": self.spec.prompt.sha256,
            "weights_sha256": checkpoint.weights_sha256(self.spec.checkpoint),
            "about": dict(self.adapter.about),
        }


@dataclass
class Baselines:
    """Readers to compare with, and why one that belongs here is not there."""

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
    """Those of the baselines that are installed; never what is judged itself."""
    found = Baselines()
    for name in names:
        if name == besides.spec.adapter:
            continue
        if is_installed(name):
            found.readers[name] = load_reader(name)
        else:
            found.missing[name] = f"not installed: {install_hint(name)}"
    return found
