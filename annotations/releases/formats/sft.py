"""Samples for supervised fine-tuning, one JSON a line; the three images are named.

A coarse sample asks for stage and rules, a fine one for a rationale before them, each with its
own prompt. Epochs without rules teach nothing of rules and are left out; a fine night's epochs
without words become no sample either.
"""

import json
from collections.abc import Iterator
from typing import Any

from annotations.downloads import Checksummed, Spool
from annotations.exchange.massex_tables import ExportRow
from annotations.releases.formats.format import Format, Manifest
from annotations.releases.formats.signals import image_name, image_stems, window
from annotations.releases.nights import ReleaseNight
from studies.models import Track

# Made once: json.dumps makes another for every call that asks for something special.
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
        for track, prompt in sorted(self.manifest["prompts"].items()):
            with self.files.text(f"sft/prompt.{track}.md") as file:
                file.write(prompt["system"])

    def close(self) -> None:
        for spool in self._spools.values():
            spool.close()

    def _samples(self, night: ReleaseNight) -> Iterator[dict[str, Any]]:
        entry = night.entry
        prompt = self.manifest["prompts"][entry.track]
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
                "labels": prompt["labels"],
                "prompt": f"prompt.{entry.track}.md",
                "prompt_sha256": prompt["sha256"],
                "reply": reply_text(row, keys=prompt["keys"], fence=prompt["fence"]),
            }

    def _images(self, night: ReleaseNight, epoch: int) -> list[str]:
        stem = self._stems[night.entry.recording]
        return [image_name(stem, number) for number in window(epoch, night.entry.epoch_count)]


def reply_text(row: ExportRow, *, keys: list[str], fence: bool) -> str:
    """Return what a model should answer: the keys in their order, a rationale only if asked."""
    values = {
        "reasoning_text": row.rationale,
        "applicable_rules": list(row.rules),
        "sleep_stage": row.stage,
    }
    lines = ",\n".join(f"  {_JSON.encode(key)}: {_indented(values[key])}" for key in keys)
    body = f"{{\n{lines}\n}}"
    return f"```json\n{body}\n```" if fence else body


def _indented(value: Any) -> str:
    """Encode a text or a list of texts as indentation by two has it, without its slow encoder."""
    if not isinstance(value, list) or not value:
        return _JSON.encode(value)
    items = ",\n    ".join(map(_JSON.encode, value))
    return f"[\n    {items}\n  ]"
