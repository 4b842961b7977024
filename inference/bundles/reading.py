"""Read and check ``bundle.toml``.

A bundle is a folder with ``bundle.toml``, the prompts named in it and, for some adapters, a
checkpoint. Paths are relative to the folder and must lie inside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue

from inference.bundles.checkpoint import BundleError, check_checkpoint
from inference.bundles.serving import ServingSpec
from inference.bundles.toml import Section, Text, between, load_toml, read_section, wrong_value
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
SERVERS_VARIABLE = "MODEL_SERVERS"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_NAME_ADVICE = "Use lower case letters, digits, dots and hyphens."
_VARIABLE = re.compile(SERVERS_VARIABLE + r"(_[A-Z0-9]+)*")
_MAX_TEXT_BYTES = 200_000


class Grid(StrEnum):
    """How a night becomes epochs at 100 Hz.

    ``night``: it is filtered as a whole, on the clock. ``published``: its labelled epochs are
    joined first, and the time axis is stretched by up to 6 ms.
    """

    NIGHT = "night"
    PUBLISHED = "published"


def _bundle_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise wrong_value(
            f"“{name[:70]}” is not a bundle name",
            _NAME_ADVICE,
        )
    return name


def check_bundle_name(name: str) -> None:
    """Raise BundleError unless a bundle may have this name."""
    if not _NAME.fullmatch(name):
        raise BundleError(f"“{name[:70]}” is not a bundle name", advice=_NAME_ADVICE)


def _servers_variable(name: str) -> str:
    # Any other variable could hold a secret, which would then be used as an address.
    if not _VARIABLE.fullmatch(name):
        raise wrong_value(
            f"“addresses_in” is “{name[:60]}”",
            f"Use {SERVERS_VARIABLE}, or a name that starts with {SERVERS_VARIABLE}_.",
        )
    return name


def _three_labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(labels) != len(PUBLISHED_LABELS):
        raise wrong_value("“labels” must hold three texts", "Give a label for each image.")
    return labels


def _one_to_two(value: float) -> float:
    if not 1 <= value <= 2:
        raise wrong_value(f"“repetition_penalty” is {value:g}", "Write a number from 1 to 2.")
    return value


def _above_zero(value: float) -> float:
    if not 0 < value <= 2:
        raise wrong_value(f"“temperature” is {value:g}", "Write a number above 0, at most 2.")
    return value


MOST_REPLIES = 16
"""Most replies that are written for an epoch."""


class GroundingMode(StrEnum):
    """What is done with statements of a reply that measurements do not bear out."""

    OFF = "off"
    FLAG = "flag"
    BIND = "bind"


class Decoding(Section):
    """Settings of decoding; the same input always gives the same reply.

    Parameters
    ----------
    max_new_tokens : int
        Longest reply.
    batch_size : int
        Windows written at once; 0 leaves it to the device.
    constrained : bool
        Whether only replies of the prompt's shape can be written.
    repetition_penalty : float
        Divides the scores of tokens that occurred before; 1 leaves them as they are.
    stage_first : bool
        Whether the probabilities of the stages are read before any word is written.
    best_of : int
        Replies to each epoch, of which the one that measurements contradict least is kept. The
        first is the most probable one, the others are drawn.
    temperature : float
        Of the drawn replies.
    grounding : GroundingMode
        ``flag`` marks statements that measurements contradict. ``bind`` has the words of such a
        reply written again, so that they keep to what was measured.
    """

    max_new_tokens: Annotated[int, between(1, 8192)] = 1024
    batch_size: Annotated[int, between(0, 256)] = 0
    constrained: bool = True
    repetition_penalty: Annotated[float, AfterValidator(_one_to_two)] = 1.0
    stage_first: bool = False
    best_of: Annotated[int, between(1, MOST_REPLIES)] = 1
    temperature: Annotated[float, AfterValidator(_above_zero)] = 0.6
    grounding: GroundingMode = GroundingMode.OFF


class ServerSpec(Section):
    """Settings of an OpenAI-compatible server, without addresses and key.

    Addresses and key come from the environment of the worker, so that a bundle folder can be given
    to others.

    Parameters
    ----------
    model : str
        Name of the model on the server.
    addresses_in : str
        Environment variable of the worker that lists the addresses.
    concurrency : int
        Concurrent requests of a worker.
    timeout_s : int
        Time limit of a request, from sending it to the last byte of the answer.
    guided : bool
        Request replies bound to the published form, where the server can.
    """

    model: Text
    addresses_in: Annotated[Text, AfterValidator(_servers_variable)] = SERVERS_VARIABLE
    concurrency: Annotated[int, between(1, 256)] = 16
    timeout_s: Annotated[int, between(1, 3600)] = 120
    guided: bool = True


class SourceSpec(Section):
    """``[source]``: where weights were fetched, and the commit that their revision meant then."""

    repository: Text
    commit: Text
    revision: Text = ""


class _PromptSection(Section):
    """``[prompt]``: template and form of the reply.

    Without ``file`` the built-in template of the bundle's track is used.
    """

    file: Text = ""
    labels: Annotated[tuple[str, ...], AfterValidator(_three_labels)] = PUBLISHED_LABELS
    keys: tuple[str, ...] | None = None
    fence: bool = True


class _BundleFile(Section):
    """Content of ``bundle.toml``."""

    name: Annotated[Text, AfterValidator(_bundle_name)]
    adapter: Text
    licence: Text
    title: Text = ""
    version: Text = "1"
    description: Text = ""
    track: Track = Track.FINE
    rule_edition: Text = DEFAULT_EDITION
    renderer_version: Text = ""
    grid: Grid = Grid.NIGHT
    channels: tuple[Derivation, ...] = DERIVATIONS
    checkpoint: Text = ""
    prompt: _PromptSection = _PromptSection()
    decoding: Decoding = Decoding()
    server: ServerSpec | None = None
    serving: ServingSpec = ServingSpec()
    source: SourceSpec | None = None
    measured: tuple[dict[str, JsonValue], ...] = Field(default=())


@dataclass(frozen=True)
class BundleSpec:
    """A checked bundle."""

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
    serving: ServingSpec
    measured: tuple[Mapping[str, JsonValue], ...] = ()
    grid: Grid = Grid.NIGHT
    source: SourceSpec | None = None

    def prompt_for(self, derivations: tuple[Derivation, ...]) -> Prompt:
        """Return the prompt for a night with these derivations."""
        system = fill_prompt(self.prompt_template, edition=self.edition, derivations=derivations)
        return Prompt(system, self.prompt.labels, self.prompt.keys, self.prompt.fence)


def read_bundle(folder: Path) -> BundleSpec:
    """Read and check the bundle in ``folder``.

    Raises
    ------
    BundleError
        When the folder is not a bundle, or a named file is missing or not allowed.
    """
    folder = folder.resolve()
    declared = _declaration(folder)
    edition = _edition(declared.rule_edition)
    channels = tuple(name for name in DERIVATIONS if name in declared.channels)
    template = _template(folder, declared)
    keys = declared.prompt.keys
    if keys is None:
        keys = PUBLISHED_KEYS if declared.track is Track.FINE else PUBLISHED_KEYS[1:]
    return BundleSpec(
        folder=folder,
        name=declared.name,
        title=declared.title or declared.name,
        adapter=declared.adapter,
        version=declared.version,
        description=declared.description,
        licence=declared.licence,
        track=declared.track,
        edition=edition,
        prompt_template=template,
        prompt=Prompt(
            fill_prompt(template, edition=edition, derivations=channels),
            declared.prompt.labels,
            keys,
            declared.prompt.fence,
        ),
        renderer_version=declared.renderer_version,
        channels=channels,
        decoding=declared.decoding,
        checkpoint=_checkpoint(folder, declared.checkpoint),
        server=declared.server,
        serving=declared.serving,
        measured=declared.measured,
        grid=declared.grid,
        source=declared.source,
    )


def _declaration(folder: Path) -> _BundleFile:
    path = folder / FILE_NAME
    if not path.is_file():
        raise BundleError(
            f"There is no {FILE_NAME} in this folder",
            where=folder.name,
            advice="docs/prescoring.md shows how to wrap a checkpoint.",
        )
    _refuse_too_long(path)
    values = load_toml(path, BundleError, where=folder.name)
    return read_section(_BundleFile, values, file_name=FILE_NAME, error=BundleError)


def _edition(edition_id: str) -> RuleEdition:
    try:
        return get_edition(edition_id)
    except PsgError as error:
        raise BundleError(error.what, where=FILE_NAME, advice=error.advice) from None


def _template(folder: Path, declared: _BundleFile) -> str:
    if not declared.prompt.file:
        return shipped_prompt(declared.track)
    path = _inside(folder, declared.prompt.file)
    _refuse_too_long(path)
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise BundleError("The file is not UTF-8 text", where=path.name) from None


def _checkpoint(folder: Path, name: str) -> Path | None:
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


def _refuse_too_long(path: Path) -> None:
    if path.stat().st_size > _MAX_TEXT_BYTES:
        raise BundleError("The file is too long", where=path.name)
