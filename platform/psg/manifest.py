"""The part of a release's manifest that programs outside the site read, such as training.

The site's own manifest adds to `PublishedManifest` what only the files of a release need.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from psg.epochs import EpochGrid
from psg.typed_json import JsonObject, as_json, from_json


@dataclass(frozen=True)
class NightEntry:
    """The entry of a scoring in the manifest; its rows by their common hash."""

    recording: str
    subject: str
    name: str
    scorer: str
    kind: str
    pass_number: int
    mode: str
    track: str
    part: str
    rule_edition: str
    recording_sha256: str
    has_images: bool
    epoch0_s: float
    epoch_count: int
    lights: tuple[float | None, float | None]
    scorer_lights: tuple[float | None, float | None]
    row_count: int
    kept_count: int
    rows_sha256: str

    @property
    def grid(self) -> EpochGrid:
        return EpochGrid(epoch0_s=self.epoch0_s, epoch_count=self.epoch_count)

    @property
    def key(self) -> str:
        return f"{self.recording} by {self.scorer}"

    def as_json(self) -> JsonObject:
        return dict(as_json(self))


WPT_PROMPT = "wpt"
"""Name of the prompt of pre-training in the published layout, beside those of the tracks."""


@dataclass(frozen=True)
class ReleasePrompt:
    """The prompt of a track or of pre-training, and the shape of its replies.

    `fence` puts replies into a code block.
    """

    system: str
    labels: tuple[str, ...]
    keys: tuple[str, ...]
    fence: bool
    sha256: str


@dataclass(frozen=True)
class PublishedManifest:
    """What a release is called, and the nights in it."""

    study: str
    title: str
    version: str
    licence: str
    rule_editions: tuple[str, ...]
    prompts: dict[str, ReleasePrompt]
    nights: tuple[NightEntry, ...]


def published_manifest(data: Mapping[str, object]) -> PublishedManifest:
    """Read the published part of the JSON of a manifest; other keys are left out.

    Raises
    ------
    TypeError, ValueError
        When a field is missing or of another type.
    """
    names = {field.name for field in fields(PublishedManifest)}
    return from_json(PublishedManifest, {name: data[name] for name in names & data.keys()})
