"""The head of the dataset card, which programs read: licence, and which file is which split."""

import json
from collections.abc import Collection
from typing import Any

from annotations.releases.licences import licence_id
from annotations.releases.parts import SPLITS, parquet_name

CONFIG = "epochs"


def front_matter(manifest: dict[str, Any], names: Collection[str]) -> str:
    """Return the YAML between its lines; strings are written as JSON, which YAML reads."""
    lines = [
        "---",
        f"pretty_name: {json.dumps(manifest['title'], ensure_ascii=False)}",
        *_licence(manifest["licence"]),
        "tags:",
        "- sleep-staging",
        "- polysomnography",
        *_configs(names),
        "---",
    ]
    return "\n".join(lines) + "\n"


def _licence(text: str) -> list[str]:
    if known := licence_id(text):
        return [f"license: {known}"]
    return ["license: other", f"license_name: {json.dumps(text, ensure_ascii=False)}"]


def _configs(names: Collection[str]) -> list[str]:
    known = {parquet_name(part): split for part, split in SPLITS.items()}
    files = {split: name for name, split in known.items() if name in names}
    if not files:
        return []
    lines = ["configs:", f"- config_name: {CONFIG}", "  default: true", "  data_files:"]
    for split, name in files.items():
        lines += [f"  - split: {split}", f"    path: {name}"]
    return lines
