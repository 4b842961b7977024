"""Read ``bundle.toml`` into a typed object; nothing of the file is trusted unread.

A bundle is a folder: ``bundle.toml``, the prompts it names, and for model adapters a checkpoint.
Paths in it are relative to the folder and may not leave it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference.bundles.checkpoint import BundleError, check_checkpoint
from inference.bundles.server import ServerSpec, read_server
from inference.bundles.table import Table
from inference.prompts import (
    PUBLISHED_KEYS,
    PUBLISHED_LABELS,
    Prompt,
    Track,
    fill_prompt,
    shipped_prompt,
)
from psg.errors import PsgError
from psg.montage import DERIVATIONS, Derivation
from psg.rules.editions import DEFAULT_EDITION, RuleEdition, get_edition

FILE_NAME = "bundle.toml"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_MAX_TEXT_BYTES = 200_000


@dataclass(frozen=True)
class Decoding:
    """How replies are written: greedy always, so the same input gives the same reply.

    Parameters
    ----------
    max_new_tokens : int
        Longest reply.
    batch_size : int
        Windows written at once; 0 leaves it to the device.
    constrained : bool
        Whether only replies of the prompt's shape can be written.
    """

    max_new_tokens: int = 1024
    batch_size: int = 0
    constrained: bool = True


@dataclass(frozen=True)
class BundleSpec:
    """A bundle as its folder declares it, checked."""

    folder: Path
    name: str
    title: str
    adapter: str
    version: str
    description: str
    licence: str
    track: Track
    edition: RuleEdition
    prompt_template: str
    prompt: Prompt
    renderer_version: str
    channels: tuple[Derivation, ...]
    decoding: Decoding
    checkpoint: Path | None
    server: ServerSpec | None
    measured: tuple[Mapping[str, Any], ...] = field(default=())

    def prompt_for(self, derivations: tuple[Derivation, ...]) -> Prompt:
        """The prompt for a night that has these derivations."""
        system = fill_prompt(self.prompt_template, edition=self.edition, derivations=derivations)
        return Prompt(system, self.prompt.labels, self.prompt.keys, self.prompt.fence)


def read_bundle(folder: Path) -> BundleSpec:
    """Read and check the bundle in ``folder``.

    Raises
    ------
    BundleError
        When the folder is not a bundle, or names something that is missing or not allowed.
    """
    folder = folder.resolve()
    table = Table(_load_toml(folder), FILE_NAME)
    edition = _edition(table.text("rule_edition", DEFAULT_EDITION))
    channels = _channels(table)
    track = Track(table.choice("track", [*Track], Track.FINE))
    template, prompt = _prompt(folder, table, track, edition, channels)
    spec = BundleSpec(
        folder=folder,
        name=_name(table),
        title=table.text("title", table.text("name")),
        adapter=table.text("adapter"),
        version=table.text("version", "1"),
        description=table.text("description", ""),
        licence=table.text("licence"),
        track=track,
        edition=edition,
        prompt_template=template,
        prompt=prompt,
        renderer_version=table.text("renderer_version", ""),
        channels=channels,
        decoding=_decoding(table),
        checkpoint=_checkpoint(folder, table),
        server=read_server(table.table("server"), f"{FILE_NAME} [server]"),
        measured=tuple(table.tables("measured")),
    )
    table.refuse_unknown()
    return spec


def _load_toml(folder: Path) -> Mapping[str, Any]:
    path = folder / FILE_NAME
    if not path.is_file():
        raise BundleError(
            f"There is no {FILE_NAME} in this folder",
            where=folder.name,
            advice="docs/prescoring.md shows how to wrap a checkpoint.",
        )
    try:
        return tomllib.loads(_read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise BundleError(f"{FILE_NAME} is not valid TOML: {error}", where=folder.name) from None


def _read_text(path: Path) -> str:
    if path.stat().st_size > _MAX_TEXT_BYTES:
        raise BundleError("The file is too long", where=path.name)
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise BundleError("The file is not UTF-8 text", where=path.name) from None


def _name(table: Table) -> str:
    name = table.text("name")
    if not _NAME.fullmatch(name):
        raise BundleError(
            f"“{name[:70]}” is not a bundle name",
            where=FILE_NAME,
            advice="Use lower case letters, digits, dots and hyphens.",
        )
    return name


def _edition(edition_id: str) -> RuleEdition:
    try:
        return get_edition(edition_id)
    except PsgError as error:
        raise BundleError(error.what, where=FILE_NAME, advice=error.advice) from None


def _channels(table: Table) -> tuple[Derivation, ...]:
    names = table.texts("channels", tuple(DERIVATIONS))
    try:
        chosen = {Derivation(name) for name in names}
    except ValueError as error:
        known = ", ".join(DERIVATIONS)
        raise BundleError(str(error), where=FILE_NAME, advice=f"Use {known}.") from None
    return tuple(name for name in DERIVATIONS if name in chosen)


def _prompt(
    folder: Path,
    table: Table,
    track: Track,
    edition: RuleEdition,
    channels: tuple[Derivation, ...],
) -> tuple[str, Prompt]:
    section = table.table("prompt")
    file_name = section.text("file", "")
    labels = section.texts("labels", PUBLISHED_LABELS)
    if len(labels) != len(PUBLISHED_LABELS):
        raise BundleError("“labels” must hold three texts", where=f"{FILE_NAME} [prompt]")
    keys = section.texts("keys", PUBLISHED_KEYS if track is Track.FINE else PUBLISHED_KEYS[1:])
    fence = section.flag("fence", True)
    section.refuse_unknown()
    template = _read_text(_inside(folder, file_name)) if file_name else shipped_prompt(track)
    system = fill_prompt(template, edition=edition, derivations=channels)
    return template, Prompt(system, (labels[0], labels[1], labels[2]), keys, fence)


def _decoding(table: Table) -> Decoding:
    section = table.table("decoding")
    decoding = Decoding(
        max_new_tokens=section.number("max_new_tokens", Decoding.max_new_tokens, 8192),
        batch_size=section.number("batch_size", Decoding.batch_size, 256, least=0),
        constrained=section.flag("constrained", Decoding.constrained),
    )
    section.refuse_unknown()
    return decoding


def _checkpoint(folder: Path, table: Table) -> Path | None:
    name = table.text("checkpoint", "")
    if not name:
        return None
    checkpoint = _inside(folder, name)
    check_checkpoint(checkpoint)
    return checkpoint


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.exists():
        raise BundleError(
            f"“{name}” is not in the bundle folder", where=FILE_NAME, advice="Copy it there."
        )
    return path
