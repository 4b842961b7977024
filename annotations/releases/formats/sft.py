"""Samples for supervised fine-tuning, as lines of JSON; each lists its three images.

The reply of a coarse sample has stage and rules, that of a fine sample a rationale before them;
each track has its own prompt. Epochs without rules are excluded, and of a night on the fine
track also those without a rationale.
"""

import json
from collections.abc import Iterator, Sequence

from annotations.downloads import Checksummed, Spool
from annotations.exchange.massex_tables import ExportRow
from annotations.releases.formats.format import Format
from annotations.releases.formats.signals import image_name, image_stems, window
from annotations.releases.manifest import Manifest
from annotations.releases.nights import ReleaseNight
from psg.typed_json import JsonObject
from studies.models import Track

# An encoder for all samples: json.dumps makes a new encoder for each call with options.
_JSON = json.JSONEncoder(ensure_ascii=False)


class SftFormat(Format):
    """sft/<part>.<track>.jsonl and the prompts as text."""

    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        super().__init__(files, manifest)
        self._stems = image_stems(manifest)
        self._spools: dict[str, Spool] = {}

    def add(self, night: ReleaseNight) -> None:
        name = f"{night.entry.part}.{night.entry.track}"
        for sample in self._samples(night):
            if name not in self._spools:
                self._spools[name] = Spool()
            self._spools[name].file.write(_JSON.encode(sample) + "\n")

    def finish(self) -> None:
        for name, spool in sorted(self._spools.items()):
            spool.copy_into(self.files, f"sft/{name}.jsonl")
        for track in sorted(Track.values):
            if prompt := self.manifest.prompts.get(track):
                with self.files.text(f"sft/prompt.{track}.md") as file:
                    file.write(prompt.system)

    def close(self) -> None:
        for spool in self._spools.values():
            spool.close()

    def _samples(self, night: ReleaseNight) -> Iterator[JsonObject]:
        entry = night.entry
        prompt = self.manifest.prompts[entry.track]
        for row in night.laid:
            if row.stage is None or row.number is None or not row.rules:
                continue
            if entry.track == Track.FINE and not row.rationale:
                continue
            yield {
                "id": f"{entry.name}#{row.number}",  # without the stage: ids reach models
                "subject": entry.subject,
                "recording": entry.recording,
                "scorer": entry.scorer,
                "epoch": row.epoch,
                "images": self._images(night, row.epoch),
                "labels": prompt.labels,
                "prompt": f"prompt.{entry.track}.md",
                "prompt_sha256": prompt.sha256,
                "reply": reply_text(row, keys=prompt.keys, fence=prompt.fence),
            }

    def _images(self, night: ReleaseNight, epoch: int) -> list[str]:
        stem = self._stems[night.entry.recording]
        return [image_name(stem, number) for number in window(epoch, night.entry.epoch_count)]


def reply_text(row: ExportRow, *, keys: Sequence[str], fence: bool) -> str:
    """Return the reply that a model should give: the values of these keys, in their order."""
    values = {
        "reasoning_text": row.rationale,
        "applicable_rules": list(row.rules),
        "sleep_stage": row.stage,
    }
    lines = ",\n".join(f"  {_JSON.encode(key)}: {_indented(values[key])}" for key in keys)
    body = f"{{\n{lines}\n}}"
    return f"```json\n{body}\n```" if fence else body


def _indented(value: object) -> str:
    """Encode a text or a list of texts as `json.dumps(indent=2)` does, and faster."""
    if not isinstance(value, list) or not value:
        return _JSON.encode(value)
    items = ",\n    ".join(map(_JSON.encode, value))
    return f"[\n    {items}\n  ]"
